from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_brain_atlas.compute.neighbors import (
    atlas_neighbors,
    averaging_matrix,
    gaussian_weights,
    nearest_cells,
)


def test_the_nearest_are_those_of_a_full_distance_table() -> None:
    xy = np.random.default_rng(0).uniform(0, 100, (80, 2)).astype(np.float32)
    indices, distances = nearest_cells(xy, 7)
    table = np.linalg.norm(xy[:, None].astype(float) - xy[None], axis=2)
    np.testing.assert_array_equal(indices, np.argsort(table, axis=1)[:, :8])
    np.testing.assert_allclose(distances, np.sort(table, axis=1)[:, :8], atol=1e-4)


@pytest.mark.parametrize("n", [1, 2, 5], ids=["alone", "pair", "five"])
def test_a_small_section_gives_what_it_has(n: int) -> None:
    indices, distances = nearest_cells(np.arange(2 * n, dtype=np.float32).reshape(n, 2), 10)
    assert indices.shape == distances.shape == (n, n)
    assert all(set(row) == set(range(n)) for row in indices)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30),
    st.integers(1, 6),
)
def test_a_cell_lists_itself_first_and_nobody_twice(places: list[tuple[int, int]], k: int) -> None:
    # Few places, many cells: most cells share their place with others.
    indices, _ = nearest_cells(np.array(places, np.float32), k)
    np.testing.assert_array_equal(indices[:, 0], np.arange(len(places)))
    assert all(len(set(row)) == len(row) for row in indices.tolist())


def test_weights_fall_with_distance_and_sum_to_one() -> None:
    weights = gaussian_weights(np.array([[0, 1, 2], [0, 2, 4]], np.float32))
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)
    # The median distance to the farthest is 3, so sigma is 1.5.
    assert weights[0, 1] / weights[0, 0] == pytest.approx(np.exp(-0.5 * (1 / 1.5) ** 2))
    assert (np.diff(weights, axis=1) < 0).all()


def test_cells_at_one_place_weigh_alike() -> None:
    np.testing.assert_allclose(gaussian_weights(np.zeros((3, 4), np.float32)), 0.25)


def test_smoothing_keeps_a_constant_and_mixes_the_rest() -> None:
    xy = np.random.default_rng(1).uniform(0, 10, (50, 2)).astype(np.float32)
    indices, distances = nearest_cells(xy, 12)
    smoothing = averaging_matrix(indices, gaussian_weights(distances))
    np.testing.assert_allclose(smoothing @ np.full(50, 3.0), 3.0, rtol=1e-5)
    assert (smoothing @ xy[:, :1]).std() < xy[:, 0].std()
    assert np.diff(smoothing.indptr).tolist() == [13] * 50


def test_neighbors_never_cross_a_section(make_atlas) -> None:
    # The sections lie on each other, as they do in most files.
    xy = np.tile(np.arange(6, dtype=float)[:, None], (2, 2))
    neighbors = atlas_neighbors(make_atlas(xy, [4, 8]), 5)
    assert neighbors.shape == (12, 5)
    assert neighbors[:4].max() < 4
    assert neighbors[4:].min() >= 4
    assert (neighbors[:4, 3:] == -1).all()
    assert (neighbors != np.arange(12)[:, None]).all()
