"""Gaps between pixels that hold cells, filled from the nearest of these."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_brain_atlas.compute.bands import Buffers, in_bands

_FAR = 127
LONGEST = 120
"""Largest reach in pixels: distances along a column are kept in a byte."""


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
    gaps = buffers.take("gaps", (height, width), np.int8)
    nearest = buffers.take("nearest", (height, width), np.int32)
    squares = buffers.take("squares", (height, width), np.float32)
    in_bands(lambda a, b: _along_columns(counts, a, b, int(reach), gaps), height)
    in_bands(lambda a, b: _along_rows(gaps, a, b, np.float32(reach), nearest, squares), height)
    return nearest, squares


@njit(cache=True, nogil=True)
def _along_columns(counts, first, stop, reach, gaps):  # type: ignore[no-untyped-def]
    """Rows to the nearest filled pixel of the same column; `_FAR` where there is none."""
    height, width = counts.shape
    above = np.full(width, _FAR, np.int8)
    for i in range(max(first - reach, 0), stop):
        for j in range(width):
            one = np.int8(min(above[j] + 1, _FAR))
            above[j] = np.int8(0) if counts[i, j] > 0 else one
        if i >= first:
            for j in range(width):
                # Upwards is negative.
                gaps[i, j] = -above[j]
    below = np.full(width, _FAR, np.int8)
    for i in range(min(stop + reach, height) - 1, first - 1, -1):
        for j in range(width):
            one = np.int8(min(below[j] + 1, _FAR))
            below[j] = np.int8(0) if counts[i, j] > 0 else one
        if i < stop:
            for j in range(width):
                gap = gaps[i, j]
                gaps[i, j] = below[j] if below[j] < -gap else gap


@njit(cache=True, nogil=True, fastmath=True)
def _along_rows(gaps, first, stop, reach, nearest, squares):  # type: ignore[no-untyped-def]
    width = gaps.shape[1]
    limit = reach * reach
    farthest = int(reach)
    for i in range(first, stop):
        for j in range(width):
            gap = np.int32(gaps[i, j])
            if gap == 0:
                nearest[i, j], squares[i, j] = i * width + j, np.float32(0)
                continue
            best, found = limit + np.float32(1e-3), -1
            if gap * gap <= limit:
                best, found = np.float32(gap * gap), (i + gap) * width + j
            for away in range(1, farthest + 1):
                if away * away >= best:
                    break
                for column in (j - away, j + away):
                    if 0 <= column < width:
                        gap = np.int32(gaps[i, column])
                        square = np.float32(gap * gap + away * away)
                        if square < best:
                            best, found = square, (i + gap) * width + column
            nearest[i, j], squares[i, j] = found, min(best, limit)
