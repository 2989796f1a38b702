from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from odd_sections import banded  # noqa: F401

from napari_brain_atlas.compute.bands import Buffers
from napari_brain_atlas.compute.painting import (
    STRIPE_PERIOD,
    STRIPE_WIDTH,
    Coat,
    Line,
    Rgba,
    Style,
    Units,
    paint,
)

WHITE, BLACK = (255, 255, 255, 255), (0, 0, 0, 255)
COLORS = np.array(
    [[200, 30, 40, 255], [20, 220, 60, 255], [50, 60, 240, 72], [9, 8, 7, 130], [90, 90, 0, 255]],
    np.uint8,
)
PLAIN = Style(1000.0, 0.0)


def patches(height: int, width: int, seed: int = 0, holes: bool = True) -> Units:
    """Units in patches, some pixels with none."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(-1 if holes else 0, 9, (height // 4 + 1, width // 4 + 1))
    return coarse.repeat(4, axis=0).repeat(4, axis=1)[:height, :width].astype(np.int32)


def painted(
    nearest: Units,
    now: Coat,
    *lines: Line,
    squares: NDArray[np.float32] | None = None,
    margin: int = 0,
    style: Style = PLAIN,
    proposed: Coat | None = None,
) -> Rgba:
    squares = np.zeros(nearest.shape, np.float32) if squares is None else squares
    return paint(nearest, squares, margin, style, now, proposed, lines, Buffers()).copy()


def coat(seed: int = 0) -> Coat:
    return Coat(np.random.default_rng(seed).integers(0, 5, 9).astype(np.int32), COLORS)


def halves(shape: tuple[int, int], at: int, axis: int) -> Units:
    there = np.indices(shape)[axis] >= at
    return there.astype(np.int32)


def on_line(picture: Rgba, color: tuple[int, int, int, int] = WHITE) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (picture == color).all(axis=-1)
    return found


@pytest.mark.usefixtures("banded")
@pytest.mark.parametrize("margin", [0, 1, 5])
def test_each_pixel_has_the_color_of_its_unit(margin: int) -> None:
    nearest, now = patches(50, 61), coat()
    picture = painted(nearest, now, margin=margin)
    inner = nearest[margin : 50 - margin, margin : 61 - margin]
    assert picture.shape == (*inner.shape, 4) and picture.dtype == np.uint8
    expected = np.where(inner[..., None] >= 0, COLORS[now.groups[inner]], 0)
    np.testing.assert_array_equal(picture, expected)


@pytest.mark.parametrize("territory", [0.0, 0.3, 0.45, 1.0])
@pytest.mark.parametrize("disc", [0.71, 3.0, 20.0])
def test_discs_are_full_and_the_area_around_them_fades(disc: float, territory: float) -> None:
    away = np.linspace(0, 40, 4001, dtype=np.float32)[None]
    nearest, now = np.zeros_like(away, np.int32), Coat(np.array([0], np.int32), COLORS[:1])
    picture = painted(nearest, now, squares=away**2, style=Style(disc, territory))
    assert (picture[..., :3] == COLORS[0, :3]).all()
    alpha = picture[0, :, 3].astype(int)
    inside, outside = away[0] < disc - 0.5, away[0] > disc + 0.5
    assert (alpha[inside] == 255).all()
    assert np.abs(alpha[outside] - 255 * territory).max() <= 1
    share = territory + (1 - territory) * np.clip(disc + 0.5 - away[0], 0, 1)
    assert np.abs(alpha - 255 * share).max() <= 3
    assert (np.diff(alpha) <= 0).all()


def test_what_is_faded_stays_faded_in_its_territory() -> None:
    squares = np.array([[0, 10_000]], np.float32)
    now = Coat(np.array([2], np.int32), COLORS)
    picture = painted(np.zeros((1, 2), np.int32), now, squares=squares, style=Style(3.0, 0.5))
    assert tuple(picture[0, 0]) == (50, 60, 240, 72)
    assert tuple(picture[0, 1]) == (50, 60, 240, 36)


@pytest.mark.usefixtures("banded")
def test_stripes_show_both_colors_where_they_differ_and_one_where_they_do_not() -> None:
    nearest, now, then = patches(140, 150), coat(0), coat(1)
    picture = painted(nearest, now, proposed=then)
    present, proposed = painted(nearest, now), painted(nearest, then)
    is_now = (picture == present).all(axis=-1)
    is_then = (picture == proposed).all(axis=-1)
    assert (is_now | is_then).all()
    differ = (present != proposed).any(axis=-1)
    assert differ.any() and not differ.all()
    assert is_then[differ].mean() == pytest.approx(STRIPE_WIDTH / STRIPE_PERIOD, abs=0.05)


def test_where_nothing_is_proposed_there_are_no_stripes() -> None:
    clear = COLORS.copy()
    clear[1, 3] = 0
    now, then = Coat(np.array([0, 2], np.int32), COLORS), Coat(np.array([1, 4], np.int32), clear)
    picture = painted(halves((40, 60), 30, 1), now, proposed=then)
    assert (picture[:, :30] == COLORS[0]).all()
    assert set(map(tuple, picture[:, 30:].reshape(-1, 4))) == {tuple(COLORS[2]), tuple(COLORS[4])}


def test_stripes_run_diagonally() -> None:
    nearest = np.zeros((90, 100), np.int32)
    one, two = (Coat(np.array([g], np.int32), COLORS) for g in (0, 1))
    is_then = on_line(painted(nearest, one, proposed=two), (20, 220, 60, 255))
    np.testing.assert_array_equal(is_then[1:, :-1], is_then[:-1, 1:])
    edges = np.flatnonzero(np.diff(is_then[0].astype(int)))
    np.testing.assert_array_equal(np.unique(np.diff(edges)), [10, 12])


@pytest.mark.usefixtures("banded")
@pytest.mark.parametrize("axis", [0, 1], ids=["across", "upright"])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_a_line_is_as_wide_as_it_says_and_half_on_each_side(width: int, axis: int) -> None:
    nearest = halves((40, 44), 20, axis)
    now = Coat(np.array([0, 1], np.int32), COLORS)
    drawn = on_line(painted(nearest, now, Line(now.groups, WHITE, width)))
    across = drawn if axis == 0 else drawn.T
    assert (across == across[:, :1]).all()
    np.testing.assert_array_equal(
        np.flatnonzero(across[:, 0]), np.arange(20 - (width + 1) // 2, 20 + width // 2)
    )


@pytest.mark.usefixtures("banded")
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_lines_are_where_groups_meet_and_nowhere_else(width: int) -> None:
    nearest, now = patches(48, 60), coat()
    drawn = on_line(painted(nearest, now, Line(now.groups, WHITE, width)))
    groups = np.where(nearest >= 0, now.groups[nearest], -1)
    for i, j in np.ndindex(*groups.shape):
        # Not nearer than the line is wide, and surely within half of its width.
        wide, close = (width + 1) // 2, width // 2
        around = groups[max(i - wide, 0) : i + wide + 1, max(j - wide, 0) : j + wide + 1]
        if (around == groups[i, j]).all():
            assert not drawn[i, j]
        row = groups[i, max(j - close, 0) : j + wide + 1]
        column = groups[max(i - close, 0) : i + wide + 1, j]
        if (row != groups[i, j]).any() or (column != groups[i, j]).any():
            assert drawn[i, j]


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_a_slanted_line_has_no_holes_and_its_width(width: int) -> None:
    rows, columns = np.indices((80, 80))
    nearest = (columns * 0.6 + rows * 0.8 > 55).astype(np.int32)
    now = Coat(np.array([0, 1], np.int32), COLORS)
    drawn = on_line(painted(nearest, now, Line(now.groups, WHITE, width)))
    away = np.abs(columns * 0.6 + rows * 0.8 - 55)
    assert away[drawn].max() <= width / 2 + 1
    # From one side to the other there is no way but over the line.
    for step in ((0, 1), (1, 0)):
        there = np.roll(nearest, (-step[0], -step[1]), (0, 1))[:79, :79]
        crossing = nearest[:79, :79] != there
        other = np.roll(drawn, (-step[0], -step[1]), (0, 1))[:79, :79]
        assert (drawn[:79, :79] | other)[crossing].all()


def test_no_line_within_one_group_and_none_without_units() -> None:
    now = Coat(np.zeros(9, np.int32), COLORS)
    line = Line(now.groups, WHITE, 4)
    assert not on_line(painted(patches(30, 30, holes=False), now, line)).any()
    assert not on_line(painted(np.full((30, 30), -1, np.int32), now, line)).any()


def test_lines_are_drawn_one_over_the_other_also_of_other_groups() -> None:
    nearest = np.indices((30, 30))[1].astype(np.int32) // 10 + 3 * (
        np.indices((30, 30))[0].astype(np.int32) // 15
    )
    now = Coat(np.array([0, 1, 2, 0, 1, 2], np.int32), COLORS)
    rows = Line(np.array([0, 0, 0, 1, 1, 1], np.int32), WHITE, 2)
    columns = Line(now.groups, BLACK, 2)
    both = painted(nearest, now, rows, columns)
    alone = on_line(painted(nearest, now, rows)), on_line(painted(nearest, now, columns), BLACK)
    np.testing.assert_array_equal(on_line(both, BLACK), alone[1])
    np.testing.assert_array_equal(on_line(both, WHITE), alone[0] & ~alone[1])
    other = painted(nearest, now, columns, rows)
    np.testing.assert_array_equal(on_line(other, WHITE), alone[0])
    np.testing.assert_array_equal(on_line(other, BLACK), alone[1] & ~alone[0])


def test_lines_lie_over_stripes_and_follow_what_is_now() -> None:
    nearest = halves((40, 44), 20, 1)
    now = Coat(np.array([0, 1], np.int32), COLORS)
    then = Coat(np.array([4, 4], np.int32), COLORS)
    plain = on_line(painted(nearest, now, Line(now.groups, WHITE, 3)))
    striped = on_line(painted(nearest, now, Line(now.groups, WHITE, 3), proposed=then))
    np.testing.assert_array_equal(plain, striped)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2)], ids=str)
@pytest.mark.parametrize("width", [1, 4])
def test_pictures_smaller_than_a_line(shape: tuple[int, int], width: int) -> None:
    nearest, now = np.zeros(shape, np.int32), Coat(np.zeros(1, np.int32), COLORS)
    picture = painted(nearest, now, Line(now.groups, WHITE, width))
    assert (picture == COLORS[0]).all()


def test_a_line_may_be_translucent_or_not_there() -> None:
    nearest = halves((10, 10), 5, 1)
    now = Coat(np.array([0, 1], np.int32), COLORS)
    picture = painted(nearest, now, Line(now.groups, (1, 2, 3, 128), 1))
    assert on_line(picture, (1, 2, 3, 128)).sum() == 10
