"""Which cell is nearest to each pixel: for views in which cells are far apart."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_brain_atlas.compute.bands import Buffers, in_bands
from napari_brain_atlas.compute.cell_grid import CellGrid
from napari_brain_atlas.compute.view import View

NO_CELL = -1


def nearest_cells(
    grid: CellGrid, view: View, reach: float, buffers: Buffers
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Find the cell nearest to the centre of each pixel.

    Parameters
    ----------
    reach : float
        How far a cell may be, in pixels. The work grows with its square.
    buffers : Buffers
        Hold the result until the next call.

    Returns
    -------
    nearest : (height, width) int32
        Cell in the order of the grid, -1 where none is within reach.
    squares : (height, width) float32
        Squared distance in pixels; ``reach ** 2`` where there is none.
    """
    shape = view.height, view.width
    nearest = buffers.take("nearest", shape, np.int32)
    squares = buffers.take("squares", shape, np.float32)
    boxes, matrix, reach = grid.boxes, view.floats, float(reach)

    def work(first: int, stop: int) -> None:
        band = nearest[first:stop], squares[first:stop]
        _splat(grid.xy, *boxes, matrix, first, reach, *band)

    in_bands(work, view.height)
    return nearest, squares


@njit(cache=True, nogil=True, fastmath=True)
def _splat(xy, starts, n_columns, x0, y0, side, matrix, first, reach, nearest, squares):  # type: ignore[no-untyped-def]
    a, b, c, d, e, f = matrix
    hx = (abs(a) + abs(b)) * side / 2 + 1 + reach
    hy = (abs(d) + abs(e)) * side / 2 + 1 + reach
    rows, width = nearest.shape
    radius = np.float32(reach)
    squares[:] = radius * radius
    nearest[:] = NO_CELL
    for box in range(len(starts) - 1):
        x = x0 + (box % n_columns + 0.5) * side
        y = y0 + (box // n_columns + 0.5) * side
        i, j = d * x + e * y + f - first, a * x + b * y + c
        if i + hy < 0 or i - hy >= rows or j + hx < 0 or j - hx >= width:
            continue
        for cell in range(starts[box], starts[box + 1]):
            # Pixel (i, j) has its centre half a pixel further. Places are found in double
            # precision, distances, which are small, in single.
            column = a * xy[cell, 0] + b * xy[cell, 1] + (c - 0.5)
            row = d * xy[cell, 0] + e * xy[cell, 1] + (f - 0.5)
            left = max(int(np.ceil(column - radius)), 0)
            n = min(int(np.floor(column + radius)) + 1, width) - left
            this = np.int32(cell)
            across = np.float32(left - column)
            top = max(int(np.ceil(row - radius)), first)
            for i in range(top, min(int(np.floor(row + radius)) + 1, first + rows)):
                down = np.float32(i - row) ** 2
                line, owners = squares[i - first], nearest[i - first]
                # Without a branch, so that it is compiled to vector instructions.
                for t in range(n):
                    square = (across + np.float32(t)) ** 2 + down
                    before, owner = line[left + t], owners[left + t]
                    line[left + t] = square if square < before else before
                    owners[left + t] = this if square < before else owner
