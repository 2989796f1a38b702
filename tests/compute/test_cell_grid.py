from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_sections import SECTIONS, Places, distances, every_section, scattered

from napari_brain_atlas.compute.cell_grid import CELLS_PER_BOX, grid_cells


def points_around(xy: Places, n: int = 60) -> np.ndarray:
    """Some cells, points between them, and points far outside."""
    rng = np.random.default_rng(5)
    low, high = xy.min(axis=0), xy.max(axis=0)
    size = np.maximum(high - low, 1)
    inside = rng.uniform(low, high + 1e-3, (n, 2))
    around = rng.uniform(low - 3 * size, high + 3 * size, (n, 2))
    corners = np.array([low, high, low - 50 * size, high + 50 * size, [low[0], high[1]]])
    return np.concatenate([inside, around, corners, xy[:: max(1, len(xy) // 20)]])


@every_section
def test_every_cell_is_in_the_grid_once_and_in_its_box(xy: Places) -> None:
    grid = grid_cells(xy)
    assert sorted(grid.order) == list(range(len(xy)))
    np.testing.assert_array_equal(grid.xy, xy[grid.order])
    assert grid.starts[0] == 0 and grid.starts[-1] == grid.n_cells == len(xy)
    assert (len(grid.starts) - 1) % grid.n_columns == 0
    box = np.searchsorted(grid.starts, np.arange(len(xy)), side="right") - 1
    corner = np.stack([box % grid.n_columns, box // grid.n_columns], axis=-1) * grid.side
    within = grid.xy - np.array(grid.origin) - corner
    slack = 1e-6 * grid.side
    assert (within >= -slack).all() and (within <= grid.side + slack).all()


@every_section
def test_the_extent_is_that_of_the_cells(xy: Places) -> None:
    low, high = grid_cells(xy).extent
    if len(xy):
        np.testing.assert_array_equal([low, high], [xy.min(axis=0), xy.max(axis=0)])
    assert np.isfinite([low, high]).all()


@every_section
def test_memory_stays_in_proportion_to_the_cells(xy: Places) -> None:
    assert len(grid_cells(xy).starts) <= 2 * len(xy) + 4


@every_section
def test_the_spacing_is_the_median_distance_to_the_nearest_neighbor(xy: Places) -> None:
    apart = distances(xy, xy)
    np.fill_diagonal(apart, np.inf)
    nearest = apart.min(axis=1) if len(xy) > 1 else np.empty(0)
    # Cells that lie on each other say nothing about how far cells are apart.
    nearest = nearest[nearest > 0]
    expected = np.median(nearest) if len(nearest) else 1.0
    assert grid_cells(xy).spacing == pytest.approx(expected, rel=1e-4)


def test_the_spacing_of_many_cells_is_that_of_a_sample() -> None:
    xy = scattered(40_000, 1000)
    assert grid_cells(xy).spacing == pytest.approx(0.47 * 1000 / 200, rel=0.05)


@pytest.mark.parametrize("reach", [0.0, 0.5, 4.0, 60.0, 1e4, 1e9, np.inf])
@every_section
def test_the_nearest_cell_is_the_nearest(xy: Places, reach: float) -> None:
    grid = grid_cells(xy)
    if not len(xy):
        assert grid.nearest(0.0, 0.0, reach) is None
        return
    points = points_around(xy)
    apart = distances(points, xy)
    for point, away in zip(points, apart, strict=True):
        found = grid.nearest(*map(float, point), reach)
        if abs(away.min() - reach) <= 1e-9 * reach:
            continue
        assert (found is not None) == (away.min() < reach)
        if found is not None:
            assert away[found] == pytest.approx(away.min(), rel=1e-9)


@given(
    cells=st.lists(st.tuples(*[st.integers(-9, 9)] * 2), max_size=30),
    point=st.tuples(*[st.integers(-25, 25)] * 2),
    reach=st.integers(0, 40),
)
def test_the_nearest_of_few_cells(
    cells: list[tuple[int, int]], point: tuple[int, int], reach: int
) -> None:
    xy = np.array(cells, np.float32).reshape(-1, 2)
    found = grid_cells(xy).nearest(*map(float, point), float(reach))
    squares = ((xy - point) ** 2).sum(axis=1)
    near = squares.min(initial=np.inf) <= reach**2
    assert (found is not None) == near
    assert found is None or squares[found] == squares.min()


def test_a_cell_within_reach_is_found_from_far_outside() -> None:
    grid = grid_cells(SECTIONS["scattered"])
    assert grid.nearest(-1e5, 50.0, 2e5) is not None
    assert grid.nearest(50.0, 1e9, 2e9) is not None
    assert grid.nearest(1e300, 0.0, 1e6) is None


@pytest.mark.parametrize("x", [np.nan, np.inf, -np.inf])
def test_nothing_is_near_a_place_that_is_none(x: float) -> None:
    assert grid_cells(scattered(5)).nearest(x, 0.0, np.inf) is None
    assert grid_cells(scattered(5)).nearest(0.0, x, np.inf) is None


def test_of_cells_on_one_spot_one_is_found() -> None:
    assert grid_cells(SECTIONS["all on one spot"]).nearest(3.0, 3.0, 0.0) in range(70)


def test_boxes_hold_as_many_cells_as_they_should() -> None:
    grid = grid_cells(scattered(20_000))
    assert 20_000 / (len(grid.starts) - 1) == pytest.approx(CELLS_PER_BOX, rel=0.2)


def test_one_cell_far_out_does_not_make_a_section_slow() -> None:
    # Nearly all cells are in one box then. Each to each would be 4e10 distances: a minute.
    xy = scattered(200_000, 5000)
    plain = grid_cells(xy).spacing
    xy[0] = 1e6, 1e6
    start = time.perf_counter()
    strayed = grid_cells(xy)
    assert time.perf_counter() - start < 2
    assert np.diff(strayed.starts).max() > 100_000
    assert strayed.spacing == pytest.approx(plain, rel=0.15)
