from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import is_valid_linkage
from sklearn.metrics import adjusted_rand_score

from napari_brain_atlas.compute.clustering import (
    cut,
    default_parameters,
    parameters_about,
)
from napari_brain_atlas.compute.condensed import condense
from napari_brain_atlas.compute.consensus import consensus_hierarchy
from napari_brain_atlas.compute.discovery import default_hierarchy
from napari_brain_atlas.compute.levels import about, finest_level, level
from napari_brain_atlas.compute.microclusters import every_cell
from napari_brain_atlas.compute.neighbors import nearest_cells
from napari_brain_atlas.compute.replication import weighted_rand
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model.atlas import Atlas, Section, Unit
from napari_brain_atlas.model.hierarchy import CutParameters

N = 3000
STRIPES = 4


@pytest.fixture(scope="module")
def tissue():
    """Stripes of tissue on two sections; surroundings of noisy cells, smoothed in space."""
    rng = np.random.default_rng(0)
    xy = rng.uniform(0, 1000, (N, 2))
    stripe = (xy[:, 0] * STRIPES / 1000).astype(int)
    sections = (Section(0, "a", "m", None, 0, N // 2), Section(1, "b", "m", None, N // 2, N))
    unit = Unit("um", 1.0, "made for a test")
    atlas = Atlas(sections, xy.astype(np.float32), np.arange(N), unit, "test", None)
    return atlas, stripe, 3 * np.eye(STRIPES, 8)


def surroundings(atlas, cells: np.ndarray) -> np.ndarray:
    near = [nearest_cells(atlas.xy[s.cells], 50)[0] + s.start for s in atlas]
    return np.vstack([cells[n].mean(axis=1) for n in near]).astype(np.float32)


@pytest.fixture(scope="module")
def striped(tissue):
    atlas, stripe, means = tissue
    rng = np.random.default_rng(1)
    embedding = surroundings(atlas, means[stripe] + 2 * rng.normal(size=(N, 8)))
    return default_hierarchy(atlas, embedding, seed=0)


@pytest.fixture(scope="module")
def structureless(tissue):
    """The same cells in any order: nothing but the averaging is left in space."""
    atlas, stripe, means = tissue
    rng = np.random.default_rng(2)
    cells = means[rng.permutation(stripe)] + 2 * rng.normal(size=(N, 8))
    return default_hierarchy(atlas, surroundings(atlas, cells), seed=0)


def test_the_tree_is_a_tree_over_all_points(striped) -> None:
    assert is_valid_linkage(np.ascontiguousarray(striped.linkage))
    assert len(striped.linkage) == len(striped.weights) - 1
    assert (np.diff(striped.linkage[:, 2]) >= 0).all()
    assert striped.recurrence.shape == (2 * len(striped.weights) - 1,)
    assert striped.recurrence.min() >= 0 and striped.recurrence.max() == 1


def test_stripes_are_found_without_their_number(striped, tissue) -> None:
    found = cut(striped, default_parameters(striped))
    # One more where the mixture along a border stands for itself.
    assert found.n_clusters in (STRIPES, STRIPES + 1)
    assert adjusted_rand_score(tissue[1], found.labels) > 0.7
    assert striped.recurrence[found.nodes].mean() > 0.75


def test_structureless_tissue_has_no_neighborhoods(structureless, striped) -> None:
    assert cut(structureless, default_parameters(structureless)).n_clusters == 0
    assert structureless.replication[1:20].max() < 0.5 < striped.replication[1:20].max()


def test_clusters_of_structureless_tissue_do_not_recur(structureless, striped) -> None:
    for parameters in (CutParameters(100, "level", about=STRIPES), CutParameters(100, "leaf")):
        there = striped.recurrence[cut(striped, parameters).nodes].mean()
        nowhere = structureless.recurrence[cut(structureless, parameters).nodes].mean()
        assert nowhere < 0.65 < there


@pytest.mark.parametrize("k", [2, 3, 6, 9])
def test_a_small_number_is_met_exactly(striped, k) -> None:
    assert cut(striped, parameters_about(striped, k)).n_clusters == k


@pytest.mark.parametrize("k", [15, 40])
def test_a_large_number_is_met_nearly(striped, k) -> None:
    assert abs(cut(striped, parameters_about(striped, k)).n_clusters - k) <= k // 10


def test_the_same_seed_gives_the_same_tree(tissue) -> None:
    atlas, stripe, means = tissue
    embedding = surroundings(atlas, means[stripe])
    a, b, c = (default_hierarchy(atlas, embedding, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(a.linkage, b.linkage)
    np.testing.assert_array_equal(a.replication, b.replication)
    assert not np.array_equal(a.linkage, c.linkage)


@pytest.mark.parametrize("n", [1, 2, 3, 30])
def test_a_few_cells_have_a_tree(make_atlas, n) -> None:
    rng = np.random.default_rng(0)
    atlas = make_atlas(rng.uniform(0, 9, (n, 2)))
    hierarchy = default_hierarchy(atlas, rng.normal(size=(n, 3)).astype(np.float32))
    assert hierarchy.linkage.shape == (n - 1, 4)
    assert np.isfinite(hierarchy.linkage).all()
    assert np.isfinite(hierarchy.recurrence).all()
    assert cut(hierarchy, default_parameters(hierarchy)).n_clusters <= n


def test_a_constant_embedding_has_no_neighborhoods(make_atlas) -> None:
    rng = np.random.default_rng(0)
    atlas = make_atlas(rng.uniform(0, 100, (1000, 2)))
    hierarchy = default_hierarchy(atlas, np.ones((1000, 4), np.float32))
    assert np.isfinite(hierarchy.linkage).all()
    assert cut(hierarchy, default_parameters(hierarchy)).n_clusters == 0


def test_an_embedding_that_cannot_be_used_is_named(make_atlas) -> None:
    atlas = make_atlas(np.zeros((3, 2)))
    with pytest.raises(BrainAtlasError, match="not numbers for 3 cells"):
        default_hierarchy(atlas, np.full((3, 2), np.nan, np.float32))


def test_without_halves_the_tree_over_all_cells_stands() -> None:
    rng = np.random.default_rng(0)
    points = every_cell(rng.normal(size=(60, 2)).astype(np.float32))
    nobody = np.zeros(60, np.bool_)
    hierarchy = consensus_hierarchy(points.centers, points, lambda: nobody, n_pairs=2)
    assert (np.diff(hierarchy.linkage[:, 2]) >= 0).all()
    assert hierarchy.replication.tolist() == [1.0]


def balanced():
    """Eight points in pairs, pairs of pairs, and so on; splits at 8, 4.1, 4, 2.3, 2.2, 2.1, 2."""
    merges = [[0, 1, 2], [2, 3, 2.1], [4, 5, 2.2], [6, 7, 2.3], [8, 9, 4], [10, 11, 4.1]]
    linkage = np.array([[*m, 2] for m in [*merges, [12, 13, 8]]], float)
    return condense(linkage, np.full(8, 1000), 1000)


@pytest.mark.parametrize(
    ("k", "sizes"), [(1, []), (2, [4, 4]), (3, [2, 2, 4]), (5, [1, 1, 2, 2, 2])]
)
def test_a_level_is_all_splits_from_the_top(k, sizes) -> None:
    tree = balanced()
    assert sorted(tree.size[level(tree, k)] // 1000) == sizes


@pytest.mark.parametrize(
    ("replication", "n_clusters"),
    [
        ([1, 0.9, 0.5, 0.8, 0.5, 0.5], 4),
        ([1, 0.7, 0.5, 0.5, 0.5, 0.5], 2),
        ([1, 0.5, 0.5, 0.5, 0.5, 0.5], 1),
        # The fifth cluster splits off at 2.3, which carries 5.3 of a variance of 700: too little,
        # where 8,000 cells ask for 2 / 89.
        ([1, 0.9, 0.9, 0.9, 0.9, 0.9], 4),
        ([1, 0.9, 0.9], 3),
        ([1], 1),
    ],
)
def test_the_finest_level_is_agreed_on_and_not_too_close(replication, n_clusters) -> None:
    assert finest_level(balanced(), np.array(replication, np.float32), 700.0) == n_clusters


def test_among_levels_near_a_number_the_agreed_one_is_taken() -> None:
    rng = np.random.default_rng(0)
    points = np.sort(rng.normal(size=40))
    linkage = np.array([[i if i == 0 else 39 + i, i + 1, 1 + i, i + 2] for i in range(39)], float)
    tree = condense(linkage, np.full(40, 100), 100)
    replication = np.full(40, 0.5, np.float32)
    replication[[17, 20]] = 0.8, 0.9
    assert about(tree, 20, replication) == 21
    assert about(tree, 19, replication) == 18
    assert about(tree, 20, None) == 20
    assert about(tree, 500, replication) == len(points)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [([0, 0, 1, 1], [1, 1, 0, 0], 1.0), ([0, 0, 0, 0], [0, 0, 1, 1], 0.0)],
)
def test_the_weighted_rand_index_of_hand_made_labels(a, b, expected) -> None:
    weights = np.array([3, 1, 2, 2])
    assert weighted_rand(np.array(a), np.array(b), weights) == pytest.approx(expected)


def test_the_weighted_rand_index_counts_cells() -> None:
    rng = np.random.default_rng(0)
    a, b, weights = rng.integers(0, 4, 60), rng.integers(0, 3, 60), rng.integers(1, 5, 60)
    a[:30] = b[:30]
    copies = np.repeat(np.arange(60), weights)
    assert weighted_rand(a, b, weights) == pytest.approx(adjusted_rand_score(a[copies], b[copies]))
