from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from napari_brain_atlas.compute.stacking import (
    DEEP,
    WIDEST_GAP,
    depths_of,
    plane_through,
    shifts_of,
)


def test_sections_lie_at_their_positions_in_micrometres() -> None:
    found = depths_of([1.2, 0.7, -0.5], 9000.0, in_um=True)
    np.testing.assert_allclose(found.z, [1200, 700, -500])
    assert found.told == "sections at their positions"


@pytest.mark.parametrize(
    ("positions", "in_um", "why"),
    [
        ([None, None, None], True, "the file knows no positions"),
        ([1.0, None, None], True, "2 of 3 have no position"),
        ([1.0, 1.0, 0.5], True, "several share a position"),
        ([1.0, 0.8, 0.5], False, "the unit of the coordinates is not known"),
    ],
    ids=["none", "some", "shared", "unknown unit"],
)
def test_else_they_lie_evenly_and_say_why(
    positions: list[float | None], in_um: bool, why: str
) -> None:
    found = depths_of(positions, 1000.0, in_um)
    gaps = np.diff(found.z)
    # What is anterior comes first, and has the larger z.
    assert (gaps < 0).all()
    np.testing.assert_allclose(gaps, gaps[0])
    assert why in found.told and "evenly" in found.told


@pytest.mark.parametrize("n", [2, 5, 60])
def test_an_even_stack_is_neither_flat_nor_long(n: int) -> None:
    found = depths_of([None] * n, 1000.0, in_um=True)
    depth = float(np.ptp(found.z))
    assert depth == pytest.approx(min(DEEP, WIDEST_GAP * (n - 1)) * 1000)


def test_one_section_lies_at_zero() -> None:
    assert depths_of([3.0], 1000.0, in_um=True).z.tolist() == [0.0]


def test_sections_behind_each_other_stay_where_they_are() -> None:
    low = np.array([[0, 0], [100, -50], [-80, 60]], np.float64)
    assert shifts_of(low, low + 1000) is None


def test_sections_beside_each_other_are_centered() -> None:
    low = np.array([[0, 0], [1500, 0], [0, 1500]], np.float64)
    high = low + np.array([[1000, 1000], [900, 1000], [1000, 800]])
    shifts = shifts_of(low, high)
    assert shifts is not None
    middles = (low + high) / 2 + shifts
    np.testing.assert_allclose(middles, np.broadcast_to(middles[0], (3, 2)))


def test_a_plane_is_found_however_it_lies() -> None:
    rng = np.random.default_rng(0)
    flat = np.column_stack([8000 * rng.random((500, 1)), 5000 * rng.random((500, 1))])
    thick = np.column_stack([flat, rng.normal(0, 20, 500)])
    turn = Rotation.from_euler("xyz", [20, -30, 40], degrees=True)
    corners = plane_through(turn.apply(thick) + 1000)
    assert corners is not None
    back = turn.inv().apply(corners - 1000)
    assert np.abs(back[:, 2]).max() < 60
    # All points lie between the corners, which are those of a rectangle.
    sides = np.diff(np.concatenate([corners, corners[:1]]), axis=0)
    for one, two in zip(sides, np.roll(sides, -1, axis=0), strict=True):
        assert abs(one @ two) < 1e-6 * np.linalg.norm(one) * np.linalg.norm(two)
    for axis in (sides[0], sides[1]):
        spread, ends = (turn.apply(thick) + 1000) @ axis, corners @ axis
        slack = 1e-6 * float(np.abs(ends).max())
        assert spread.min() >= ends.min() - slack and spread.max() <= ends.max() + slack


def test_two_points_have_no_plane() -> None:
    assert plane_through(np.zeros((2, 3))) is None
