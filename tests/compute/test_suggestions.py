"""What is suggested, on tissues in which it is known what belongs together."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from napari_brain_atlas.compute.borders import Inside, borders_of, count_meetings
from napari_brain_atlas.compute.clustering import build_hierarchy
from napari_brain_atlas.compute.neighbors import nearest_cells
from napari_brain_atlas.compute.suggestions import overlap_of, rank_merges, rank_splits
from napari_brain_atlas.compute.tree_groups import TreeGroups
from napari_brain_atlas.model.hierarchy import Hierarchy

SIDE = 36
ROW, COLUMN = (a.ravel() for a in np.indices((SIDE, SIDE)))
XY = np.stack([COLUMN, ROW], axis=1).astype(np.float32) * 10
NEAR = nearest_cells(XY, 8)[0][:, 1:].astype(np.int32)
BANDS = (COLUMN // 12).astype(np.int64)
"""Three stripes of twelve columns; the first two are of one kind of tissue."""


def everyone(one: int, other: int) -> bool:
    return True


def tissue(kinds: NDArray[np.int64], seed: int = 0) -> Hierarchy:
    """A tree over cells whose embedding is that of their kind, and a little noise."""
    rng = np.random.default_rng(seed)
    places = np.array([[0, 0], [20, 0], [0, 20], [20, 20]], np.float32)
    embedding = places[kinds] + rng.normal(size=(len(kinds), 2)).astype(np.float32)
    return build_hierarchy(embedding.astype(np.float32), min_samples=5)


TWO_KINDS = tissue(np.minimum(COLUMN // 24, 1))


def test_borders_count_who_meets_whom_both_ways() -> None:
    codes = np.array([0, 0, 1, 2])
    near = np.array([[1, -1], [0, 2], [1, 3], [2, -1]], np.int32)
    found = borders_of(codes, near, 3)
    assert found.meetings.tolist() == [[4, 2, 0], [2, 0, 2], [0, 2, 0]]
    assert found.touching() == [(0, 1), (1, 2)]
    assert found.contact(0, 1) == 1.0
    assert found.contact(0, 2) == 0.0


def test_meetings_are_those_of_a_plain_count() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(-1, 5, 400).astype(np.int32)
    near = rng.integers(-1, 400, (400, 9)).astype(np.int32)
    counted, plain = np.zeros((5, 5), np.int64), np.zeros((5, 5), np.int64)
    count_meetings(codes, near, counted, slice(30, 390, 4))
    for cell in range(30, 390, 4):
        for other in near[cell, :6]:
            if codes[cell] >= 0 and other >= 0 and codes[other] >= 0:
                plain[codes[cell], codes[other]] += 1
    np.testing.assert_array_equal(counted, plain)


@pytest.mark.parametrize(
    ("leaves", "low", "high"),
    [
        (COLUMN < 6, 0.7, 1.0),
        ((ROW + COLUMN) % 2 == 0, -1.0, 0.0),
        (np.zeros(len(ROW), bool), 0.0, 0.0),
        (np.random.default_rng(1).random(len(ROW)) < 0.3, -0.15, 0.15),
    ],
    ids=["two halves", "a chessboard", "nothing leaves", "by lot"],
)
def test_parts_that_lie_apart_are_told_from_mixed_ones(
    leaves: NDArray[np.bool_], low: float, high: float
) -> None:
    found = Inside.of(BANDS, NEAR, 0).coherence(leaves)
    assert low <= found <= high


def test_two_stripes_of_one_kind_are_to_be_merged_and_no_others() -> None:
    tree = TreeGroups.of(TWO_KINDS, BANDS, 3)
    (found,) = rank_merges(tree, borders_of(BANDS, NEAR, 3), None, everyone)
    assert (found.one, found.other) == (0, 1)
    assert found.together > 0.95
    assert max(found.apart) < 0.6
    assert found.separation < 0.3
    assert found.overlap is None
    assert 0.4 < found.contact <= 1.0


def test_what_may_not_be_one_or_does_not_touch_is_not_suggested() -> None:
    tree = TreeGroups.of(TWO_KINDS, BANDS, 3)
    borders = borders_of(BANDS, NEAR, 3)
    assert rank_merges(tree, borders, None, lambda one, other: False) == []
    apart = np.full_like(NEAR, -1)
    assert rank_merges(tree, borders_of(BANDS, apart, 3), None, everyone) == []


def test_other_cell_types_lower_the_score() -> None:
    tree, borders = TreeGroups.of(TWO_KINDS, BANDS, 3), borders_of(BANDS, NEAR, 3)
    alike = np.array([[0.5, 0.5], [0.5, 0.5], [1.0, 0.0]])
    other = np.array([[0.8, 0.2], [0.2, 0.8], [1.0, 0.0]])
    nearer = np.array([[0.7, 0.3], [0.3, 0.7], [1.0, 0.0]])
    (first,), (second,) = (rank_merges(tree, borders, s, everyone) for s in (alike, nearer))
    assert (first.overlap, second.overlap) == (1.0, pytest.approx(0.6))
    assert second.score == pytest.approx(0.6 * first.score)
    assert rank_merges(tree, borders, other, everyone) == []
    assert overlap_of(other, 0, 2) == pytest.approx(0.8)


def test_a_group_of_two_kinds_is_to_be_split_where_they_meet() -> None:
    codes = (COLUMN < 6).astype(np.int64)
    tree = TreeGroups.of(TWO_KINDS, codes, 2)
    (found,) = rank_splits(tree, codes, NEAR, [0, 1])
    assert found.group == 0
    assert (found.n_leaves, found.n_stays) == (12 * SIDE, 18 * SIDE)
    leaves = tree.under(found.parting.leaves)[TWO_KINDS.point_of_cell]
    np.testing.assert_array_equal(leaves & (codes == 0), COLUMN >= 24)
    assert found.holds == (pytest.approx(1.0), pytest.approx(0.75))
    assert found.coherence > 0.8
    assert found.separation > 10


def test_kinds_that_are_mixed_in_space_are_not_to_be_split() -> None:
    kinds = np.random.default_rng(3).integers(0, 2, len(ROW))
    codes = np.zeros(len(ROW), np.int64)
    tree = TreeGroups.of(tissue(kinds), codes, 1)
    assert rank_splits(tree, codes, NEAR, [0]) == []


def test_what_does_not_come_back_in_halves_is_not_suggested() -> None:
    shaky = Hierarchy(
        TWO_KINDS.linkage, TWO_KINDS.weights, TWO_KINDS.point_of_cell, TWO_KINDS.centers,
        np.full(2 * len(TWO_KINDS.weights) - 1, 0.5, np.float32),
    )  # fmt: skip
    codes = np.zeros(len(ROW), np.int64)
    assert rank_splits(TreeGroups.of(shaky, codes, 1), codes, NEAR, [0]) == []
    tree = TreeGroups.of(shaky, BANDS, 3)
    assert rank_merges(tree, borders_of(BANDS, NEAR, 3), None, everyone) == []


def test_points_under_a_node_are_those_of_its_parts() -> None:
    tree = TreeGroups.of(TWO_KINDS, BANDS, 3)
    n = len(TWO_KINDS.weights)
    for row in (0, 17, 400, len(TWO_KINDS.linkage) - 1):
        left, right = TWO_KINDS.linkage[row, :2].astype(int)
        both = tree.under(left) | tree.under(right)
        np.testing.assert_array_equal(tree.under(n + row), both)
        assert tree.under(n + row).sum() == TWO_KINDS.linkage[row, 3]
    assert tree.part(1, 2 * n - 2)[-1] == (BANDS == 1).sum()
