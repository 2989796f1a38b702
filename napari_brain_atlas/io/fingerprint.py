"""What makes a file the same file for a curation: its cells, not its columns."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.io.names import DIGITS

_PARTS = ("number of cells", "names of the cells", "sections", "coordinates")


def fingerprint_of(
    names: str,
    sections: NDArray[np.int32],
    section_names: Sequence[str],
    xy: NDArray[np.float64],
) -> str:
    """Hash of number, names, sections and coordinates of the cells.

    Parameters
    ----------
    names : str
        Fingerprint of the names, as `CellNames` has it.
    sections : (n_cells,) int32
        Numbered by first appearance, with their names.
    xy : (n_cells, 2) float64
        As they stand in the file, before any change of unit.

    Returns
    -------
    str
        The number of cells and one hash for each other part, joined by dashes,
        so that a mismatch can say what differs. The recipe is part of the
        journal's format.
    """
    by_section = hashlib.sha256("\0".join(section_names).encode() + b"\0")
    by_section.update(np.ascontiguousarray(sections, "<i4").tobytes())
    by_place = hashlib.sha256(np.ascontiguousarray(xy, "<f8").tobytes())
    hashes = (h.hexdigest()[:DIGITS] for h in (by_section, by_place))
    return "-".join((names, *hashes))


def difference(ours: str, theirs: str) -> str:
    """What differs between two fingerprints, in words; empty if nothing does."""
    pairs = zip(_PARTS, ours.split("-"), theirs.split("-"), strict=False)
    if ours.split("-")[:1] != theirs.split("-")[:1]:
        return f"number of cells ({ours.split('-')[0]} here, {theirs.split('-')[0]} there)"
    return ", ".join(part for part, a, b in pairs if a != b)
