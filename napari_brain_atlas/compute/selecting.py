"""The cells that a hand has pointed out: by polygon, rectangle, brush, or on a side of a cut.

All of them look at every cell of a section, whatever is drawn. Points are
float32, as the coordinates of the cells are.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from napari_brain_atlas.compute.cell_grid import CellGrid, grid_cells
from napari_brain_atlas.compute.polygons import mark_inside
from napari_brain_atlas.errors import InputError

Ranks = NDArray[np.int32]
FAR = 2.0
"""How far beyond everything a cut is drawn on, in sizes of everything."""


def cells_in_polygon(grid: CellGrid, vertices: ArrayLike) -> Ranks:
    """The cells inside a polygon, which may cross itself, by the even-odd rule; exact.

    Of cells on an edge those on a left edge, or on one towards smaller y, are
    inside; those on a right edge, or on one towards larger y, are not. So
    polygons that share an edge share no cell, and miss none between them.

    Parameters
    ----------
    vertices : (n, 2)
        (x, y) in the unit of the grid; the last is joined to the first. Less
        than three hold no cell.

    Returns
    -------
    (n_inside,) int32
        Ranks in the section, rising.

    Raises
    ------
    InputError
        If a vertex is not two finite numbers.
    """
    return _ranks(_inside(grid, points_of(vertices)))


def cells_in_rectangle(grid: CellGrid, corner: ArrayLike, opposite: ArrayLike) -> Ranks:
    """The cells in an upright rectangle, those on its edges included.

    Parameters
    ----------
    corner, opposite : (2,)
        Any two opposite corners, (x, y).

    Returns
    -------
    (n_inside,) int32
        Ranks in the section, rising.

    Raises
    ------
    InputError
        If a corner is not two finite numbers.
    """
    corners = points_of(np.stack([np.asarray(corner), np.asarray(opposite)]))
    chosen = np.zeros(grid.n_cells, bool)
    _mark_rectangle(grid.xy, grid.order, grid.boxes, corners.min(0), corners.max(0), chosen)
    return _ranks(chosen)


def cells_in_brush(grid: CellGrid, path: ArrayLike, radius: float) -> Ranks:
    """The cells within a distance of a path.

    Parameters
    ----------
    path : (n, 2)
        Points of an open polyline, (x, y); one alone is a dab, none choose nothing.
    radius : float
        In the unit of the grid; cells just so far away are included.

    Returns
    -------
    (n_inside,) int32
        Ranks in the section, rising.

    Raises
    ------
    InputError
        If a point is not two finite numbers, or the radius is negative or not finite.
    """
    points = points_of(path)
    if not (np.isfinite(radius) and radius >= 0):
        raise InputError("the brush", [f"its radius is a positive number, not {radius}"])
    chosen = np.zeros(grid.n_cells, bool)
    _mark_brush(grid.xy, grid.order, grid.boxes, points, float(radius), chosen)
    return _ranks(chosen)


def side_of_cut(grid: CellGrid, line: ArrayLike, among: Ranks) -> tuple[Ranks, Ranks]:
    """The cells on either side of a line, whose ends go on straight without end.

    Sides change wherever the line is crossed: where it crosses itself, what it
    encloses belongs to the side that does not lie around it.

    Parameters
    ----------
    line : (n, 2)
        Points of an open polyline, (x, y), two of them different.
    among : (n_among,) int32
        Ranks in the section of the cells to divide, rising.

    Returns
    -------
    (n_one,) int32, (n_other,) int32
        Ranks in the section, rising; together they are `among`.

    Raises
    ------
    InputError
        If a point is not two finite numbers, or all are the same.
    """
    points = points_of(line)
    apart = np.any(points[1:] != points[:-1], axis=1)
    points = np.concatenate([points[:1], points[1:][apart]])
    if len(points) < 2:
        raise InputError("the cut", ["it needs two different points; draw it across the cells"])
    one = _inside(grid, _closed_far_out(grid, points))[among]
    return among[one], among[~one]


def points_of(points: ArrayLike) -> NDArray[np.float32]:
    """Points as they are compared with cells, (n, 2) float32.

    Raises
    ------
    InputError
        If one is not two finite numbers.
    """
    given = np.asarray(points, np.float64)
    if not given.size:
        return np.empty((0, 2), np.float32)
    if given.ndim != 2 or given.shape[1] != 2:
        raise InputError("the outline", [f"points are pairs (x, y), not of shape {given.shape}"])
    if not (np.abs(given) < np.finfo(np.float32).max).all():
        raise InputError("the outline", ["points are pairs of finite numbers"])
    return np.ascontiguousarray(given, np.float32)


def warm() -> None:
    """Compile what choosing needs, so that nothing compiles under the user's hand."""
    grid = grid_cells(np.array([[0, 0], [1, 0], [0, 1]], np.float32))
    corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]
    cells_in_polygon(grid, corners)
    cells_in_rectangle(grid, *corners[1:])
    cells_in_brush(grid, corners, 0.5)


def _ranks(chosen: NDArray[np.bool_]) -> Ranks:
    return np.flatnonzero(chosen).astype(np.int32)


def _inside(grid: CellGrid, vertices: NDArray[np.float32]) -> NDArray[np.bool_]:
    inside = np.zeros(grid.n_cells, bool)
    if len(vertices) > 2:
        mark_inside(grid.xy, grid.order, grid.boxes, vertices, inside)
    return inside


def _closed_far_out(grid: CellGrid, line: NDArray[np.float32]) -> NDArray[np.float32]:
    """A polygon that has the line, drawn on, as an edge, and else goes around everything."""
    all_points = np.concatenate([line, np.array(grid.extent, np.float64)]).astype(np.float64)
    low, high = all_points.min(axis=0), all_points.max(axis=0)
    middle, reach = (low + high) / 2, FAR * max(float((high - low).max()), 1e-6)
    start = _leave(line[1], line[0], middle, reach)
    end = _leave(line[-2], line[-1], middle, reach)
    # Around by one way or the other: that only says which of the sides is called inside.
    corners = middle + reach * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    first, last = (_turn_at(p, middle) for p in (end, start))
    last += 4 if last < first else 0
    way = [corners[k % 4] for k in range(8) if first < k < last]
    return points_of(np.concatenate([[start], line, [end], *([c] for c in way)]))


def _turn_at(point: NDArray[np.float64], middle: NDArray[np.float64]) -> float:
    """Where on the rim of a square a point is: 0 at the first corner, 1 at the next one."""
    x, y = point - middle
    reach = max(abs(x), abs(y))
    if y == -reach and x < reach:
        return float((x / reach + 1) / 2)
    if x == reach and y < reach:
        return float(1 + (y / reach + 1) / 2)
    if y == reach and x > -reach:
        return float(2 + (1 - x / reach) / 2)
    return float(3 + (1 - y / reach) / 2)


def _leave(
    before: NDArray[np.float32],
    last: NDArray[np.float32],
    middle: NDArray[np.float64],
    reach: float,
) -> NDArray[np.float64]:
    """Where a line that goes on straight leaves a square."""
    at, way = last.astype(np.float64), last.astype(np.float64) - before
    with np.errstate(divide="ignore"):
        steps = (np.sign(way) * reach + middle - at) / way
    steps[way == 0] = np.inf
    axis = int(steps.argmin())
    point = at + steps[axis] * way
    # What is rounded must not lie beside the rim.
    point[axis] = middle[axis] + np.sign(way[axis]) * reach
    inside: NDArray[np.float64] = np.clip(point, middle - reach, middle + reach)
    return inside


@njit(cache=True, nogil=True)
def _mark_rectangle(xy, order, boxes, low, high, chosen):  # type: ignore[no-untyped-def]
    starts, n_columns, x0, y0, side = boxes
    n_rows = (len(starts) - 1) // n_columns
    left, right = _boxes_between(low[0], high[0], x0, side, n_columns)
    top, bottom = _boxes_between(low[1], high[1], y0, side, n_rows)
    for row in range(top, bottom + 1):
        # Boxes that are neighbors in a row are neighbors in memory.
        first = starts[row * n_columns + left]
        last = starts[row * n_columns + right + 1] if right >= left else first
        for cell in range(first, last):
            x, y = xy[cell, 0], xy[cell, 1]
            if low[0] <= x <= high[0] and low[1] <= y <= high[1]:
                chosen[order[cell]] = True


@njit(cache=True, nogil=True)
def _mark_brush(xy, order, boxes, path, radius, chosen):  # type: ignore[no-untyped-def]
    starts, n_columns, x0, y0, side = boxes
    n_rows = (len(starts) - 1) // n_columns
    for k in range(len(path)):
        a, b = path[max(k - 1, 0)], path[k]
        reach = radius * (1 + 1e-9)
        left, right = _boxes_between(
            min(a[0], b[0]) - reach, max(a[0], b[0]) + reach, x0, side, n_columns
        )
        top, bottom = _boxes_between(
            min(a[1], b[1]) - reach, max(a[1], b[1]) + reach, y0, side, n_rows
        )
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                x, y = x0 + (column + 0.5) * side, y0 + (row + 0.5) * side
                if _square_to(a, b, x, y) > (reach + side) ** 2:
                    continue
                box = row * n_columns + column
                for cell in range(starts[box], starts[box + 1]):
                    rank = order[cell]
                    if not chosen[rank]:
                        square = _square_to(a, b, xy[cell, 0], xy[cell, 1])
                        chosen[rank] = square <= radius * radius


@njit(cache=True, nogil=True)
def _boxes_between(low, high, origin, side, n):  # type: ignore[no-untyped-def]
    """First and last box that something reaches, one more on either side for rounding."""
    first = min(max((low - origin) / side - 1, 0.0), float(n))
    last = min(max((high - origin) / side + 1, -1.0), n - 1.0)
    return int(first), int(np.floor(last))


@njit(cache=True, nogil=True)
def _square_to(a, b, x, y):  # type: ignore[no-untyped-def]
    """Square of the distance of a point to a segment."""
    ax, ay = float(a[0]), float(a[1])
    dx, dy = b[0] - ax, b[1] - ay
    length = dx * dx + dy * dy
    along = 0.0
    if length > 0:
        along = min(max(((x - ax) * dx + (y - ay) * dy) / length, 0.0), 1.0)
    return (ax + along * dx - x) ** 2 + (ay + along * dy - y) ** 2
