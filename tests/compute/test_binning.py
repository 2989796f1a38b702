from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from odd_sections import (
    VIEWS,
    Places,
    banded,  # noqa: F401
    centered,
    every_section,
    every_view,
    scattered,
    turned,
)

from napari_brain_atlas.compute.bands import Buffers, bands_of
from napari_brain_atlas.compute.binning import Bins, bin_cells, majorities, mean_rows
from napari_brain_atlas.compute.cell_grid import grid_cells
from napari_brain_atlas.compute.view import View

Held = dict[int, list[int]]


def binned(xy: Places, view: View, buffers: Buffers) -> tuple[Bins, NDArray[np.int32]]:
    """Cells by pixel, and the cells in the order that they are numbered in."""
    grid = grid_cells(xy)
    return bin_cells(grid, view, buffers), grid.order


def held(bins: Bins, in_order: NDArray[np.int32]) -> Held:
    """The codes in each pixel, sorted; pixels without any are left out."""
    height, width = bins.counts.shape
    found: Held = {}
    for first, stop in bands_of(height):
        pixels, codes = bins.pixels[first], in_order[bins.cells[first]]
        assert len(pixels) == len(codes)
        assert not len(pixels) or 0 <= pixels.min() <= pixels.max() < (stop - first) * width
        for p, code in zip((first * width + pixels).tolist(), codes.tolist(), strict=True):
            found.setdefault(p, []).append(code)
    return {pixel: sorted(found[pixel]) for pixel in sorted(found)}


def held_by_hand(xy: Places, view: View, codes: NDArray[np.int32]) -> Held:
    found: Held = {}
    for (column, row), code in zip(np.floor(view.place(xy)), codes, strict=True):
        if 0 <= row < view.height and 0 <= column < view.width:
            found.setdefault(int(row) * view.width + int(column), []).append(int(code))
    return {pixel: sorted(found[pixel]) for pixel in sorted(found)}


def check(xy: Places, view: View) -> Held:
    codes = np.random.default_rng(2).integers(0, 9, len(xy)).astype(np.int32)
    bins, order = binned(xy, view, Buffers())
    expected = held_by_hand(xy, view, codes)
    assert held(bins, codes[order]) == expected
    counts = np.zeros(view.height * view.width, int)
    counts[list(expected)] = [len(cells) for cells in expected.values()]
    np.testing.assert_array_equal(bins.counts.ravel(), counts)
    return expected


@pytest.mark.usefixtures("banded")
@every_view
def test_every_cell_in_view_is_in_its_pixel_whatever_the_bands(view: View) -> None:
    check(scattered(700), view)


def test_the_views_of_this_test_hold_cells_and_leave_some_out() -> None:
    n = {name: sum(map(len, check(scattered(700), view).values())) for name, view in VIEWS.items()}
    assert n["all of it"] == n["tiny"] == 700
    assert n["nothing in it"] == 0
    assert 0 < n["the rim"] < 700 and 0 < n["one row"] < 700


@every_section
def test_odd_sections(xy: Places) -> None:
    middle = tuple(map(float, np.median(xy, axis=0))) if len(xy) else (0.0, 0.0)
    for scale in (0.01, 0.5, 3.0):
        check(xy, turned(20, scale, (middle[0], middle[1]), (60, 50)))


@pytest.mark.usefixtures("banded")
def test_cells_on_the_edges_of_pixels_are_in_one_of_them() -> None:
    side = np.arange(40, dtype=np.float32)
    xy = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    assert check(xy, View((1.0, 0.0, 0.0, 0.0, 1.0, 0.0), 40, 40)).keys() == set(range(1600))
    assert len(check(xy, View((0.1, 0.0, 0.0, 0.0, 0.1, 0.0), 40, 40))) == 16


@pytest.mark.usefixtures("banded")
@pytest.mark.parametrize("at", [50_000.0, 1e6])
def test_cells_far_from_zero_are_in_their_pixel(at: float) -> None:
    # 0.1 µm a pixel: single precision would be off by whole pixels.
    xy = scattered(400, 10) + np.float32(at)
    expected = check(xy, turned(10, 10.0, (at + 5, at + 5), (97, 105)))
    assert sum(map(len, expected.values())) > 300


def test_the_buffers_do_not_grow_with_every_height() -> None:
    buffers, xy = Buffers(), scattered(100)
    for height in range(40, 240):
        binned(xy, centered((1, 0, 0, 1), (50, 50), (height, 60)), buffers)
    assert len(buffers._kept) < 60


def test_the_same_memory_gives_the_same_bins() -> None:
    buffers, codes = Buffers(), np.arange(700, dtype=np.int32)
    for name in [*VIEWS, *reversed(VIEWS)]:
        bins, order = binned(scattered(700), VIEWS[name], buffers)
        found = held(bins, codes[order])
        assert found == held_by_hand(scattered(700), VIEWS[name], codes)


@pytest.mark.usefixtures("banded")
@pytest.mark.parametrize("n_groups", [1, 2, 5, 40])
@every_view
def test_the_majority_is_that_of_the_cells_in_a_pixel(view: View, n_groups: int) -> None:
    rng = np.random.default_rng(n_groups)
    xy, codes = scattered(700), rng.integers(0, 60, 700).astype(np.int32)
    groups = rng.integers(0, n_groups, 60).astype(np.int32)
    buffers = Buffers()
    bins, order = binned(xy, view, buffers)
    won = majorities(bins, codes[order], groups, buffers, "won")
    expected = np.full(view.height * view.width, -1)
    for pixel, cells in held_by_hand(xy, view, codes).items():
        # The first of the greatest: of groups as frequent the lowest.
        expected[pixel] = np.bincount(groups[cells]).argmax()
    np.testing.assert_array_equal(won, expected)


@given(codes=st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_of_groups_as_frequent_the_lowest_wins_in_any_order(codes: list[int]) -> None:
    xy, view = np.zeros((len(codes), 2), np.float32), View((1.0, 0.0, 0.5, 0.0, 1.0, 0.5), 1, 1)
    buffers, groups = Buffers(), np.array([4, 2, 0, 2, 7, 1], np.int32)
    bins, order = binned(xy, view, buffers)
    in_order = np.array(codes, np.int32)[order]
    assert (
        majorities(bins, in_order, groups, buffers, "won")[0]
        == np.bincount(groups[codes]).argmax()
    )


@pytest.mark.usefixtures("banded")
@pytest.mark.parametrize("tabled", [False, True], ids=["one table", "two tables"])
@pytest.mark.parametrize("channels", [1, 2, 3])
@every_view
def test_rows_of_means_leave_out_what_is_missing(view: View, channels: int, tabled: bool) -> None:
    rng, n_steps = np.random.default_rng(channels), 50
    xy, codes = scattered(700), np.arange(700, dtype=np.int32)
    levels = rng.uniform(0, 1, (700, channels)).astype(np.float32)
    levels[rng.random(levels.shape) < 0.4] = np.nan
    size, n_pixels = n_steps**channels + 1, view.height * view.width
    tables = rng.integers(0, 2, n_pixels).astype(np.int32) if tabled else None
    buffers = Buffers()
    bins, order = binned(xy, view, buffers)
    found = mean_rows(bins, levels[order], (n_steps, size), tables, buffers)
    rows = found - (0 if tables is None else tables * size)
    digits = rows[:, None] // n_steps ** np.arange(channels)[::-1] % n_steps
    held = held_by_hand(xy, view, codes)
    for pixel in range(n_pixels):
        inside = levels[held.get(pixel, [])]
        there = [[float(v) for v in inside[:, c] if not np.isnan(v)] for c in range(channels)]
        if not all(there):
            assert rows[pixel] == size - 1
            continue
        exact = np.array([sum(t) / len(t) * n_steps for t in there])
        # A mean on the edge of two steps may go to either.
        assert (digits[pixel] <= exact + 1e-4).all() and (digits[pixel] > exact - 1.0001).all()


def test_the_mean_of_very_many_cells_is_exact() -> None:
    n, n_steps = 300_000, 1_000_000
    levels = np.full((n, 1), 0.1, np.float32)
    view, buffers = View((1.0, 0.0, 0.5, 0.0, 1.0, 0.5), 1, 1), Buffers()
    bins, _ = binned(np.zeros((n, 2), np.float32), view, buffers)
    rows = mean_rows(bins, levels, (n_steps, n_steps + 1), None, buffers)
    assert abs(int(rows[0]) - n_steps // 10) <= 1
