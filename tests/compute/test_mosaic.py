from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_sections import (
    SECTIONS,
    VIEWS,
    Places,
    banded,  # noqa: F401
    centered,
    distances,
    every_section,
    every_view,
    scattered,
    turned,
)

from napari_brain_atlas.compute.bands import Buffers
from napari_brain_atlas.compute.cell_grid import grid_cells
from napari_brain_atlas.compute.mosaic import NO_CELL, nearest_cells
from napari_brain_atlas.compute.view import View

REACHES = [0.71, 5.5, 33.0]


def check(xy: Places, view: View, reach: float, slack: float = 2e-3) -> int:
    """Against the distance of the centre of every pixel to every cell; how many show one."""
    grid = grid_cells(xy)
    nearest, squares = nearest_cells(grid, view, reach, Buffers())
    assert nearest.shape == squares.shape == (view.height, view.width)
    rows, columns = np.mgrid[: view.height, : view.width]
    centers = np.stack([columns.ravel(), rows.ravel()], axis=-1) + 0.5
    apart = distances(centers, view.place(grid.xy))
    least, found = apart.min(axis=1, initial=np.inf), nearest.ravel()
    shown = found != NO_CELL
    sure = np.abs(least - reach) > slack
    np.testing.assert_array_equal(shown[sure], least[sure] < reach)
    # Of cells as near as each other any may be shown: hence by distance.
    away = apart[np.flatnonzero(shown), found[shown]]
    np.testing.assert_allclose(away, least[shown], atol=slack)
    np.testing.assert_allclose(np.sqrt(squares.ravel()[shown]), least[shown], atol=slack)
    np.testing.assert_allclose(squares.ravel()[~shown], reach**2, rtol=1e-6)
    return int(shown.sum())


@pytest.mark.usefixtures("banded")
@pytest.mark.parametrize("reach", REACHES)
@every_view
def test_each_pixel_shows_the_nearest_cell_in_reach(view: View, reach: float) -> None:
    check(scattered(60), view, reach)


@pytest.mark.parametrize("reach", REACHES)
@every_section
def test_odd_sections(xy: Places, reach: float) -> None:
    at = tuple(map(float, xy[len(xy) // 2])) if len(xy) else (0.0, 0.0)
    for scale in (0.02, 1.0, 4.0):
        n = check(xy[:80], turned(35, scale, (at[0], at[1]), (40, 44)), reach)
        assert bool(n) or not len(xy) or len(xy) > 80


def test_cells_outside_the_window_show_within_it() -> None:
    # The window is between 40 and 60; the cells are around it, none in it.
    xy = np.array([[38, 50], [62, 45], [50, 37], [47, 63], [39, 39], [61, 61]], np.float32)
    for reach in (1.0, 2.5, 3.5, 30.0):
        for scale in (1.0, 3.0):
            size = round(20 * scale)
            window = centered((scale, 0, 0, scale), (50, 50), (size, size))
            n = check(xy, window, reach * scale)
            assert (n > 0) == (reach > 1.5)
            assert (n == size * size) == (reach == 30.0)


@pytest.mark.parametrize("scale", [2.0, 10.0])
def test_cells_outside_the_window_of_a_large_section(scale: float) -> None:
    xy = scattered(1500, 3000)
    for x in (300.0, 2996.0, -8.0, 3010.0):
        check(xy, centered((scale, 0, 0, -scale), (x, 700), (40, 50)), 45.0)


def test_a_reach_goes_as_far_as_it_says() -> None:
    xy = np.array([[0, 0]], np.float32)
    view = centered((1, 0, 0, 1), (0, 0), (81, 81))
    nearest, _ = nearest_cells(grid_cells(xy), view, 30.25, Buffers())
    rows, columns = np.nonzero(nearest == 0)
    assert rows.min() == columns.min() == 10 and rows.max() == columns.max() == 70
    assert len(rows) == pytest.approx(np.pi * 30.25**2, rel=0.02)


@pytest.mark.usefixtures("banded")
@pytest.mark.parametrize("at", [50_000.0, -50_000.0])
def test_cells_far_from_zero_are_where_they_are(at: float) -> None:
    # 0.1 µm a pixel.
    check(scattered(30, 10) + np.float32(at), turned(50, 10.0, (at + 5, at + 5), (80, 90)), 12.0)


def test_cells_a_kilometer_from_zero_are_where_they_are() -> None:
    check(scattered(30, 10) + np.float32(1e6), turned(50, 10.0, (1e6 + 5,) * 2, (80, 90)), 12.0)


@given(
    cells=st.lists(st.tuples(*[st.integers(-30, 60)] * 2), max_size=12),
    reach=st.floats(0.5, 40).map(lambda x: round(x, 1)),
    scale=st.sampled_from([0.3, 1.0, 1.7]),
)
def test_few_cells_anywhere(cells: list[tuple[int, int]], reach: float, scale: float) -> None:
    view = View((scale, 0.0, 0.3, 0.0, scale, 0.6), 30, 24)
    check(np.array(cells, np.float32).reshape(-1, 2), view, reach)


@pytest.mark.parametrize("name", ["scattered", "a lattice", "twins", "all on one spot"])
def test_bands_agree_also_on_cells_as_near_as_each_other(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid, view = grid_cells(SECTIONS[name]), VIEWS["all of it"]
    monkeypatch.setattr("napari_brain_atlas.compute.bands.WORKERS", 1)
    one = nearest_cells(grid, view, 20.0, Buffers())
    monkeypatch.setattr("napari_brain_atlas.compute.bands._LEAST_ROWS", 1)
    monkeypatch.setattr("napari_brain_atlas.compute.bands.WORKERS", 8)
    several = nearest_cells(grid, view, 20.0, Buffers())
    for a, b in zip(one, several, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_same_memory_gives_the_same_cells() -> None:
    grid, buffers = grid_cells(scattered(120)), Buffers()
    for name in [*VIEWS, *reversed(VIEWS)]:
        again = nearest_cells(grid, VIEWS[name], 5.0, buffers)
        fresh = nearest_cells(grid, VIEWS[name], 5.0, Buffers())
        for a, b in zip(again, fresh, strict=True):
            np.testing.assert_array_equal(a, b)
