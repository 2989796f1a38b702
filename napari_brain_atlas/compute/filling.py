"""Gaps between pixels that hold cells, filled from the nearest of these."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_brain_atlas.compute.bands import Buffers, in_bands

_FAR = 1e4
LONGEST = 120
"""Largest reach in pixels; the work grows with it."""


def fill_gaps(
    counts: NDArray[np.int32], reach: float, buffers: Buffers
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Find the nearest pixel with cells for each that has none.

    An exact Euclidean distance transform (Felzenszwalb & Huttenlocher 2012, in
    two passes), cut off at `reach`.

    Parameters
    ----------
    counts : (height, width) int32
        Cells in each pixel.
    reach : float
        Largest distance in pixels, at most `LONGEST`.
    buffers : Buffers
        Hold the result until the next call.

    Returns
    -------
    nearest : (height, width) int32
        Flat index of the pixel; itself where it holds cells, -1 out of reach.
    squares : (height, width) float32
        Squared distance in pixels.
    """
    height, width = counts.shape
    reach = min(reach, LONGEST)
    gaps = buffers.take("gaps", (height, width), np.float32)
    nearest = buffers.take("nearest", (height, width), np.int32)
    squares = buffers.take("squares", (height, width), np.float32)

    def work(first: int, stop: int) -> None:
        _along_columns(counts, first, stop, int(reach), gaps)
        _along_rows(gaps, first, stop, np.float32(reach), nearest, squares)

    in_bands(work, height)
    return nearest, squares


@njit(cache=True, nogil=True, fastmath=True)
def _along_columns(counts, first, stop, reach, gaps):  # type: ignore[no-untyped-def]
    """Rows to the nearest filled pixel of the same column; `_FAR` or more where there is none."""
    height, width = counts.shape
    far, zero, one = np.float32(_FAR), np.float32(0), np.float32(1)
    above, below = np.full(width, far, np.float32), np.full(width, far, np.float32)
    for i in range(max(first - reach, 0), stop):
        line = counts[i]
        for j in range(width):
            above[j] = zero if line[j] > 0 else above[j] + one
        if i >= first:
            # Upwards is negative.
            gaps[i] = -above
    for i in range(min(stop + reach, height) - 1, first - 1, -1):
        line = counts[i]
        for j in range(width):
            below[j] = zero if line[j] > 0 else below[j] + one
        if i < stop:
            row = gaps[i]
            for j in range(width):
                row[j] = below[j] if below[j] < -row[j] else row[j]


@njit(cache=True, nogil=True, fastmath=True)
def _take_nearer(downs, across, step, best, steps):  # type: ignore[no-untyped-def]
    for j in range(min(len(downs), len(best))):
        square = downs[j] + across
        nearer = square < best[j]
        best[j] = square if nearer else best[j]
        steps[j] = step if nearer else steps[j]


@njit(cache=True, nogil=True, fastmath=True)
def _along_rows(gaps, first, stop, reach, nearest, squares):  # type: ignore[no-untyped-def]
    width = gaps.shape[1]
    limit = reach * reach + np.float32(1e-3)
    farthest = int(reach)
    # Numbers of one size, and no branch: so the loops are compiled to vector instructions.
    downs = np.empty(width, np.float32)
    steps = np.empty(width, np.float32)
    for i in range(first, stop):
        row, best, found = gaps[i], squares[i], nearest[i]
        for j in range(width):
            downs[j] = row[j] * row[j]
            best[j] = downs[j]
            steps[j] = np.float32(0)
        for away in range(1, min(farthest, width - 1) + 1):
            across, step = np.float32(away * away), np.float32(away)
            _take_nearer(downs[away:], across, step, best, steps)
            _take_nearer(downs, across, -step, best[away:], steps[away:])
        for j in range(width):
            column = j + int(steps[j])
            there = (i + int(row[column])) * width + column
            found[j] = there if best[j] <= limit else -1
            best[j] = min(best[j], limit)
