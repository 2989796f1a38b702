"""An embedding that the file brings: scVI, CellCharter, BANKSY, or any other obsm array."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.model.atlas import Atlas

FEWEST_COLUMNS = 2
_SPREADS = (1e-12, 1e12)
"""Squares and sums of squares of what lies between are sure in float32."""
_PLACES = ("spatial", "ccf")
"""Names of arrays that tell where cells are contain one of these."""


def usable_arrays(atlas: Atlas) -> tuple[str, ...]:
    """Names of the obsm arrays that may be embeddings: two columns or more, no coordinates."""
    widths = atlas.measurements.embedding_widths()
    return tuple(
        key
        for key, width in widths.items()
        if width >= FEWEST_COLUMNS and not any(place in key.lower() for place in _PLACES)
    )


def given_embedding(atlas: Atlas, key: str, path: Path) -> NDArray[np.float32]:
    """Read an obsm array and check that neighborhoods can be found in it.

    Parameters
    ----------
    path : Path
        The file, for messages.

    Returns
    -------
    (n_cells, d) float32
        In atlas order; less the mean of each column, since distances between points far
        from 0 are lost to rounding.

    Raises
    ------
    InputError
        If it is not there, has one column, holds what is not a number, is the same for
        all cells, or is so large or small that distances are lost.
    """
    found = atlas.measurements.embedding(key)
    if found.shape[1] < FEWEST_COLUMNS:
        _refuse(path, key, "has one column only; choose one with two or more")
    bad = np.flatnonzero(~np.isfinite(found).all(axis=1))
    if len(bad):
        row = int(atlas.file_positions[bad].min())
        _refuse(
            path, key, f"holds what is not a number for {len(bad):,} of {len(found):,} cells, "
            f"first in row {row:,}; mend it or leave those cells out",
        )  # fmt: skip
    if len(found) > 1 and (found == found[0]).all():
        _refuse(path, key, "is the same for all cells; there is nothing to tell them apart by")
    spread = float(found.std(axis=0, dtype=np.float64).max(initial=0))
    if len(found) > 1 and not _SPREADS[0] < spread < _SPREADS[1]:
        _refuse(path, key, f"spreads over {spread:.0e}; scale it to about 1")
    found -= found.mean(axis=0, dtype=np.float64).astype(np.float32)
    return found


def digest_of_embedding(embedding: NDArray[np.float32]) -> str:
    """Tells one embedding from another: a file may get a new one under the same name."""
    return hashlib.blake2b(np.ascontiguousarray(embedding).data, digest_size=20).hexdigest()


def _refuse(path: Path, key: str, why: str) -> NoReturn:
    raise InputError(str(path), [f"obsm array {key!r} {why}"])
