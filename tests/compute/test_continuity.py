from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_brain_atlas.compute.continuity import continuity
from napari_brain_atlas.compute.laying import pose_by_landmarks

RNG = np.random.default_rng(3)
N = 3000


def tissue(seed: int) -> np.ndarray:
    """Cells of an uneven ellipse, so that no turned or mirrored one lies on it."""
    xy = np.random.default_rng(seed).uniform(-1, 1, (4 * N, 2)) * (1000, 600)
    radius = np.hypot(xy[:, 0] / 1000, xy[:, 1] / 600)
    return xy[(radius < 1) & ((xy[:, 0] < 300) | (xy[:, 1] < 200))][:N]


def quarters(xy: np.ndarray) -> np.ndarray:
    """Neighborhoods 1 to 4 by place, and a small one, 5, inside the first."""
    labels = 1 + (xy[:, 0] > 0) + 2 * (xy[:, 1] > 0)
    labels[np.hypot(xy[:, 0] + 500, xy[:, 1] + 200) < 100] = 5
    return labels.astype(np.int32)


def turned(xy: np.ndarray, degrees: float, mirrored: bool = False) -> np.ndarray:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    flipped = xy * (-1, 1) if mirrored else xy
    return flipped @ turn.T + (5000, -300)


@pytest.fixture
def follow(make_atlas):
    def run(sections, labels, animals=None):
        sizes = [len(xy) for xy in sections]
        atlas = make_atlas(np.concatenate(sections), sizes, animals=animals)
        return continuity(atlas, np.concatenate(labels).astype(np.int32))

    return run


@pytest.mark.parametrize(
    ("move", "as_given"),
    [
        pytest.param(lambda xy: xy, None, id="registered"),
        pytest.param(lambda xy: turned(xy, 70), False, id="turned"),
        pytest.param(lambda xy: turned(xy, 170, mirrored=True), False, id="turned and mirrored"),
    ],
)
def test_the_same_tissue_overlaps_however_it_lies_on_the_slide(follow, move, as_given) -> None:
    one, two = tissue(1), tissue(2)
    found = follow([one, move(two)], [quarters(one), quarters(two)])
    assert found.ids.tolist() == [1, 2, 3, 4, 5]
    assert found.n_steps.tolist() == found.n_placed.tolist() == [1] * 5
    # The last has 49 cells: how they are dealt out anew matters.
    assert (found.overlap[:4] > 0.9).all()
    assert found.overlap[4] > 0.65
    assert (found.by_chance < 0.6).all()
    assert (found.size_likeness[:4] > 0.9).all()
    if as_given is not None:
        assert found.n_as_given.tolist() == [int(as_given)] * 5


def test_sections_laid_far_apart_in_one_frame_are_brought_together(follow) -> None:
    one, two = tissue(1), tissue(2)
    found = follow([one, two + np.array([1e7, 0])], [quarters(one), quarters(two)])
    assert (found.overlap[:4] > 0.9).all()


def test_a_neighborhood_that_lies_elsewhere_does_not_overlap(follow) -> None:
    one, two = tissue(1), tissue(2)
    elsewhere = quarters(two)
    elsewhere[elsewhere == 5] = 1
    elsewhere[np.hypot(two[:, 0] + 400, two[:, 1] - 250) < 100] = 5
    found = follow([one, two], [quarters(one), elsewhere])
    assert found.overlap[4] < 0.1
    assert (found.overlap[:2] > 0.8).all()


def test_what_is_scattered_overlaps_no_more_than_by_chance(follow) -> None:
    one, two = tissue(1), tissue(2)
    labels = [np.where(RNG.random(N) < 0.1, 7, quarters(xy)) for xy in (one, two)]
    found = follow([one, two], labels)
    scattered = found.ids == 7
    assert found.overlap[scattered] == pytest.approx(found.by_chance[scattered], abs=0.15)
    assert found.by_chance[scattered] > 0.8


def test_gaps_and_ends_are_told_apart(follow) -> None:
    xy = tissue(1)
    labels = [quarters(xy) for _ in range(5)]
    for i in (0, 2, 4):
        labels[i][labels[i] == 5] = 1
    labels[1][labels[1] == 2] = 1
    found = follow([xy] * 5, labels)
    by_id = dict(zip(found.ids.tolist(), found.n_gaps.tolist(), strict=True))
    # 5 stands on two sections around one; 2 is missing within; 1 goes on.
    assert (by_id[5], by_id[2], by_id[1]) == (1, 1, 0)
    assert found.n_sections[found.ids == 5] == 2
    assert found.n_steps[found.ids == 5] == 0
    assert np.isnan(found.overlap[found.ids == 5])
    assert found.n_steps[found.ids == 2] == 2


def test_sections_of_different_animals_are_not_neighbors(follow) -> None:
    xy = tissue(1)
    found = follow([xy] * 3, [quarters(xy)] * 3, ["a", "a", "b"])
    assert (found.n_steps == 1).all()
    alone = follow([xy] * 2, [quarters(xy)] * 2, ["a", "b"])
    assert (alone.n_steps == 0).all()
    assert np.isnan(alone.size_likeness).all()
    assert np.isnan(alone.overlap).all()
    assert (alone.n_gaps == 0).all()


def test_size_is_that_of_the_share_of_the_section(follow) -> None:
    one, two = tissue(1), tissue(1)[::2]
    labels = quarters(one)
    found = follow([one, two], [labels, labels[::2]])
    # Half of the cells were measured, of all neighborhoods alike.
    assert (found.size_likeness[:4] > 0.9).all()
    shrunk = np.where((labels == 4) & (RNG.random(N) < 0.5), 1, labels)
    assert follow([one, one], [labels, shrunk]).size_likeness[3] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("n", [0, 1, 4, 30], ids=lambda n: f"{n} cells")
def test_small_sections_are_no_error(follow, n: int) -> None:
    xy = tissue(1)
    found = follow([xy, xy[:n], xy], [quarters(xy), quarters(xy[:n]), quarters(xy)])
    assert found.ids.tolist() == [1, 2, 3, 4, 5]
    assert np.isfinite(found.overlap[found.n_placed > 0]).all()


def test_cells_in_one_place_and_nobody_owned_are_no_error(follow) -> None:
    found = follow([np.zeros((50, 2))] * 2, [np.repeat([1, 2], 25)] * 2)
    assert np.isfinite(found.overlap).all()
    nobody = follow([tissue(1)] * 2, [np.full(N, -1)] * 2)
    assert len(nobody.ids) == 0


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0, 360), st.booleans(), st.floats(-1e4, 1e4), st.integers(3, 40), st.integers(0, 99)
)
def test_a_rigid_move_is_found_from_landmarks(degrees, mirrored, shift, n, seed) -> None:
    here = np.random.default_rng(seed).normal(0, 400, (n, 2))
    there = turned(here, degrees, mirrored) + shift
    pose = pose_by_landmarks(here, there, np.full(n, 10.0))
    assert pose is not None
    np.testing.assert_allclose(pose.turn @ pose.turn.T, np.eye(2), atol=1e-9)
    centered = here - here.mean(axis=0)
    spread = np.linalg.svd(centered, compute_uv=False)
    # Landmarks nearly on a line look the same in a mirror.
    if not mirrored or spread[1] ** 2 > 0.25 * spread[0] ** 2:
        np.testing.assert_allclose(pose.lay(here), there, atol=1e-3)


def test_two_landmarks_say_nothing() -> None:
    assert pose_by_landmarks(np.eye(2), np.eye(2), np.ones(2)) is None


def test_one_landmark_that_moved_does_not_turn_the_section() -> None:
    here = np.random.default_rng(0).normal(0, 400, (12, 2))
    there = turned(here, 30)
    there[0] += 900
    pose = pose_by_landmarks(here, there, np.full(12, 10.0))
    assert pose is not None
    away = np.linalg.norm(pose.lay(here) - there, axis=1)
    assert away[1:].max() < 60 < away[0]
