from __future__ import annotations

import numpy as np

from napari_brain_atlas.compute.blurring import blur_points, nearest_points

RNG = np.random.default_rng(0)
X = np.concatenate([RNG.normal(-8, 1, (200, 3)), RNG.normal(8, 1, (200, 3))]).astype(np.float32)
ONES = np.ones(400, np.int64)


def test_nearest_points_are_those_of_a_full_table() -> None:
    found = nearest_points(X[:50], X, 5)
    table = np.linalg.norm(X[:50, None] - X[None], axis=2)
    np.testing.assert_array_equal(found, np.argsort(table, axis=1)[:, :5])


def test_groups_draw_together_and_stay_apart() -> None:
    blurred = blur_points(X, ONES, n_neighbors=8, rounds=5)
    assert blurred[:200].std(axis=0).max() < 0.8 * X[:200].std(axis=0).min()
    assert np.linalg.norm(blurred[:200].mean(0) - blurred[200:].mean(0)) > 25


def test_no_round_changes_nothing() -> None:
    np.testing.assert_array_equal(blur_points(X, ONES, rounds=0), X)


def test_heavy_points_pull_more() -> None:
    weights = ONES.copy()
    weights[0] = 10_000
    near = np.argsort(np.linalg.norm(X - X[0], axis=1))[1:4]
    pulled = blur_points(X, weights, n_neighbors=8, rounds=1)
    before, after = (np.linalg.norm(x[near] - X[0], axis=1) for x in (X, pulled))
    assert (after < 0.1 * before).all()


def test_a_few_points_are_left_alone() -> None:
    np.testing.assert_array_equal(blur_points(X[:3], ONES[:3], rounds=4), X[:3])
