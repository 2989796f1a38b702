"""Small atlases in memory, and sets of cells written by hand as the format says."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.model.archive import MemoryArchive
from napari_brain_atlas.model.atlas import Atlas, Column, Section, Unit
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.proposal import (
    Base,
    Proposal,
    ProposedNeighborhood,
    base_to_curation,
    proposal_to_bytes,
)

GENES = ("Wfs1", "Prox1", "Calb1")


@dataclass(frozen=True)
class NoMeasurements:
    """Names of genes, and nothing measured."""

    genes: tuple[str, ...] = GENES
    column_names: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        raise InputError("memory", [f"no column {name}"])

    def numbers(self, name: str) -> NDArray[np.float32]:
        raise InputError("memory", [f"no column {name}"])

    def is_numeric(self, name: str) -> bool:
        raise NotImplementedError

    def colors(self, name: str) -> tuple[str, ...]:
        return ()

    def embedding(self, key: str) -> NDArray[np.float32]:
        raise InputError("memory", [f"no embedding {key}"])

    def embedding_widths(self) -> dict[str, int]:
        return {}

    def gene(self, name: str) -> NDArray[np.float32]:
        raise InputError("memory", [f"no gene {name}"])

    def expression(self, section: Section) -> sparse.csr_matrix[Any]:
        return sparse.csr_matrix((section.n_cells, 0), dtype=np.float32)


def small_atlas(
    sizes: Sequence[int] = (9, 17, 8, 1, 12),
    animals: Sequence[str] = ("a", "a", "b", "b", "b"),
    seed: int = 3,
) -> Atlas:
    """Sections of the given sizes whose cells are shuffled in the file."""
    n = sum(sizes)
    rows = np.random.default_rng(seed).permutation(n)
    stops = np.cumsum(sizes)
    starts = stops - np.array(sizes)
    pairs = list(zip(starts.tolist(), stops.tolist(), strict=True))
    file_positions = np.concatenate([np.sort(rows[a:b]) for a, b in pairs])
    sections = tuple(Section(i, f"s{i}", animals[i], None, a, b) for i, (a, b) in enumerate(pairs))
    xy = np.random.default_rng(seed + 1).uniform(0, 100, (n, 2)).astype(np.float32)
    return Atlas(
        sections, xy, file_positions.astype(np.int64), Unit("um", 1.0, "made for a test"),
        f"{n}-test", NoMeasurements(),
    )  # fmt: skip


def rows_by_number(atlas: Atlas) -> list[list[int]]:
    """Rows of the file on each section, numbered by first appearance."""
    section = {}
    for s in atlas.sections:
        for row in atlas.file_positions[s.cells].tolist():
            section[row] = s.index
    order = list(dict.fromkeys(section[row] for row in range(atlas.n_cells)))
    return [[r for r in range(atlas.n_cells) if section[r] == s] for s in order]


def bitmaps_of(positions: Iterable[int], atlas: Atlas) -> dict[int, bytes]:
    """Bitmaps of a set of cells, bit by bit from the text of the format."""
    wanted = set(positions)
    bitmaps = {}
    for number, rows in enumerate(rows_by_number(atlas)):
        packed = bytearray((len(rows) + 7) // 8)
        for i, row in enumerate(rows):
            if row in wanted:
                packed[i // 8] |= 1 << (i % 8)
        if any(packed):
            bitmaps[number] = bytes(packed)
    return bitmaps


def bits_of(positions: Iterable[int], atlas: Atlas) -> dict[str, Any]:
    """A set of cells in the second form."""
    return {
        "bits": {
            str(number): base64.b64encode(zlib.compress(packed)).decode()
            for number, packed in bitmaps_of(positions, atlas).items()
        }
    }


def blob_of(positions: Iterable[int], atlas: Atlas, archive: Any) -> dict[str, Any]:
    """A set of cells in the third form."""
    bitmaps = bitmaps_of(positions, atlas)
    buffer = io.BytesIO()
    np.savez(
        buffer,
        section=np.array(list(bitmaps), np.int32),
        bits=np.frombuffer(b"".join(bitmaps.values()), np.uint8),
    )
    return {"blob": archive.write(buffer.getvalue())}


NAMES = {1: "CA1so", 2: "CA1sp", 3: "DG", 4: "VISp"}


def start(atlas: Atlas) -> Curation:
    """Cells in turn to neighborhoods 0 to 4 by their row in the file, 4 being one section's."""
    rows = atlas.file_positions
    labels = (rows % 4).astype(np.int32)
    last = atlas.sections[-1]
    labels[last.start : last.start + 5] = 4
    confidence = (rows * 5 % 255).astype(np.uint8)
    neighborhoods = tuple(
        Neighborhood(id=i, name=name, color=f"#a0{i}0ff") for i, name in NAMES.items()
    )
    return base_to_curation(Base(labels, confidence, neighborhoods), atlas)


def owners_by_row(curation: Curation, atlas: Atlas) -> list[int]:
    """Neighborhood id of each row of the file."""
    return curation.owners_of_cells()[atlas.atlas_positions].tolist()


def rows_of(curation: Curation, atlas: Atlas, identity: int) -> list[int]:
    """Rows of the file that a neighborhood owns."""
    owners = owners_by_row(curation, atlas)
    return [row for row, owner in enumerate(owners) if owner == identity]


class CountingArchive(MemoryArchive):
    """Counts what is written, and refuses where it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.error: Exception | None = None

    def write(self, content: bytes) -> str:
        if self.error is not None:
            raise self.error
        self.writes += 1
        return super().write(content)


def proposed(
    atlas: Atlas, rows: list[int] | None, labels: list[int], continues: list[int | None]
) -> bytes:
    """A proposal by rows of the file; `rows` is None for all cells."""
    scope = list(range(atlas.n_cells)) if rows is None else rows
    by_cell = sorted(zip(atlas.atlas_positions[scope].tolist(), labels, strict=True))
    proposal = Proposal(
        labels=np.array([label for _, label in by_cell], np.int32),
        confidence=np.full(len(scope), 127, np.uint8),
        neighborhoods=tuple(
            ProposedNeighborhood(name=f"p{i}", color="#abcdef", continues=c)
            for i, c in enumerate(continues)
        ),
        cells=None if rows is None else np.array([c for c, _ in by_cell], np.int64),
        evidence={"seed": 1},
    )
    return proposal_to_bytes(proposal, atlas)
