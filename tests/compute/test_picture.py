from __future__ import annotations

from dataclasses import dataclass

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
    distances,
    every_section,
    scattered,
    turned,
)

from napari_brain_atlas.compute.cell_grid import grid_cells
from napari_brain_atlas.compute.filling import LONGEST
from napari_brain_atlas.compute.painting import Rgba
from napari_brain_atlas.compute.picture import (
    CROWDED,
    TOUCHING,
    Coloring,
    Groups,
    Look,
    Outline,
    Painter,
    Ramp,
    disc_radius,
)
from napari_brain_atlas.compute.view import View

N_CODES, N_GROUPS = 30, 7
COLORS = np.random.default_rng(11).integers(0, 256, (N_GROUPS + 1, 4)).astype(np.uint8)
COLORS[:, 3] = [255, 255, 255, 72, 72, 255, 200, 255]
WHITE = (255, 255, 255, 255)
FLAT = Look(1e6, 0.0, 1.0)
"""Discs without a rim: only places and colours matter."""


def coloring(xy: Places, seed: int = 0) -> Coloring:
    """Codes in lumps, so that pixels have a majority, and cells of any group between."""
    rng = np.random.default_rng(seed)
    lumps = (xy[:, 0] // 20 + 3 * (xy[:, 1] // 20)).astype(np.int64) % N_CODES
    stray = rng.random(len(xy)) < 0.3
    codes = np.where(stray, rng.integers(0, N_CODES, len(xy)), lumps).astype(np.int32)
    return Coloring(codes, Groups(rng.integers(0, N_GROUPS, N_CODES).astype(np.int32), COLORS))


def drawn(xy: Places, view: View, how: Coloring, look: Look) -> Rgba:
    return Painter().draw(grid_cells(xy), view, how, look).copy()


@dataclass(frozen=True)
class Units:
    """What a picture is made of: cells, or pixels that hold cells."""

    places: NDArray[np.float64]
    members: list[NDArray[np.int64]]
    reach: float


def units_by_hand(xy: Places, view: View, look: Look) -> Units:
    spacing, placed = grid_cells(xy).spacing * view.scale, view.place(xy)
    radius = disc_radius(grid_cells(xy).spacing, view.scale, look)
    if spacing >= CROWDED:
        reach = max(look.reach * view.scale, radius + 0.5, 1.0)
        return Units(placed, [np.array([i]) for i in range(len(xy))], reach)
    pixels, which = np.unique(np.floor(placed), axis=0, return_inverse=True)
    members = [np.flatnonzero(which == unit) for unit in range(len(pixels))]
    reach = min(max(look.reach * view.scale, TOUCHING * spacing, 1.0), LONGEST)
    return Units(pixels + 0.5, members, reach)


def group_by_hand(how: Coloring, cells: NDArray[np.int64]) -> NDArray[np.uint8]:
    assert isinstance(how.now, Groups)
    of_cells = how.now.of_codes[how.codes[cells]]
    return how.now.colors[np.bincount(of_cells).argmax()]


def check(xy: Places, view: View, how: Coloring, look: Look) -> None:
    """Every pixel, from its distance to everything."""
    picture = drawn(xy, view, how, look)
    assert picture.shape == (view.height, view.width, 4)
    units = units_by_hand(xy, view, look)
    colors = np.array([group_by_hand(how, cells) for cells in units.members], int).reshape(-1, 4)
    rows, columns = np.indices((view.height, view.width))
    apart = distances(np.stack([columns.ravel(), rows.ravel()], axis=-1) + 0.5, units.places)
    least = apart.min(axis=1, initial=np.inf)
    flat = picture.reshape(-1, 4).astype(int)
    sure = np.abs(least - units.reach) > 2e-3
    beyond = least > units.reach
    assert (flat[sure & beyond] == 0).all()
    inside = sure & ~beyond
    radius = disc_radius(grid_cells(xy).spacing, view.scale, look)
    share = look.opacity + (1 - look.opacity) * np.clip(radius + 0.5 - least[inside], 0, 1)
    # Of units as near as each other any may be shown.
    may_be = apart[inside] <= least[inside, None] + 4e-3
    same = (flat[inside, None, :3] == colors[None, :, :3]).all(axis=-1)
    alpha = np.abs(flat[inside, None, 3] - colors[None, :, 3] * share[:, None]) <= 4
    assert (may_be & same & alpha).any(axis=1).all()


LOOKS = {
    "cells": Look(1.0),
    "flat": FLAT,
    "territories": Look(0.5, 12.0, 0.45),
    "clear": Look(0.4, 6.0, 0.0),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("name", ["all of it", "turned and flipped", "a part, large", "the rim"])
def test_every_pixel_is_what_it_should_be(name: str, look: Look) -> None:
    for n in (40, 600):
        xy = scattered(n)
        check(xy, VIEWS[name], coloring(xy), look)


@pytest.mark.usefixtures("banded")
def test_every_pixel_is_what_it_should_be_whatever_the_bands() -> None:
    for n in (40, 600):
        xy = scattered(n)
        check(xy, VIEWS["the rim"], coloring(xy), LOOKS["territories"])


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@every_section
def test_odd_sections_are_drawn(xy: Places, look: Look) -> None:
    xy = xy[:120]
    at = tuple(map(float, xy[len(xy) // 2])) if len(xy) else (0.0, 0.0)
    for scale in (0.02, 0.7, 5.0):
        view = turned(35, scale, (at[0], at[1]), (36, 40))
        check(xy, view, coloring(xy), look)
        assert drawn(xy, view, coloring(xy), look).any() == bool(len(xy))


@given(
    n=st.integers(1, 40), seed=st.integers(0, 10_000), scale=st.sampled_from([0.05, 0.6, 3, 20])
)
def test_a_cell_alone_has_its_color_at_its_pixel(n: int, seed: int, scale: float) -> None:
    xy = scattered(n, 1000, seed)
    view, how = turned(seed, scale, (500, 500), (70, 60)), coloring(xy, seed)
    picture, placed = drawn(xy, view, how, Look(0.5)), view.place(xy)
    apart = distances(placed, placed.astype(np.float64))
    np.fill_diagonal(apart, np.inf)
    for cell in np.flatnonzero(apart.min(axis=1) > 4):
        column, row = np.floor(placed[cell]).astype(int)
        if 0 <= row < 70 and 0 <= column < 60:
            expected = group_by_hand(how, np.array([cell]))
            assert (picture[row, column, :3] == expected[:3]).all()
            assert picture[row, column, 3] > 0.4 * expected[3]


@pytest.mark.parametrize("at", [0.0, 50_000.0, 1e6])
def test_cells_far_from_zero_are_within_a_pixel_of_their_place(at: float) -> None:
    xy = scattered(60, 12) + np.float32(at)
    # 0.1 µm a pixel, then so that several cells share one.
    for scale in (10.0, 0.4):
        view = turned(3, scale, (at + 6, at + 6), (100, 110))
        check(xy, view, coloring(xy), Look(0.2))


def areas(n: int, scale: float) -> tuple[Places, View, Coloring]:
    """Two neighborhoods that meet on a slanted line through the middle."""
    side = (np.arange(n) + 0.5) * 100 / n
    jitter = np.random.default_rng(4).uniform(-0.3, 0.3, (n * n, 2)) * 100 / n
    xy = (np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2) + jitter).astype(np.float32)
    codes = (xy[:, 0] + 0.5 * xy[:, 1] > 75).astype(np.int32)
    now = Groups(
        np.array([0, 1], np.int32), np.array([[255, 0, 0, 255], [0, 0, 255, 255]], np.uint8)
    )
    lines = (Outline(now.of_codes, WHITE, 1),)
    return (
        xy,
        centered((scale, 0, 0, scale), (50, 50), (80, 80)),
        Coloring(codes, now, None, lines),
    )


@pytest.mark.parametrize("scale", [0.7, 2.0, 12.0])
def test_the_boundary_is_where_two_neighborhoods_meet(scale: float) -> None:
    xy, view, how = areas(75, scale)
    outlined = drawn(xy, view, how, FLAT)
    plain = drawn(xy, view, Coloring(how.codes, how.now), FLAT)
    line = (outlined == WHITE).all(axis=-1)
    np.testing.assert_array_equal(outlined[~line], plain[~line])
    blue = np.where(plain[..., 3] > 0, plain[..., 2] == 255, -1)
    meets = np.zeros_like(line)
    meets[:, :-1] |= blue[:, :-1] != blue[:, 1:]
    meets[:-1] |= blue[:-1] != blue[1:]
    np.testing.assert_array_equal(line, meets)
    rows, columns = np.nonzero(line[8:-8, 8:-8])
    corner, step = view.corner, 1 / view.scale
    x, y = corner[0] + (columns + 8.5) * step, corner[1] + (rows + 8.5) * step
    inner = (x > 2) & (x < 98) & (y > 2) & (y < 98)
    away = np.abs(x + 0.5 * y - 75)[inner] / np.hypot(1, 0.5)
    assert inner.any() and away.max() <= step + 100 / 75


@pytest.mark.parametrize("scale", [0.2, 0.6, 1.5, 4.0])
def test_a_territory_ends_at_its_reach(scale: float) -> None:
    lump = scattered(400, 60)
    xy = np.concatenate([lump, np.array([[300, 30]], np.float32)])
    view = centered((scale, 0, 0, scale), (300, 30), (221, 221))
    how = Coloring(np.zeros(401, np.int32), Groups(np.zeros(1, np.int32), COLORS[:1]))
    shown = drawn(xy, view, how, Look(0.4, 25.0, 0.3))[..., 3] > 0
    rows, columns = np.nonzero(shown)
    # The lump is beside the window or far from its middle.
    away = np.hypot(rows - 110, columns - 110)
    alone = away < 200 * scale
    assert away[alone].max() == pytest.approx(25 * scale, abs=1.5)
    assert alone.sum() == pytest.approx(np.pi * (25 * scale) ** 2, rel=0.15, abs=6)


def ramp(k: int, faint: bool = False) -> Ramp:
    rng = np.random.default_rng(0)
    numbers = rng.uniform(0, 1, (200, k)).astype(np.float32)
    numbers[rng.random(numbers.shape) < 0.25] = np.nan
    steps = 8
    colors = np.empty((steps**k + 1, 4), np.uint8)
    colors[:-1, :3] = np.arange(steps**k)[:, None] // [1, 256, 65536] % 256
    colors[:, 3] = 255
    colors[-1] = 99, 98, 97, 96
    faded = colors - np.array([0, 0, 0, 60], np.uint8)
    tables = (rng.random(200) < 0.5).astype(np.int32)
    return Ramp(numbers, np.concatenate([colors, faded]), steps, tables if faint else None)


@pytest.mark.parametrize("scale", [0.1, 0.4, 1.6], ids=["crowded", "some together", "apart"])
@pytest.mark.parametrize("faint", [False, True], ids=["one table", "two tables"])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_a_ramp_shows_the_mean_of_each_number(k: int, faint: bool, scale: float) -> None:
    xy, numbers = scattered(200), ramp(k, faint)
    how = Coloring(np.arange(200, dtype=np.int32), numbers)
    view = turned(17, scale, (50, 50), (60, 64))
    picture, units = drawn(xy, view, how, FLAT), units_by_hand(xy, view, FLAT)
    missing = 0
    for (column, row), cells in zip(np.floor(units.places), units.members, strict=True):
        alone = np.sum(np.abs(units.places - [column + 0.5, row + 0.5]).max(axis=1) < 1.5) == 1
        if not (0 <= row < 60 and 0 <= column < 64 and alone):
            continue
        values = numbers.of_codes[cells].astype(float)
        there = [v[~np.isnan(v)] for v in values.T]
        if any(len(v) == 0 for v in there):
            expected = [(99, 98, 97, 96)]
            missing += 1
        else:
            expected = _steps([float(v.mean()) for v in there])
        if numbers.tables is not None and np.bincount(numbers.tables[cells]).argmax():
            expected = [(*rgb, alpha - 60) for *rgb, alpha in expected]
        assert tuple(map(int, picture[int(row), int(column)])) in expected
    assert missing or scale == 0.1


def _steps(levels: list[float]) -> list[tuple[int, ...]]:
    """Colours of a mean, and of what rounding may make of it."""
    found = []
    for slip in (-1e-6, 1e-6):
        row = 0
        for level in levels:
            row = row * 8 + min(int((level + slip) * 8), 7)
        found.append((row % 256, row // 256 % 256, row // 65536, 255))
    return found


def test_steps_go_from_nought_to_one() -> None:
    found = ramp(1).groups(np.array([[0], [0.124], [0.126], [0.999], [1], [np.nan]], np.float32))
    np.testing.assert_array_equal(found, [0, 0, 1, 7, 7, 8])
    both = ramp(2).groups(np.array([[0, 1], [1, 0], [1, np.nan], [np.nan, 0]], np.float32))
    np.testing.assert_array_equal(both, [7, 56, 64, 64])


@pytest.mark.parametrize("scale", [0.4, 3.0])
def test_stripes_and_lines_may_be_of_other_groups(scale: float) -> None:
    xy, view = scattered(400), centered((scale, 0, 0, scale), (50, 50), (60, 60))
    how, other = coloring(xy), coloring(xy, 1).now
    assert isinstance(other, Groups)
    one, two = drawn(xy, view, how, FLAT), drawn(xy, view, Coloring(how.codes, other), FLAT)
    striped = drawn(xy, view, Coloring(how.codes, how.now, other), FLAT)
    then = (striped == two).all(axis=-1)
    assert (then | (striped == one).all(axis=-1)).all()
    assert 0.4 < then[(one != two).any(axis=-1)].mean() < 0.7
    line = (Outline(other.of_codes, (1, 2, 3, 4), 2),)
    here = drawn(xy, view, Coloring(how.codes, how.now, None, line), FLAT)
    there = drawn(xy, view, Coloring(how.codes, other, None, line), FLAT)
    np.testing.assert_array_equal(*((p == (1, 2, 3, 4)).all(axis=-1) for p in (here, there)))
