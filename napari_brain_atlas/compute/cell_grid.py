"""The cells of a section in spatial order, so that what lies together is read together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

CELLS_PER_BOX = 32
"""Cells in a box on average: few enough to look at all, many enough to skip well."""
SAMPLED_CELLS = 5000
NO_CELL = -1


@dataclass(frozen=True, slots=True, eq=False)
class CellGrid:
    """Cells sorted into square boxes, row by row.

    Attributes
    ----------
    xy : (n_cells, 2) float32
        Centroids in the order of the grid, (x, y).
    order : (n_cells,) int32
        Rank of each of them within the section.
    starts : (n_rows * n_columns + 1,) int64
        First cell of each box, and the number of cells.
    n_columns : int
    origin : (2,) tuple of float
        Corner of the first box, (x, y).
    side : float
        Of a box, in the unit of the coordinates.
    spacing : float
        Median distance of a cell to its nearest neighbor.
    """

    xy: NDArray[np.float32]
    order: NDArray[np.int32]
    starts: NDArray[np.int64]
    n_columns: int
    origin: tuple[float, float]
    side: float
    spacing: float

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.xy)

    @property
    def extent(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Lowest and highest (x, y) of the cells."""
        if not self.n_cells:
            return (0.0, 0.0), (1.0, 1.0)
        low, high = self.xy.min(axis=0), self.xy.max(axis=0)
        return (float(low[0]), float(low[1])), (float(high[0]), float(high[1]))

    def nearest(self, x: float, y: float, reach: float) -> int | None:
        """Rank in the section of the cell nearest to a point; None if none is within reach."""
        if not np.isfinite([x, y]).all():
            return None
        cell, _ = _nearest(self.xy, *self.boxes, x, y, reach, NO_CELL)
        return int(self.order[cell]) if cell != NO_CELL else None

    @property
    def boxes(self) -> tuple[NDArray[np.int64], int, float, float, float]:
        """What compiled code needs to find the boxes."""
        return self.starts, self.n_columns, *self.origin, self.side


def grid_cells(xy: NDArray[np.float32]) -> CellGrid:
    """Sort the cells of one section into boxes.

    Parameters
    ----------
    xy : (n_cells, 2) float32
        Centroids, (x, y).
    """
    xy = np.ascontiguousarray(xy, np.float32)
    low = xy.min(axis=0).astype(np.float64) if len(xy) else np.zeros(2)
    extent = (xy.max(axis=0) - low).astype(np.float64) if len(xy) else np.ones(2)
    side = _side(extent, len(xy))
    n_columns, n_rows = (int(n) + 1 for n in extent // side)
    order, starts = _sorted(xy, low[0], low[1], side, n_columns, n_rows)
    boxes = starts, n_columns, float(low[0]), float(low[1]), side
    ordered = xy[order]
    step = max(1, len(xy) // SAMPLED_CELLS)
    spacing = float(_spacing(ordered, *boxes, step))
    return CellGrid(ordered, order, starts, n_columns, boxes[2:4], side, spacing)


def _side(extent: NDArray[np.float64], n_cells: int) -> float:
    area = float(max(extent[0], 1e-9) * max(extent[1], 1e-9))
    side = (area * CELLS_PER_BOX / max(n_cells, 1)) ** 0.5
    # Cells on a line have no area: then the boxes are cut along it.
    return float(max(side, extent.max() * CELLS_PER_BOX / max(n_cells, 1) / 16, 1e-6))


@njit(cache=True, nogil=True)
def _sorted(xy, x0, y0, side, n_columns, n_rows):  # type: ignore[no-untyped-def]
    n = len(xy)
    box = np.empty(n, np.int32)
    starts = np.zeros(n_columns * n_rows + 1, np.int64)
    for k in range(n):
        column = min(int((xy[k, 0] - x0) / side), n_columns - 1)
        row = min(int((xy[k, 1] - y0) / side), n_rows - 1)
        box[k] = row * n_columns + column
        starts[box[k] + 1] += 1
    for b in range(len(starts) - 1):
        starts[b + 1] += starts[b]
    at = starts[:-1].copy()
    order = np.empty(n, np.int32)
    for k in range(n):
        order[at[box[k]]] = k
        at[box[k]] += 1
    return order, starts


@njit(cache=True, nogil=True)
def _nearest(xy, starts, n_columns, x0, y0, side, x, y, reach, but):  # type: ignore[no-untyped-def]
    """The cell nearest to a point, and the square of its distance; ring by ring of boxes."""
    n_rows = (len(starts) - 1) // n_columns
    middle_column, middle_row = int(np.floor((x - x0) / side)), int(np.floor((y - y0) / side))
    found, best = NO_CELL, reach * reach
    for ring in range(int(min(reach / side, n_rows + n_columns)) + 2):
        # All that is nearer than the ring before reached is known by now.
        if found != NO_CELL and best <= ((ring - 1) * side) ** 2:
            break
        for row in range(max(middle_row - ring, 0), min(middle_row + ring, n_rows - 1) + 1):
            edge = abs(row - middle_row) == ring
            for column in range(
                max(middle_column - ring, 0), min(middle_column + ring, n_columns - 1) + 1
            ):
                if not edge and abs(column - middle_column) != ring:
                    continue
                box = row * n_columns + column
                for cell in range(starts[box], starts[box + 1]):
                    square = (xy[cell, 0] - x) ** 2 + (xy[cell, 1] - y) ** 2
                    if square <= best and cell != but and (square < best or found == NO_CELL):
                        found, best = cell, square
    return found, best


@njit(cache=True, nogil=True)
def _spacing(xy, starts, n_columns, x0, y0, side, step):  # type: ignore[no-untyped-def]
    """Median distance of every step-th cell to its nearest neighbor; 1 where none is apart."""
    far = side * (len(starts) + 1)
    apart = np.empty(len(xy) // step + 1, np.float64)
    n = 0
    for cell in range(0, len(xy), step):
        x, y = xy[cell, 0], xy[cell, 1]
        found, square = _nearest(xy, starts, n_columns, x0, y0, side, x, y, far, cell)
        if found != NO_CELL and square > 0:
            apart[n] = np.sqrt(square)
            n += 1
    return np.median(apart[:n]) if n else 1.0
