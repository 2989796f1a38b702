from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster import hierarchy as scipy_hierarchy
from scipy.spatial.distance import pdist, squareform

from napari_brain_atlas.compute.linkage_nodes import counts_of_nodes, crown, merge_distances
from napari_brain_atlas.compute.minimum_variance import (
    average_linkage,
    minimum_variance_linkage,
)


def points(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 60))
def test_merges_are_those_of_scipy(seed, n) -> None:
    x, ones = points(seed, n), np.ones(n, np.int64)
    ward = minimum_variance_linkage(x, ones)
    theirs = scipy_hierarchy.linkage(x.astype(float), "ward")
    # SciPy's distance is the root of twice what a merge adds.
    np.testing.assert_allclose(ward[:, 2], theirs[:, 2] / np.sqrt(2 * n), rtol=1e-6)
    np.testing.assert_array_equal(ward[:, 3], theirs[:, 3])
    average = average_linkage(squareform(pdist(x)), ones)
    np.testing.assert_allclose(average[:, 2], scipy_hierarchy.linkage(pdist(x), "average")[:, 2])
    assert scipy_hierarchy.is_valid_linkage(average)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 20))
def test_a_weight_is_as_good_as_that_many_cells_at_one_place(seed, n) -> None:
    x = points(seed, n)
    weights = np.random.default_rng(seed).integers(1, 4, n)
    copies = np.repeat(np.arange(n), weights)
    light = minimum_variance_linkage(x, weights)[:, 2]
    full = minimum_variance_linkage(x[copies], np.ones(len(copies), np.int64))[:, 2]
    np.testing.assert_allclose(light, full[len(copies) - n :], rtol=1e-6)
    light = average_linkage(squareform(pdist(x)), weights)[:, 2]
    full = average_linkage(squareform(pdist(x[copies])), np.ones(len(copies), np.int64))[:, 2]
    np.testing.assert_allclose(light, full[len(copies) - n :], rtol=1e-6)


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_points_do_not_merge(n) -> None:
    assert minimum_variance_linkage(points(0, n), np.ones(n, np.int64)).shape == (0, 4)
    assert average_linkage(np.zeros((n, n)), np.ones(n, np.int64)).shape == (0, 4)


def test_points_at_one_place_merge_at_distance_zero() -> None:
    linkage = minimum_variance_linkage(np.ones((50, 4), np.float32), np.ones(50, np.int64))
    assert (linkage[:, 2] == 0).all()
    assert linkage[-1, 3] == 50


@pytest.mark.parametrize("k", [1, 2, 7, 40, 99])
def test_the_crown_is_the_last_branches_and_their_merges(k) -> None:
    linkage = minimum_variance_linkage(points(3, 40), np.ones(40, np.int64))
    branch, nodes, above = crown(linkage, k)
    k = min(k, 40)
    flat = scipy_hierarchy.fcluster(linkage, k, "maxclust")
    assert len(set(zip(branch.tolist(), flat.tolist(), strict=True))) == k == len(nodes)
    np.testing.assert_array_equal(above[:, 2], linkage[40 - k :, 2])
    sizes = counts_of_nodes(linkage, np.ones((40, 1)))[:, 0]
    np.testing.assert_array_equal(np.bincount(branch), sizes[nodes])
    if k > 1:
        counted = counts_of_nodes(above, np.bincount(branch).astype(float)[:, None])[k:, 0]
        np.testing.assert_array_equal(counted, linkage[40 - k :, 3])


def test_merge_distances_are_cophenetic() -> None:
    linkage = minimum_variance_linkage(points(4, 30), np.ones(30, np.int64))
    theirs = squareform(scipy_hierarchy.cophenet(linkage))
    np.testing.assert_allclose(merge_distances(linkage, np.arange(30), 30), theirs)
    # Some points stand for places, in any order; a place that none stands for is at 0.
    place = np.full(30, -1)
    place[[4, 17, 9]] = [2, 0, 3]
    found = merge_distances(linkage, place, 4)
    assert found[2, 0] == theirs[4, 17] and found[3, 2] == theirs[9, 4]
    assert not found[1].any() and not found[:, 1].any()
