"""What makes a file the same file for a curation: its cells, not its columns."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_ROWS = 200_000


def fingerprint_of(
    names: NDArray[np.object_],
    sections: NDArray[np.int32],
    section_names: Sequence[str],
    xy: NDArray[np.float64],
) -> str:
    """Hash of number, names, sections and coordinates of the cells.

    Parameters
    ----------
    names : (n_cells,) object
        In file order.
    sections : (n_cells,) int32
        Numbered by first appearance, with their names.
    xy : (n_cells, 2) float64
        As they stand in the file, before any change of unit.

    Returns
    -------
    str
        64 hexadecimal digits. The recipe is part of the journal's format.
    """
    digest = hashlib.sha256(b"napari-brain-atlas cells 1\0")
    digest.update(f"{len(names)}\0".encode())
    for start in range(0, len(names), _ROWS):
        digest.update("\0".join(map(str, names[start : start + _ROWS])).encode() + b"\0")
    digest.update("\0".join(section_names).encode() + b"\0")
    digest.update(np.ascontiguousarray(sections, "<i4").tobytes())
    digest.update(np.ascontiguousarray(xy, "<f8").tobytes())
    return digest.hexdigest()
