"""The cells of a section in spatial order, so that what lies together is read together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

CELLS_PER_BOX = 32
"""Cells in a box on average: few enough to look at all, many enough to skip well."""
SAMPLED_CELLS = 2000
"""Cells whose nearest neighbor is looked for, to know how far cells are apart."""
_LOOKED_AT = 2_000_000
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
    extent : tuple
        Lowest and highest (x, y) of the cells.
    """

    xy: NDArray[np.float32]
    order: NDArray[np.int32]
    starts: NDArray[np.int64]
    n_columns: int
    origin: tuple[float, float]
    side: float
    spacing: float
    extent: tuple[tuple[float, float], tuple[float, float]]

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.xy)

    def nearest(self, x: float, y: float, reach: float) -> int | None:
        """Rank in the section of the cell nearest to a point; None if none is within reach."""
        if not np.isfinite([x, y]).all():
            return None
        place = float(x), float(y), float(reach)
        cell, _ = _nearest(self.xy, *self.boxes, *place, NO_CELL)
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
    # Compiled code is compiled anew for arrays that are read only.
    xy = np.require(xy, np.float32, ["C", "W"])
    # Column by column: along the short axis numpy takes a hundred times as long.
    x, y = xy.T
    low = (float(x.min()), float(y.min())) if len(xy) else (0.0, 0.0)
    high = (float(x.max()), float(y.max())) if len(xy) else (1.0, 1.0)
    width, height = high[0] - low[0], high[1] - low[1]
    side = _side(width, height, len(xy))
    n_columns, n_rows = int(width // side) + 1, int(height // side) + 1
    order, starts = _sorted(xy, *low, side, n_columns, n_rows)
    boxes = starts, n_columns, *low, side
    ordered = xy[order]
    step = max(1, len(xy) // _samples(starts))
    spacing = float(_spacing(ordered, *boxes, step))
    return CellGrid(ordered, order, starts, n_columns, low, side, spacing, (low, high))


def _side(width: float, height: float, n_cells: int) -> float:
    share = CELLS_PER_BOX / max(n_cells, 1)
    side = (max(width, 1e-9) * max(height, 1e-9) * share) ** 0.5
    # Cells on a line have no area: then the boxes are cut along it.
    return float(max(side, max(width, height) * share / 16, 1e-6))


def _samples(starts: NDArray[np.int64]) -> int:
    """Fewer where cells share a box with many, as when one that strayed makes boxes large."""
    counts = np.diff(starts).astype(np.float64)
    company = float(counts @ counts) / max(counts.sum(), 1.0)
    return int(np.clip(_LOOKED_AT / max(company, 1.0), 100, SAMPLED_CELLS))


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
    # From outside the rings begin at the box on the rim that is nearest.
    middle_column = int(min(max((x - x0) / side, 0), n_columns - 1))
    middle_row = int(min(max((y - y0) / side, 0), n_rows - 1))
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
        x, y = np.float64(xy[cell, 0]), np.float64(xy[cell, 1])
        found, square = _nearest(xy, starts, n_columns, x0, y0, side, x, y, far, cell)
        if found != NO_CELL and square > 0:
            apart[n] = np.sqrt(square)
            n += 1
    return np.median(apart[:n]) if n else 1.0
