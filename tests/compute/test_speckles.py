"""Small pieces go to what is around them, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import label as pieces_of

from napari_brain_atlas.compute.neighbors import nearest_cells
from napari_brain_atlas.compute.resolve import vote
from napari_brain_atlas.compute.speckles import absorb_speckles, cell_area, cells_in, kept_alive
from napari_brain_atlas.model.atlas import Unit

SIDE = 40


def lattice(side: int = SIDE) -> tuple[np.ndarray, np.ndarray]:
    """Cells at the corners of squares, and the eight others nearest to each."""
    rows, columns = np.indices((side, side))
    xy = np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32) * 10
    return xy, nearest_cells(xy, 8)[0][:, 1:]


XY, NEAREST = lattice()


def drawn(*patches: tuple[int, int, int, int, int]) -> np.ndarray:
    """A tissue of owner 0 with rectangles of others: owner, row, column, height, width."""
    tissue = np.zeros((SIDE, SIDE), np.int32)
    for owner, row, column, height, width in patches:
        tissue[row : row + height, column : column + width] = owner
    return tissue.ravel()


@pytest.mark.parametrize(
    ("patches", "least", "expected"),
    [
        ([(1, 5, 5, 3, 3)], 10, []),
        ([(1, 5, 5, 3, 3)], 9, [(1, 5, 5, 3, 3)]),
        ([(1, 5, 5, 10, 10), (0, 8, 8, 2, 2)], 10, [(1, 5, 5, 10, 10)]),
        ([(1, 0, 0, 40, 20), (2, 10, 18, 2, 3)], 10, [(1, 0, 0, 40, 20), (1, 10, 20, 2, 1)]),
        ([(1, 5, 5, 3, 3), (2, 6, 6, 1, 1)], 10, []),
        ([(1, 0, 0, 2, 2)], 10, []),
    ],
    ids=[
        "a speckle", "just large enough", "a hole", "on a border, more of it on one side",
        "a speckle in a speckle", "in a corner",
    ],
)  # fmt: skip
def test_small_pieces_go_to_what_is_around(
    patches: list[tuple[int, ...]], least: int, expected: list[tuple[int, ...]]
) -> None:
    found = absorb_speckles(drawn(*patches), NEAREST, least)  # type: ignore[arg-type]
    np.testing.assert_array_equal(found, drawn(*expected))  # type: ignore[arg-type]


@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(2, 6))
@settings(max_examples=40, deadline=None)
def test_what_stays_small_has_nothing_around_it_and_large_pieces_do_not_shrink(
    seed: int, least: int, n_owners: int
) -> None:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, n_owners, (8, 8))
    owner = np.kron(coarse, np.ones((5, 5), int)).ravel().astype(np.int32)
    noisy = rng.random(len(owner)) < 0.1
    owner[noisy] = rng.integers(0, n_owners, noisy.sum())
    after = absorb_speckles(owner, NEAREST, least)
    moved = (after != owner).reshape(SIDE, SIDE)
    for value in range(n_owners):
        # Cells among each other's six nearest touch by a side or a corner; those of a piece
        # by sides alone surely hang together.
        touching, n = pieces_of((owner == value).reshape(SIDE, SIDE))
        sizes = np.bincount(touching.ravel(), minlength=n + 1)
        assert not (moved & (touching > 0) & (sizes[touching] >= least)).any()
    np.testing.assert_array_equal(after, absorb_speckles(owner, NEAREST, least))


def test_nobodys_cells_are_left_out() -> None:
    owner = drawn((1, 5, 5, 2, 2))
    owner[owner == 1] = -1
    np.testing.assert_array_equal(absorb_speckles(owner, NEAREST, 30), owner)
    alone = np.full(SIDE * SIDE, -1, np.int32)
    alone[7] = 3
    np.testing.assert_array_equal(absorb_speckles(alone, NEAREST, 30), alone)


@pytest.mark.parametrize("least", [0, 1])
def test_nothing_is_small_enough(least: int) -> None:
    owner = drawn((1, 5, 5, 1, 1))
    assert absorb_speckles(owner, NEAREST, least) is owner


def test_a_cell_stands_for_its_share_of_the_tissue() -> None:
    rng = np.random.default_rng(0)
    xy = rng.uniform(0, 1000, (4000, 2)).astype(np.float32)
    assert cell_area(xy, nearest_cells(xy, 15)[0][:, 1:]) == pytest.approx(250, rel=0.1)
    # Empty space beside the tissue makes no cell larger.
    xy[:, 0] += np.where(xy[:, 0] > 500, 5000, 0)
    assert cell_area(xy, nearest_cells(xy, 15)[0][:, 1:]) == pytest.approx(250, rel=0.1)


def test_area_where_there_is_none() -> None:
    one_place = np.zeros((9, 2), np.float32)
    assert cell_area(one_place, nearest_cells(one_place, 4)[0][:, 1:]) == np.inf
    assert cell_area(one_place[:1], np.zeros((1, 0), np.int32)) == np.inf
    assert cells_in(100.0, np.inf) == 0
    assert cells_in(100.0, 30.0) == 4


def test_an_owner_lives_on_where_it_had_most() -> None:
    before = np.array([0, 1, 1, 0, 0, 1, 0, 2], np.int32)
    owner = np.array([0, 0, 0, 0, 0, 0, 0, 2], np.int32)
    stays = kept_alive(owner, before, np.array([0, 4, 8]))
    np.testing.assert_array_equal(np.flatnonzero(stays), [1, 2])


def test_no_neighborhood_vanishes_by_settling(make_atlas: object) -> None:
    labels = drawn((1, 5, 5, 1, 1), (2, 20, 20, 8, 8), (2, 2, 30, 1, 2))
    atlas = make_atlas(XY, [SIDE * SIDE])  # type: ignore[operator]
    owner, confidence = vote(atlas, labels, np.ones(len(labels), np.float32))
    assert set(owner) == {0, 1, 2}
    # Owner 1 has nothing else; the speckle of 2 is absorbed.
    assert (owner == 1).sum() == 1
    assert (owner.reshape(SIDE, SIDE)[2] == 0).all()
    assert np.isfinite(confidence).all()
    least = 25 * cell_area(XY, NEAREST)
    only_large, _ = vote(atlas, labels, np.ones(len(labels), np.float32), smallest_piece=least)
    assert set(only_large) == {0, 1, 2}


@pytest.mark.parametrize(
    ("unit", "least", "stays"),
    [("um", 700.0, True), ("um", 1100.0, False), ("px", 8.0, True), ("px", 11.0, False)],
)
def test_area_is_in_cells_where_the_unit_is_not_known(
    make_atlas: object, unit: str, least: float, stays: bool
) -> None:
    # Nine cells, 10 apart.
    labels = drawn((1, 5, 5, 3, 3), (1, 20, 20, 10, 10))
    atlas = make_atlas(XY, [SIDE * SIDE])  # type: ignore[operator]
    atlas = replace(atlas, unit=Unit(unit, 1.0, "for a test"))  # type: ignore[arg-type]
    ones = np.ones(len(labels), np.float32)
    owner, _ = vote(atlas, labels, ones, rounds=0, smallest_piece=least)
    assert bool((owner.reshape(SIDE, SIDE)[5:8, 5:8] == 1).all()) == stays
