"""Sets of cells as they stand in commands.

A set is written in one of three forms, see docs/journal-format.md:

- a list of positions in file order,
- ``{"bits": {"<section>": "<base64>"}}``: per section a compressed bitmap,
- ``{"blob": "<sha256>"}``: the same bitmaps in the archive.

Sections are numbered by their first appearance in the file and bits by the
rank of the cell within its section, in file order, so that the meaning does
not depend on the order in which sections are shown.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from napari_brain_atlas.errors import CommandError, JournalError
from napari_brain_atlas.model.archive import Archive, arrays_to_bytes, bytes_to_arrays
from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.model.neighborhood import FrozenModel, not_truth

INLINE_BYTES = 22_000
"""A set whose bitmaps are larger than this goes to the archive."""
FEW_CELLS = 64
"""A set of at most so many cells is written as plain positions."""

Position = Annotated[int, BeforeValidator(not_truth), Field(ge=0)]


class CellBits(FrozenModel):
    """Per-section compressed bitmaps, inside the command."""

    bits: dict[str, str]


class CellBlob(FrozenModel):
    """Per-section compressed bitmaps, in the archive."""

    blob: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


CellSet = tuple[Position, ...] | CellBits | CellBlob


def decode_cells(cells: CellSet, atlas: Atlas, archive: Archive) -> NDArray[np.int64]:
    """Cells of a set, in atlas order.

    Returns
    -------
    (n,) int64
        Sorted, without repeats.

    Raises
    ------
    CommandError
        If a position lies outside the file or a bitmap does not fit its section.
    JournalError
        If the blob is missing or damaged.
    """
    if isinstance(cells, CellBits):
        bitmaps = {_number(key): _inflate(text) for key, text in cells.bits.items()}
        return _bitmaps_to_cells(bitmaps, atlas)
    if isinstance(cells, CellBlob):
        return _bitmaps_to_cells(_read_blob(cells.blob, atlas, archive), atlas)
    if cells and max(cells) >= atlas.n_cells:
        raise CommandError(
            f"cell position {max(cells)} is outside the file, which has "
            f"{atlas.n_cells:,} cells (positions 0 to {atlas.n_cells - 1})"
        )
    return np.sort(atlas.atlas_positions[np.unique(np.asarray(cells, np.int64))])


def compact(cells: CellSet, atlas: Atlas, archive: Archive) -> CellSet:
    """The same set in its smallest form; bitmaps stay as they are.

    Raises
    ------
    CommandError
        If a position lies outside the file.
    WriteError
        If the set is large and the archive cannot keep it.
    """
    if not isinstance(cells, tuple):
        return cells
    return encode_cells(decode_cells(cells, atlas, archive), atlas, archive)


def encode_cells(cells: NDArray[np.int64], atlas: Atlas, archive: Archive) -> CellSet:
    """Write a set of cells, given in atlas order, in its smallest form.

    Raises
    ------
    WriteError
        If the set is large and the archive cannot keep it.
    """
    if np.any(np.diff(cells) <= 0):
        cells = np.unique(cells)
    if len(cells) <= FEW_CELLS:
        return tuple(int(p) for p in np.sort(atlas.file_positions[cells]))
    bitmaps = _cells_to_bitmaps(cells, atlas)
    packed = {str(number): zlib.compress(bits.tobytes(), 9) for number, bits in bitmaps.items()}
    if sum(map(len, packed.values())) <= INLINE_BYTES:
        return CellBits(bits={key: base64.b64encode(b).decode() for key, b in packed.items()})
    return CellBlob(blob=archive.write(bitmaps_to_bytes(bitmaps)))


def bitmaps_to_bytes(bitmaps: dict[int, NDArray[np.uint8]]) -> bytes:
    """Pack bitmaps by section number into a blob."""
    numbers = sorted(bitmaps)
    return arrays_to_bytes(
        {
            "section": np.array(numbers, np.int32),
            "bits": np.concatenate([bitmaps[n] for n in numbers] or [np.empty(0, np.uint8)]),
        }
    )


def _read_blob(digest: str, atlas: Atlas, archive: Archive) -> dict[int, NDArray[np.uint8]]:
    arrays = bytes_to_arrays(archive.read(digest), f"the set of cells {digest}")
    if set(arrays) != {"section", "bits"}:
        raise JournalError(f"the content {digest} is not a set of cells")
    numbers = arrays["section"].tolist()
    sections = [_section(number, atlas) for number in numbers]
    ends = np.cumsum([0, *((s.n_cells + 7) // 8 for s in sections)])
    if len(arrays["bits"]) != ends[-1] or len(set(numbers)) != len(numbers):
        raise JournalError(f"the set of cells {digest} does not fit the sections of this file")
    return {
        number: arrays["bits"][first:last]
        for number, first, last in zip(numbers, ends[:-1], ends[1:], strict=True)
    }


def _bitmaps_to_cells(bitmaps: dict[int, NDArray[np.uint8]], atlas: Atlas) -> NDArray[np.int64]:
    parts = [_bits_to_cells(bits, _section(number, atlas)) for number, bits in bitmaps.items()]
    return np.sort(np.concatenate(parts or [np.empty(0, np.int64)]))


def _bits_to_cells(bits: NDArray[np.uint8], section: Section) -> NDArray[np.int64]:
    if len(bits) != (section.n_cells + 7) // 8:
        raise CommandError(
            f"the set of cells does not fit section {section.name!r} of {section.n_cells:,} cells"
        )
    chosen = np.unpackbits(bits, count=section.n_cells, bitorder="little")
    return np.flatnonzero(chosen) + section.start


def _cells_to_bitmaps(cells: NDArray[np.int64], atlas: Atlas) -> dict[int, NDArray[np.uint8]]:
    bounds = np.searchsorted(cells, atlas.section_starts)
    bitmaps = {}
    for section in atlas.sections:
        first, last = bounds[section.index], bounds[section.index + 1]
        if first < last:
            chosen = np.zeros(section.n_cells, bool)
            chosen[cells[first:last] - section.start] = True
            number = int(atlas.section_numbers[section.index])
            bitmaps[number] = np.packbits(chosen, bitorder="little")
    return bitmaps


def _section(number: int, atlas: Atlas) -> Section:
    found = np.flatnonzero(atlas.section_numbers == number)
    if not len(found):
        raise CommandError(
            f"the set of cells names section number {number}; "
            f"this file has {len(atlas.sections)} sections"
        )
    return atlas.sections[int(found[0])]


def _number(key: str) -> int:
    # Only one way to write a number, so that no two keys name one section.
    if not (key.isascii() and key.isdecimal() and str(int(key)) == key):
        raise CommandError(f"the set of cells names section {key!r}; a number was expected")
    return int(key)


def _inflate(text: str) -> NDArray[np.uint8]:
    try:
        return np.frombuffer(zlib.decompress(base64.b64decode(text, validate=True)), np.uint8)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise CommandError(f"a bitmap in the set of cells cannot be read: {error}") from error
