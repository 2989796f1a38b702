from __future__ import annotations

import numpy as np
import pytest

from napari_brain_atlas.compute.kmeans import kmeans_centers, nearest_center
from napari_brain_atlas.compute.microclusters import micro_clusters

X = np.random.default_rng(0).normal(size=(5000, 6)).astype(np.float32)


@pytest.mark.parametrize("n_points", [1, 10, 300, 4999])
def test_points_stand_for_their_cells(n_points: int) -> None:
    points = micro_clusters(X, n_points)
    n = len(points.weights)
    assert n <= n_points * 1.2
    np.testing.assert_array_equal(np.bincount(points.point_of_cell, minlength=n), points.weights)
    assert points.weights.min() >= 1
    means = [X[points.point_of_cell == p].mean(axis=0) for p in range(min(n, 50))]
    np.testing.assert_allclose(points.centers[: len(means)], means, atol=1e-5)


def test_points_are_numbered_by_their_first_cell() -> None:
    first = np.unique(micro_clusters(X, 200).point_of_cell, return_index=True)[1]
    assert (np.diff(first) > 0).all()


def test_two_levels_lose_little_against_one() -> None:
    points = micro_clusters(X, 100)
    centers = kmeans_centers(X, 100, seed=0, max_iter=10)
    error = ((X - points.centers[points.point_of_cell]) ** 2).sum()
    reference = ((X - centers[nearest_center(X, centers)[0]]) ** 2).sum()
    assert error < 1.15 * reference


def test_cells_that_coincide_share_a_point() -> None:
    x = np.repeat(X[:50], 40, axis=0)
    points = micro_clusters(x, 500)
    assert len(points.weights) == 50
    assert (points.weights == 40).all()


def test_as_many_points_as_cells_are_the_cells() -> None:
    points = micro_clusters(X, len(X))
    np.testing.assert_array_equal(points.point_of_cell, np.arange(len(X)))
    np.testing.assert_array_equal(points.centers, X)


def test_the_same_seed_gives_the_same_points() -> None:
    a, b, c = (micro_clusters(X, 100, seed=s).point_of_cell for s in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()
