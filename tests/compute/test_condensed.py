from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_brain_atlas.compute.clustering import single_linkage
from napari_brain_atlas.compute.condensed import (
    condense,
    excess_of_mass,
    join_close,
    leaves,
    membership,
)

# Two pairs of pairs: {0, 1}, {2, 3} join at 2; {4, 5}, {6, 7} join at 4; all at 10.
LINKAGE = np.array(
    [
        [0, 1, 1, 2],
        [2, 3, 1, 2],
        [4, 5, 1, 2],
        [6, 7, 1, 2],
        [8, 9, 2, 4],
        [10, 11, 4, 4],
        [12, 13, 10, 8],
    ],
    float,
)
ONES = np.ones(8, np.int64)


def test_the_tree_of_four_pairs() -> None:
    tree = condense(LINKAGE, ONES, 2)
    assert tree.parent.tolist() == [-1, 0, 0, 2, 2, 1, 1]
    np.testing.assert_allclose(tree.birth, [0, 0.1, 0.1, 0.25, 0.25, 0.5, 0.5])
    assert tree.size.tolist() == [8, 4, 4, 2, 2, 2, 2]
    # Cells × lambda: four cells from 0.1 to 0.5, or two of them from 0.5 to 1.
    np.testing.assert_allclose(tree.stability[1:], [1.6, 0.6, 1.5, 1.5, 1.0, 1.0])


@pytest.mark.parametrize(("limit", "clusters"), [(0, [2, 2, 2, 2]), (4, [2, 2, 2, 2]), (1, [])])
def test_excess_of_mass_keeps_the_more_stable(limit: int, clusters: list[int]) -> None:
    tree = condense(LINKAGE, ONES, 2)
    assert tree.size[excess_of_mass(tree, limit)].tolist() == clusters


def test_weights_decide_what_is_stable() -> None:
    # A heavy cell that leaves the first pair of pairs early keeps that pair of pairs whole.
    linkage = LINKAGE.copy()
    linkage[4, 2] = 1.05
    tree = condense(linkage, ONES, 2)
    assert sorted(tree.size[excess_of_mass(tree)]) == [2, 2, 4]


@pytest.mark.parametrize(
    ("epsilon", "n_clusters"),
    [(0.5, 4), (1.9, 4), (2.1, 3), (4.1, 2), (100.0, 2)],
)
def test_splits_below_epsilon_are_undone_but_never_the_first(epsilon, n_clusters) -> None:
    tree = condense(LINKAGE, ONES, 2)
    assert join_close(tree, leaves(tree), epsilon).sum() == n_clusters


def test_joining_stops_at_the_largest_size() -> None:
    tree = condense(LINKAGE, ONES, 2)
    assert join_close(tree, leaves(tree), 100.0, 3).sum() == 4


def test_a_point_heavier_than_the_smallest_cluster_is_a_cluster() -> None:
    weights = ONES.copy()
    weights[7] = 50
    tree = condense(LINKAGE, weights, 20)
    clusters, strengths = membership(tree, leaves(tree))
    # Nobody else reaches 20 cells, so nothing ever splits off the root.
    assert len(tree.parent) == 1
    assert (clusters == -1).all()
    weights[0] = 30
    tree = condense(LINKAGE, weights, 20)
    clusters, strengths = membership(tree, leaves(tree))
    assert clusters[0] == clusters[1] != clusters[7] == clusters[6]
    assert strengths[0] == strengths[7] == 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 25), st.integers(4, 12))
def test_a_weight_is_as_good_as_that_many_cells_at_one_place(seed, n, smallest) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, 2)) * rng.choice([1, 5], (n, 1))
    weights = rng.integers(1, 4, n)
    light = condense(single_linkage(points, 1), weights.astype(np.int64), smallest)
    copies = np.repeat(np.arange(n), weights)
    full = condense(single_linkage(points[copies], 1), np.ones(len(copies), np.int64), smallest)
    for choose in (leaves, excess_of_mass):
        a = membership(light, choose(light))[0][copies]
        b = membership(full, choose(full))[0]
        assert _same_partition(a, b)


def _same_partition(a, b) -> bool:
    pairs = set(zip(a.tolist(), b.tolist(), strict=True))
    return len(pairs) == len(set(a.tolist())) == len(set(b.tolist()))
