from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_brain_atlas.gui.turning import UPRIGHT, Turn, Turns

ALL = [Turn(quarters, flipped) for quarters in range(4) for flipped in (False, True)]
turns = st.sampled_from(ALL)
CENTER = (3.0, -2.0)


def test_a_quarter_turn_brings_the_right_to_the_bottom() -> None:
    # y points down, as on the screen.
    moved = UPRIGHT.turned().about([[13.0, -2.0]], CENTER)
    np.testing.assert_allclose(moved, [[3.0, 8.0]])


@pytest.mark.parametrize("turn", ALL, ids=str)
def test_a_mirror_swaps_what_is_seen_left_and_right(turn: Turn) -> None:
    points = [[5.0, 1.0], [0.0, 7.0]]
    seen, mirrored = turn.about(points, CENTER), turn.mirrored().about(points, CENTER)
    np.testing.assert_allclose(mirrored[:, 1], seen[:, 1])
    np.testing.assert_allclose(mirrored[:, 0] - CENTER[0], CENTER[0] - seen[:, 0])


@given(turns)
def test_four_turns_and_two_mirrors_change_nothing(turn: Turn) -> None:
    assert turn.turned().turned().turned().turned() == turn
    assert turn.turned().turned(-1) == turn
    assert turn.mirrored().mirrored() == turn
    matrix = turn.matrix
    np.testing.assert_allclose(turn.turned().matrix, UPRIGHT.turned().matrix @ matrix)


@given(turns)
def test_the_affine_of_napari_does_the_same(turn: Turn) -> None:
    points = np.array([[5.0, 1.0], [0.0, 7.0], [3.0, -2.0]])
    rows = np.c_[points[:, ::-1], np.ones(3)]
    np.testing.assert_allclose(
        (rows @ turn.affine(CENTER).T)[:, 1::-1], turn.about(points, CENTER), atol=1e-12
    )


@pytest.mark.parametrize("turn", ALL, ids=str)
def test_the_size_is_that_of_the_turned_rectangle(turn: Turn) -> None:
    corners = turn.about([[0, 0], [4, 0], [0, 9], [4, 9]], (0, 0))
    np.testing.assert_allclose(np.ptp(corners, axis=0), turn.size(4, 9))


def test_only_what_is_laid_otherwise_is_kept() -> None:
    laid = Turns().with_turn(4, Turn(1)).with_turn(2, Turn(0, True))
    assert laid.of(4) == Turn(1) and laid.of(2) == Turn(0, True) and laid.of(3) == UPRIGHT
    assert [section for section, _ in laid.of_sections] == [2, 4]
    assert laid.with_turn(4, UPRIGHT).with_turn(2, UPRIGHT) == Turns()
