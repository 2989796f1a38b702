"""Pictures compared with each other: of views beside each other, and of a Painter used again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.dispatcher import Dispatcher
from odd_sections import SECTIONS, VIEWS, centered, scattered, turned

from napari_brain_atlas.compute import bands, binning, cell_grid, filling, mosaic, painting
from napari_brain_atlas.compute.cell_grid import grid_cells
from napari_brain_atlas.compute.painting import Rgba
from napari_brain_atlas.compute.picture import (
    DOT,
    SEEN,
    TOUCHING,
    Coloring,
    Groups,
    Look,
    Outline,
    Painter,
    Ramp,
    disc_radius,
    warm,
)
from napari_brain_atlas.compute.view import View

COMPILED = [binning, cell_grid, filling, mosaic, painting]
N_CODES = 25
RNG = np.random.default_rng(8)
COLORS = RNG.integers(0, 256, (9, 4)).astype(np.uint8)
TABLES = [RNG.integers(0, 9, N_CODES).astype(np.int32) for _ in range(3)]
GRIDS = [
    grid_cells(xy)
    for xy in (scattered(80), scattered(900), SECTIONS["no cells"], SECTIONS["all on one spot"])
]
CODES = [[RNG.integers(0, N_CODES, g.n_cells).astype(np.int32) for _ in "ab"] for g in GRIDS]
PLAIN, OTHER, FINE = (Groups(table, COLORS) for table in TABLES)
NUMBERS = RNG.uniform(0, 1, (N_CODES, 2)).astype(np.float32)
NUMBERS[::6] = np.nan
RAMPS = [
    Ramp(NUMBERS[:, :1], COLORS[:5], 4),
    Ramp(NUMBERS, RNG.integers(0, 256, (34, 4)).astype(np.uint8), 4, TABLES[0] % 2),
]
LINES = [
    Outline(TABLES[0], (255, 255, 255, 255), 1),
    Outline(TABLES[1], (0, 0, 0, 255), 3),
    Outline(TABLES[0] % 2, (1, 2, 3, 90), 2),
]
KINDS = [
    (PLAIN, None, ()),
    (PLAIN, None, (LINES[0],)),
    (PLAIN, OTHER, (LINES[1], LINES[0])),
    (OTHER, FINE, (LINES[2], LINES[1], LINES[0])),
    (RAMPS[0], None, (LINES[0], LINES[2])),
    (RAMPS[1], PLAIN, ()),
]
LOOKS = [Look(1.0), Look(0.4, 15.0, 0.3), Look(3.0, 4.0, 1.0)]
NAMES = sorted(VIEWS)


def drawn(painter: Painter, grid: int, view: View, codes: int, kind: int, look: int) -> Rgba:
    now, proposed, lines = KINDS[kind]
    how = Coloring(CODES[grid][codes], now, proposed, lines)
    return painter.draw(GRIDS[grid], view, how, LOOKS[look]).copy()


frames = st.tuples(
    st.sampled_from(range(len(GRIDS))),
    st.sampled_from(NAMES),
    st.sampled_from(range(2)),
    st.sampled_from(range(len(KINDS))),
    st.sampled_from(range(len(LOOKS))),
)


@settings(max_examples=60)
@given(frames=st.lists(frames, min_size=2, max_size=12))
def test_a_painter_used_again_paints_as_a_new_one(
    frames: list[tuple[int, str, int, int, int]],
) -> None:
    painter = Painter()
    for grid, name, *rest in frames:
        again = drawn(painter, grid, VIEWS[name], *rest)
        fresh = drawn(Painter(), grid, VIEWS[name], *rest)
        np.testing.assert_array_equal(again, fresh)


@settings(max_examples=60)
@given(changes=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 99)), max_size=25))
def test_a_painter_follows_one_change_after_the_other(changes: list[tuple[int, int]]) -> None:
    # As it is used: mostly one thing changes from frame to frame.
    painter, frame = Painter(), [0, 0, 0, 0, 0]
    sizes = [len(GRIDS), len(NAMES), 2, len(KINDS), len(LOOKS)]
    for what, value in changes:
        frame[what] = value % sizes[what]
        grid, name, *rest = frame
        again = drawn(painter, grid, VIEWS[NAMES[name]], *rest)
        fresh = drawn(Painter(), grid, VIEWS[NAMES[name]], *rest)
        np.testing.assert_array_equal(again, fresh)


@pytest.mark.parametrize("kind", range(len(KINDS)))
@pytest.mark.parametrize("grid", [0, 1], ids=["apart", "crowded"])
def test_the_picture_does_not_depend_on_the_bands(
    grid: int, kind: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = []
    for workers, least in ((1, 1000), (2, 16), (8, 1), (3, 7)):
        monkeypatch.setattr(bands, "WORKERS", workers)
        monkeypatch.setattr(bands, "_LEAST_ROWS", least)
        pictures.append(drawn(Painter(), grid, VIEWS["turned"], 0, kind, 1))
    for picture in pictures[1:]:
        np.testing.assert_array_equal(picture, pictures[0])


def shifted(view: View, columns: int, rows: int) -> View:
    a, b, c, d, e, f = view.matrix
    return View((a, b, c + columns, d, e, f + rows), view.height, view.width)


@pytest.mark.parametrize("kind", [0, 1, 4], ids=["cells", "boundaries", "numbers"])
@pytest.mark.parametrize("scale", [0.2, 0.9, 2.3, 7.0])
@pytest.mark.parametrize("step", [(1, 0), (0, -1), (17, 23), (-40, 11)], ids=str)
def test_a_view_moved_by_whole_pixels_is_the_picture_moved(
    step: tuple[int, int], scale: float, kind: int
) -> None:
    size = 100
    columns, rows = step
    for grid in (0, 1):
        view = turned(25, scale, (50.3, 48.7), (size, size))
        one = drawn(Painter(), grid, view, 0, kind, 1)
        two = drawn(Painter(), grid, shifted(view, columns, rows), 0, kind, 1)
        # A line at the rim of the picture needs the pixel beside it.
        top, left = max(rows, 0) + 2, max(columns, 0) + 2
        bottom, right = size + min(rows, 0) - 2, size + min(columns, 0) - 2
        here = two[top:bottom, left:right].astype(int)
        there = one[top - rows : bottom - rows, left - columns : right - columns].astype(int)
        np.testing.assert_array_equal(here[..., :3], there[..., :3])
        assert np.abs(here[..., 3] - there[..., 3]).max() <= 1


def test_a_section_far_from_zero_is_painted_as_one_near_it() -> None:
    # All numbers are exact in single precision.
    xy = np.random.default_rng(1).integers(0, 4000, (300, 2)).astype(np.float32) / 16
    far = xy + np.float32(2**16)
    how = Coloring(np.arange(300, dtype=np.int32) % N_CODES, PLAIN, None, (LINES[0],))
    for scale in (0.25, 8.0):
        near_view = centered((scale, 0, 0, scale), (100, 100), (90, 80))
        far_view = centered((scale, 0, 0, scale), (2**16 + 100, 2**16 + 100), (90, 80))
        one = Painter().draw(grid_cells(xy), near_view, how, LOOKS[1])
        two = Painter().draw(grid_cells(far), far_view, how, LOOKS[1])
        np.testing.assert_array_equal(one, two)


def test_what_the_cells_are_called_does_not_matter() -> None:
    xy, codes = scattered(500), CODES[1][0][:500]
    other = np.random.default_rng(0).permutation(500)
    for view in (VIEWS["all of it"], VIEWS["a part, large"]):
        one = Painter().draw(grid_cells(xy), view, Coloring(codes, PLAIN), LOOKS[1])
        mixed = Coloring(codes[other], PLAIN)
        two = Painter().draw(grid_cells(xy[other]), view, mixed, LOOKS[1])
        np.testing.assert_array_equal(one, two)


@given(spacing=st.floats(0.5, 500), disc=st.floats(0.01, 300), scale=st.floats(1e-3, 1e3))
def test_discs_touch_while_small_and_then_have_their_size(
    spacing: float, disc: float, scale: float
) -> None:
    apart = spacing * scale
    radius = disc_radius(spacing, scale, Look(disc))
    assert radius >= DOT
    if apart <= 4:
        assert radius == pytest.approx(max(TOUCHING * apart, DOT))
    if apart >= 14:
        true = max(disc * scale, min(SEEN, 0.4 * apart))
        assert radius == pytest.approx(max(min(true, TOUCHING * apart), DOT))
    assert radius <= max(TOUCHING * apart, DOT) * (1 + 1e-9)


def test_nothing_is_compiled_anew_for_other_arguments() -> None:
    # Numbers that happen to be whole, and arrays that may not be written to, are other types.
    warm()
    how = Coloring(CODES[1][0], PLAIN, OTHER, tuple(LINES))
    xy, numbers, colors = scattered(900), NUMBERS.copy(), COLORS.copy()
    for array in (xy, how.codes, numbers, colors, *TABLES):
        array.flags.writeable = False
    grid = grid_cells(xy)
    for scale in (1, 9):
        view = View((scale, 0, 3, 0, scale, 4), 64, 64)
        Painter().draw(grid, view, how, Look(1, 4, 1))
        painted = Coloring(how.codes, Ramp(numbers[:, :1], colors, 4), Groups(TABLES[0], colors))
        Painter().draw(grid, view, painted, Look(1, 4, 1))
    assert grid.nearest(50, np.float32(50), 100) is not None
    kernels = [f for m in COMPILED for f in vars(m).values() if isinstance(f, Dispatcher)]
    assert {f.py_func.__name__: len(f.signatures) for f in kernels if len(f.signatures) > 1} == {}
    assert len(kernels) > 10
