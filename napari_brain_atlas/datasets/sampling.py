"""Cells on a section: exactly so many, evenly spaced, denser where tissue is denser."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.datasets.anatomy.brain import HALF_WIDTH, HEIGHT

Values = NDArray[np.float64]


def jittered_grid(
    spacing: float, rng: np.random.Generator | None = None
) -> tuple[Values, Values, NDArray[np.int64]]:
    """Lay one place into each square of a grid over the standard brain.

    Parameters
    ----------
    spacing : float
        Side of a square, mm.
    rng : Generator, optional
        Moves each place at random within its square; None for the centers.

    Returns
    -------
    x, y : (n,) float64
        mm, (x, y).
    order : (n,) int64
        The places along a Hilbert curve, so that neighbors follow each other.
    """
    columns, rows = int(2 * HALF_WIDTH / spacing) + 1, int(HEIGHT / spacing) + 1
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(columns), np.arange(rows)))
    jitter = rng.random((2, len(column))) if rng else np.full((2, len(column)), 0.5)
    x = (column + jitter[0]) * spacing - HALF_WIDTH
    y = (row + jitter[1]) * spacing
    return x, y, np.argsort(hilbert_rank(column, row), kind="stable")


def choose_cells(
    weights: Values, order: NDArray[np.int64], n_cells: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Choose exactly `n_cells` places, each in proportion to its weight.

    Stratified sampling along the curve: every stretch of equal weight gets one
    cell, so neither clumps nor holes arise by chance. A place may be chosen
    more than once where its weight is large.

    Returns
    -------
    (n_cells,) int64
        Index of the place of each cell, in random order.
    """
    total = np.cumsum(weights[order])
    targets = (np.arange(n_cells) + 0.15 + 0.7 * rng.random(n_cells)) * (total[-1] / n_cells)
    found = np.searchsorted(total, targets, side="right")
    return rng.permutation(order[np.minimum(found, len(order) - 1)])


def hilbert_rank(column: NDArray[np.int64], row: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rank of grid squares along Hilbert's curve.

    The iterative form of Hilbert's curve, as in Warren, Hacker's Delight, 2nd
    edition, chapter 16.
    """
    x, y = column.astype(np.int64), row.astype(np.int64)
    rank = np.zeros(len(x), np.int64)
    side = 1 << int(max(x.max(), y.max(), 1)).bit_length() >> 1
    while side:
        right, lower = (x & side) > 0, (y & side) > 0
        rank += side * side * ((3 * right) ^ lower)
        flip = ~lower & right
        x, y = np.where(flip, ~x, x), np.where(flip, ~y, y)
        x, y = np.where(~lower, y, x), np.where(~lower, x, y)
        side >>= 1
    return rank
