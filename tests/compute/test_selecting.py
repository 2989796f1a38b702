from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from odd_sections import every_section, scattered

from napari_brain_atlas.compute.cell_grid import grid_cells
from napari_brain_atlas.compute.selecting import (
    cells_in_brush,
    cells_in_polygon,
    cells_in_rectangle,
    side_of_cut,
)
from napari_brain_atlas.errors import InputError

Points = NDArray[np.float32]
SQUARE = [(0, 0), (4, 0), (4, 4), (0, 4)]


def inside(vertices: Points, x: float, y: float) -> bool:
    """The even-odd rule in fractions: the meaning of the compiled code, by other means."""
    px, py = Fraction(x), Fraction(y)
    odd = False
    for k in range(len(vertices)):
        (ax, ay), (bx, by) = ([Fraction(float(v)) for v in vertices[i]] for i in (k - 1, k))
        if (ay <= py) != (by <= py) and ax + (bx - ax) * (py - ay) / (by - ay) > px:
            odd = not odd
    return odd


def expected(vertices: Points, xy: Points) -> list[int]:
    return [k for k, (x, y) in enumerate(xy.tolist()) if inside(vertices, x, y)]


def same(found: NDArray[np.int32], ranks: list[int]) -> None:
    assert found.dtype == np.int32
    assert found.tolist() == ranks


def star(n: int, seed: int, xy: Points) -> Points:
    """A polygon that crosses itself, over all of a section and beyond."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    more = (high - low) / 4 + 1
    return np.random.default_rng(seed).uniform(low - more, high + more, (n, 2)).astype(np.float32)


# -- polygons --------------------------------------------------------------


@every_section
def test_polygons_on_any_section(xy: Points) -> None:
    grid = grid_cells(xy)
    for seed in range(3):
        vertices = star(12, seed, xy if len(xy) else np.zeros((1, 2), np.float32))
        same(cells_in_polygon(grid, vertices), expected(vertices, xy))


grid_points = st.tuples(st.integers(-2, 14), st.integers(-2, 14))


@settings(max_examples=40, deadline=None)
@given(vertices=st.lists(grid_points, min_size=1, max_size=12), quarter=st.integers(1, 4))
def test_cells_on_edges_and_vertices_too(vertices: list[tuple[int, int]], quarter: int) -> None:
    # Cells on a lattice on which the vertices lie as well: most of them are on some edge.
    side = np.arange(13 * quarter, dtype=np.float32) / quarter
    xy = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    given_points = np.array(vertices, np.float32)
    found = cells_in_polygon(grid_cells(xy), given_points)
    same(found, expected(given_points, xy) if len(vertices) > 2 else [])


near_thirds = st.floats(0, 100, width=32)


@settings(max_examples=40, deadline=None)
@given(
    vertices=st.lists(st.tuples(near_thirds, near_thirds), min_size=3, max_size=8),
    shares=st.lists(st.floats(0, 1), min_size=8, max_size=40),
)
def test_cells_a_rounding_away_from_an_edge(
    vertices: list[tuple[float, float]], shares: list[float]
) -> None:
    polygon = np.array(vertices, np.float32)
    edges = [(polygon[k - 1], polygon[k]) for k in range(len(polygon))]
    on_edges = [a + s * (b - a) for s in shares for a, b in edges]
    xy = np.array([*on_edges, *polygon], np.float32)
    same(cells_in_polygon(grid_cells(xy), polygon), expected(polygon, xy))


@pytest.mark.parametrize(
    ("place", "is_inside"),
    [
        pytest.param((0, 2), True, id="left edge"),
        pytest.param((4, 2), False, id="right edge"),
        pytest.param((2, 0), True, id="edge of the smaller y"),
        pytest.param((2, 4), False, id="edge of the larger y"),
        pytest.param((0, 0), True, id="first corner"),
        pytest.param((4, 4), False, id="opposite corner"),
    ],
)
def test_a_cell_on_an_edge(place: tuple[float, float], is_inside: bool) -> None:
    xy = np.array([place, (2, 2), (9, 9)], np.float32)
    same(cells_in_polygon(grid_cells(xy), SQUARE), [0, 1] if is_inside else [1])


def test_polygons_that_share_edges_share_no_cell_and_miss_none() -> None:
    xy = scattered(4000)
    middle = xy[17]
    corners = np.array([(-1, -1), (101, -1), (101, 101), (-1, 101)], np.float32)
    fan = [np.stack([middle, corners[k - 1], corners[k]]) for k in range(4)]
    found = np.concatenate([cells_in_polygon(grid_cells(xy), wedge) for wedge in fan])
    assert sorted(found.tolist()) == list(range(len(xy)))


def test_the_start_and_the_sense_of_a_polygon_do_not_matter() -> None:
    xy = scattered(3000)
    grid, polygon = grid_cells(xy), star(30, 5, xy)
    found = cells_in_polygon(grid, polygon)
    assert 0 < len(found) < len(xy)
    np.testing.assert_array_equal(found, cells_in_polygon(grid, np.roll(polygon, 7, axis=0)))
    np.testing.assert_array_equal(found, cells_in_polygon(grid, polygon[::-1]))


# -- rectangles ------------------------------------------------------------


@every_section
def test_a_rectangle_between_any_corners(xy: Points) -> None:
    grid = grid_cells(xy)
    rng = np.random.default_rng(0)
    low, high = (xy.min(0), xy.max(0)) if len(xy) else (np.zeros(2), np.ones(2))
    for _ in range(6):
        one, two = rng.uniform(low - 1, high + 1, (2, 2)).astype(np.float32)
        left, right = np.minimum(one, two), np.maximum(one, two)
        known = ((xy >= left) & (xy <= right)).all(axis=1)
        same(cells_in_rectangle(grid, one, two), np.flatnonzero(known).tolist())
    same(cells_in_rectangle(grid, low, high), list(range(len(xy))))
    beside = high + np.float32(1e7)
    same(cells_in_rectangle(grid, beside, beside + 5), [])


# -- brushes ---------------------------------------------------------------


def distance_to_path(xy: Points, path: Points) -> NDArray[np.float64]:
    """Of each cell, by the nearest of the projections and of the points."""
    here, points = xy.astype(np.float64), path.astype(np.float64)
    best = np.linalg.norm(here[:, None] - points, axis=-1).min(axis=1)
    for a, b in pairwise(points):
        length = np.linalg.norm(b - a)
        if length == 0:
            continue
        along = (here - a) @ (b - a) / length
        across = np.abs((here - a) @ np.array([a[1] - b[1], b[0] - a[0]])) / length
        best = np.where((along >= 0) & (along <= length), np.minimum(best, across), best)
    return best


@every_section
def test_a_brush_takes_all_within_its_radius(xy: Points) -> None:
    grid = grid_cells(xy)
    where = xy if len(xy) else np.zeros((1, 2), np.float32)
    for seed, share in enumerate((0.02, 0.1, 0.5)):
        path = star(9, seed, where)
        radius = share * float(max(np.ptp(where, axis=0).max(), 1))
        known = distance_to_path(xy, path)
        sure = np.abs(known - radius) > 1e-9 * radius
        found = np.zeros(len(xy), bool)
        found[cells_in_brush(grid, path, radius)] = True
        np.testing.assert_array_equal(found[sure], known[sure] <= radius)


def test_a_dab_and_no_dab() -> None:
    xy = np.array([(0, 0), (3, 4), (3, 4.1)], np.float32)
    same(cells_in_brush(grid_cells(xy), [(0, 0)], 5), [0, 1])
    same(cells_in_brush(grid_cells(xy), [(0, 0), (0, 0)], 5), [0, 1])
    same(cells_in_brush(grid_cells(xy), [], 5), [])


# -- cuts ------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        pytest.param([(40, 45), (60, 55)], id="short"),
        pytest.param([(40, 50), (60, 50)], id="level"),
        pytest.param([(50, 10), (50, 60)], id="upright"),
        pytest.param([(50, 60), (50, 10)], id="upright, other way"),
        pytest.param([(10, 90), (90, 10)], id="falling"),
        pytest.param([(-500, 20), (700, 80)], id="from beyond to beyond"),
        pytest.param([(90, 90), (91, 91.5)], id="in a corner"),
        pytest.param([(0, 0), (1, 1)], id="through two corners"),
    ],
)
def test_a_straight_cut_has_sides_without_end(line: list[tuple[float, float]]) -> None:
    xy = scattered(2000)
    among = np.arange(0, 2000, 3, dtype=np.int32)
    (ax, ay), (bx, by) = line
    x, y = xy[among].T.astype(np.float64)
    left = (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0
    known = {frozenset(among[left].tolist()), frozenset(among[~left].tolist())}
    for drawn in (line, line[::-1], [line[0], *line, line[1]]):
        one, other = side_of_cut(grid_cells(xy), drawn, among)
        assert {frozenset(one.tolist()), frozenset(other.tolist())} == known
        assert (np.diff(one) > 0).all() and (np.diff(other) > 0).all()


def test_a_bent_cut_goes_on_along_its_last_segments() -> None:
    xy = scattered(3000)
    bends = np.array([(30, 40), (45, 70), (52, 20), (70, 55)], np.float64)
    # Piece by piece a function of x, whose ends go on straight.
    slopes = np.diff(bends, axis=0)
    first, last = bends[0] - 10 * slopes[0], bends[-1] + 10 * slopes[-1]
    through = np.vstack([first, bends, last])
    above = xy[:, 1] < np.interp(xy[:, 0], through[:, 0], through[:, 1])
    one, other = side_of_cut(grid_cells(xy), bends, np.arange(3000, dtype=np.int32))
    assert {frozenset(one.tolist()), frozenset(other.tolist())} == {
        frozenset(np.flatnonzero(above).tolist()), frozenset(np.flatnonzero(~above).tolist()),
    }  # fmt: skip


def test_a_cut_that_comes_back_cuts_off_a_tongue() -> None:
    xy = scattered(3000)
    one, other = side_of_cut(
        grid_cells(xy), [(-5, 40), (60, 40), (60, 60), (-5, 60)], np.arange(3000, dtype=np.int32)
    )
    x, y = xy.T
    tongue = np.flatnonzero((x < 60) & (y > 40) & (y < 60))
    assert tongue.tolist() in (one.tolist(), other.tolist())


def test_a_cut_with_a_loop_still_divides_everything() -> None:
    xy = scattered(3000)
    loop = [(10, 50), (60, 50), (60, 20), (40, 20), (40, 80)]
    one, other = side_of_cut(grid_cells(xy), loop, np.arange(3000, dtype=np.int32))
    assert sorted([*one.tolist(), *other.tolist()]) == list(range(3000))
    x, y = xy.T
    ring = np.flatnonzero((x > 40) & (x < 60) & (y > 20) & (y < 50))
    outer = np.flatnonzero((x > 60) & (y < 50))
    mine = one if ring[0] in one else other
    assert set(ring.tolist()) <= set(mine.tolist())
    assert not set(outer.tolist()) & set(mine.tolist())


# -- wrong input -----------------------------------------------------------


@pytest.mark.parametrize(
    ("vertices", "told"),
    [
        pytest.param([(0, 0), (1, np.nan), (1, 1)], "finite", id="not a number"),
        pytest.param([(0, 0), (1, np.inf), (1, 1)], "finite", id="infinite"),
        pytest.param([(0, 0), (1, 1e39), (1, 1)], "finite", id="too large for float32"),
        pytest.param([(0, 0, 0), (1, 1, 1), (2, 2, 2)], "pairs", id="three numbers"),
        pytest.param([1, 2, 3], "pairs", id="no points"),
    ],
)
def test_wrong_points_are_refused(vertices: list[object], told: str) -> None:
    grid = grid_cells(scattered(10))
    for choose in (
        lambda: cells_in_polygon(grid, vertices),
        lambda: cells_in_brush(grid, vertices, 1.0),
        lambda: side_of_cut(grid, vertices, np.arange(10, dtype=np.int32)),
    ):
        with pytest.raises(InputError, match=told):
            choose()


@pytest.mark.parametrize("radius", [-1.0, np.nan, np.inf])
def test_a_wrong_radius_is_refused(radius: float) -> None:
    with pytest.raises(InputError, match="radius"):
        cells_in_brush(grid_cells(scattered(10)), [(0, 0)], radius)


@pytest.mark.parametrize("line", [[], [(1, 1)], [(1, 1), (1, 1)]], ids=["none", "one", "twice"])
def test_a_cut_needs_two_points(line: list[tuple[float, float]]) -> None:
    with pytest.raises(InputError, match="two different points"):
        side_of_cut(grid_cells(scattered(10)), line, np.arange(10, dtype=np.int32))
