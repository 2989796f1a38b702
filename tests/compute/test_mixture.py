from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from napari_brain_atlas.compute.kmeans import kmeans_centers, nearest_center
from napari_brain_atlas.compute.mixture import shape_of

RNG = np.random.default_rng(1)
TRUTH = np.repeat([0, 1, 2], 400)
# Long along the second axis and set off along both: k-means cuts the ends off.
LONG = (RNG.normal(size=(1200, 2)) * [0.5, 2] + TRUTH[:, None] * [3.0, 3.0]).astype(np.float32)
ONES = np.ones(1200, np.int64)


def round_groups(points, weights, k=3):
    centers = kmeans_centers(points, k, seed=0, n_init=5, weights=weights)
    return nearest_center(points, centers)[0]


def shaped_centers(points, weights, labels, k):
    """Points and centers in the space in which groups are round."""
    shape = shape_of(points, weights, labels, k)
    return ((points - shape.origin) @ shape.rounding).astype(np.float32), shape.centers


def test_long_groups_are_found_where_k_means_cuts_their_ends_off() -> None:
    start = round_groups(LONG, ONES)
    labels, _ = nearest_center(*shaped_centers(LONG, ONES, start, 3))
    before, after = (adjusted_rand_score(TRUTH, x) for x in (start, labels))
    assert after > before + 0.1


def test_round_groups_stay_as_they_are() -> None:
    points = (RNG.normal(size=(1200, 2)) + TRUTH[:, None] * [8.0, 0]).astype(np.float32)
    labels, _ = nearest_center(*shaped_centers(points, ONES, round_groups(points, ONES), 3))
    assert adjusted_rand_score(TRUTH, labels) > 0.99


def test_a_weight_counts_as_that_many_cells() -> None:
    points = RNG.normal(size=(60, 3)).astype(np.float32)
    weights = RNG.integers(1, 4, 60)
    start = round_groups(points, weights, 4)
    one = shaped_centers(points, weights, start, 4)
    repeated = np.repeat(np.arange(60), weights)
    many = shaped_centers(points[repeated], np.ones(len(repeated), np.int64), start[repeated], 4)
    np.testing.assert_allclose(one[1], many[1], atol=1e-3)
    np.testing.assert_allclose(one[0][repeated], many[0], atol=1e-3)


@pytest.mark.parametrize(
    ("points", "k"),
    [(np.ones((5, 3)), 1), (np.arange(6.0).reshape(3, 2), 3), (np.ones((1, 2)), 1)],
    ids=["all alike", "a group per point", "one point"],
)
def test_odd_points_stay_finite(points, k) -> None:
    labels = (np.arange(len(points)) % k).astype(np.int32)
    where, centers = shaped_centers(points.astype(np.float32), ONES[: len(points)], labels, k)
    assert np.isfinite(where).all()
    assert np.isfinite(centers).all()
    assert len(centers) == k
