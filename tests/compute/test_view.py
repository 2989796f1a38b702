from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_sections import VIEWS, every_view, turned

from napari_brain_atlas.compute.view import View, whole_view

numbers = st.floats(-1e4, 1e4).map(lambda x: round(x, 3))


def by_hand(view: View, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = view.matrix
    column, row, one = np.array([[a, b, c], [d, e, f], [0, 0, 1]]) @ [x, y, 1.0]
    assert one == 1
    return column, row


@every_view
def test_points_are_placed_by_the_matrix(view: View) -> None:
    xy = np.random.default_rng(0).uniform(-1e3, 1e3, (40, 2))
    np.testing.assert_allclose(view.place(xy), [by_hand(view, *p) for p in xy], atol=1e-9)
    assert view.place(np.empty((0, 2))).shape == (0, 2)


def test_columns_go_along_x_and_rows_along_y() -> None:
    view = View((2.0, 0.0, 10.0, 0.0, 3.0, 20.0), 5, 5)
    np.testing.assert_array_equal(view.place([[1, 1]]), [[12, 23]])


@every_view
def test_the_corner_is_what_the_first_pixel_begins_with(view: View) -> None:
    np.testing.assert_allclose(view.place([view.corner]), [[0, 0]], atol=1e-8)


@pytest.mark.parametrize("degrees", [0, 30, 90, 215])
def test_the_scale_does_not_depend_on_how_a_section_is_turned(degrees: float) -> None:
    assert turned(degrees, 0.3, (7, 8), (50, 60)).scale == pytest.approx(0.3)
    assert turned(degrees, 4.0, (7, 8), (50, 60)).scale == pytest.approx(4.0)


@every_view
def test_the_scale_is_the_root_of_the_area_of_a_unit_square(view: View) -> None:
    o, p, q = view.place([[0, 0], [1, 0], [0, 1]])
    area = abs(np.linalg.det([p - o, q - o]))
    assert view.scale == pytest.approx(np.sqrt(area))


@given(pixels=st.integers(0, 200), x=numbers, y=numbers, name=st.sampled_from(sorted(VIEWS)))
def test_a_margin_moves_all_by_as_many_pixels(pixels: int, x: float, y: float, name: str) -> None:
    view = VIEWS[name]
    wide = view.widened(pixels)
    assert (wide.height, wide.width) == (view.height + 2 * pixels, view.width + 2 * pixels)
    moved = wide.place([[x, y]]) - view.place([[x, y]])
    np.testing.assert_allclose(moved, [[pixels, pixels]], atol=1e-7)


@pytest.mark.parametrize("second", VIEWS.values(), ids=VIEWS)
@every_view
def test_a_view_of_a_view_places_as_both_one_after_the_other(view: View, second: View) -> None:
    xy = np.random.default_rng(1).uniform(0, 100, (20, 2))
    both = view.then(second)
    np.testing.assert_allclose(both.place(xy), second.place(view.place(xy)), atol=1e-6)
    assert (both.height, both.width) == (second.height, second.width)


@given(x=numbers, y=numbers, width=st.floats(0, 1e4), height=st.floats(0, 1e4))
def test_a_view_of_all_holds_all(x: float, y: float, width: float, height: float) -> None:
    view = whole_view((x, y), (x + width, y + height), 5.0, 300)
    assert max(view.height, view.width) == 300
    low, high = view.place([[x, y], [x + width, y + height]])
    assert (low >= 0).all()
    # Half a pixel may be lost where the shorter side is rounded.
    assert (high <= np.array([view.width, view.height]) + 0.5 + 1e-6).all()
    np.testing.assert_allclose(low, 5.0 * view.scale, atol=1e-6)


def test_a_view_of_a_spot_without_margin_is_a_view() -> None:
    view = whole_view((3.0, 3.0), (3.0, 3.0), 0.0, 40)
    assert max(view.height, view.width) == 40
    assert np.isfinite(view.place([[3, 3]])).all()
