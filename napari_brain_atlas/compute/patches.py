"""Patches of tissue, of which half are left out.

Cells side by side share their surroundings, so leaving out cells one by one changes
nothing: what can be trusted shows when whole patches are left out, a block bootstrap in
space (Hall 1985, Künsch 1989).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.model.atlas import Atlas

# Twice the cells that an embedding averages over.
CELLS_PER_PATCH = 100
FEWEST_PATCHES = 20
SQUARES_PER_CELL = 10


def half_of_tissue(
    atlas: Atlas,
    rng: np.random.Generator,
    cells: NDArray[np.int64] | None = None,
    cells_per_patch: int = CELLS_PER_PATCH,
) -> NDArray[np.bool_]:
    """Choose half of the patches of every section at random.

    Patches are the squares of a grid that is turned and shifted anew each time, so that
    no border between patches stays.

    Parameters
    ----------
    cells : (n,) int64, optional
        Only these cells, ascending, in atlas order.
    cells_per_patch : int
        About; lowered where there would be fewer than 20 patches.

    Returns
    -------
    (n,) bool
        Whether the cell's patch was chosen.
    """
    cells = np.arange(atlas.n_cells) if cells is None else cells
    wanted = float(np.clip(len(cells) / FEWEST_PATCHES, 1, cells_per_patch))
    chosen = np.zeros(len(cells), np.bool_)
    for start, stop in pairwise(np.searchsorted(cells, atlas.section_starts)):
        if start < stop:
            chosen[start:stop] = _half(atlas.xy[cells[start:stop]], wanted, rng)
    return chosen


def _half(
    xy: NDArray[np.float32], cells_per_patch: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    angle, shift = rng.uniform(0, np.pi / 2), rng.uniform(0, 1, 2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = xy.astype(np.float64) @ turn
    turned -= turned.min(axis=0)
    pitch = _pitch(turned, cells_per_patch)
    square = _squares(turned / pitch + shift)
    # Where few squares hold cells, a stray cell far away, the others need no number.
    if int(square.max()) > SQUARES_PER_CELL * len(square):
        square = np.unique(square, return_inverse=True)[1]
    n_cells = np.bincount(square)
    patches = rng.permutation(np.flatnonzero(n_cells))
    chosen = np.zeros(len(n_cells), np.bool_)
    chosen[patches[: -(-len(patches) // 2)]] = True
    return np.asarray(chosen[square])


def _squares(places: NDArray[np.float64]) -> NDArray[np.int64]:
    """A number for the unit square in which each place, from 0 on, lies."""
    column, row = np.floor(places).astype(np.int64).T
    return np.asarray(column * (int(row.max()) + 1) + row)


def _pitch(xy: NDArray[np.float64], cells_per_patch: float) -> float:
    """Side of a square that holds so many cells where there is tissue."""
    width, height = np.maximum(xy.max(axis=0), 1e-9)
    n_patches = max(len(xy) / cells_per_patch, 1.0)
    pitch = max(float(np.sqrt(width * height / n_patches)), max(width, height) / n_patches)
    # Tissue does not fill its bounding box: squares without cells do not count.
    occupied = len(np.unique(_squares(xy / pitch)))
    return float(pitch * np.sqrt(cells_per_patch * occupied / len(xy)))
