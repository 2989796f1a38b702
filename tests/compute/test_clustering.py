from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hdbscan import HDBSCAN
from sklearn.metrics import adjusted_rand_score

from napari_brain_atlas.compute.clustering import (
    build_hierarchy,
    cut,
    default_min_cluster_size,
    default_parameters,
    warm,
)
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model.hierarchy import CutParameters


def blobs(seed: int = 0, n: int = 1500, d: int = 4) -> np.ndarray:
    """Clusters of differing spread and size in some background."""
    rng = np.random.default_rng(seed)
    centers = rng.uniform(-10, 10, (8, d))
    spread = rng.uniform(0.3, 1.5, 8)
    which = rng.choice(8, n, p=rng.dirichlet(np.full(8, 3.0)))
    x = centers[which] + rng.normal(size=(n, d)) * spread[which, None]
    x[:100] = rng.uniform(-12, 12, (100, d))
    return x.astype(np.float32)


@pytest.fixture(scope="module")
def hierarchy():
    """Over the tree of hdbscan itself: of equally long edges another may be in ours."""
    model = HDBSCAN(min_samples=7, approx_min_span_tree=False).fit(blobs().astype(np.float64))
    linkage = model.single_linkage_tree_.to_numpy().astype(np.float64)
    return replace(build_hierarchy(blobs(), min_samples=7), linkage=linkage)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("size", [5, 25, 80])
@pytest.mark.parametrize("method", ["eom", "leaf"])
# Both at once differ on purpose: hdbscan joins beyond the largest size, here it holds.
@pytest.mark.parametrize(("epsilon", "largest"), [(0.0, 0), (0.8, 0), (2.0, 0), (0.0, 200)])
def test_a_cut_is_what_hdbscan_gives(hierarchy, size, method, epsilon, largest) -> None:
    reference = HDBSCAN(
        min_cluster_size=size,
        min_samples=7,
        cluster_selection_method=method,
        cluster_selection_epsilon=epsilon,
        max_cluster_size=largest,
        approx_min_span_tree=False,
    ).fit(blobs().astype(np.float64))
    found = cut(hierarchy, CutParameters(size, method, epsilon, largest))
    assert found.n_clusters == reference.labels_.max() + 1
    assert adjusted_rand_score(reference.labels_, found.labels) == 1.0
    np.testing.assert_array_equal(found.labels < 0, reference.labels_ < 0)
    np.testing.assert_allclose(found.strengths, reference.probabilities_, atol=1e-6)


def test_clusters_are_numbered_by_size_then_by_first_cell() -> None:
    hierarchy = build_hierarchy(blobs(n=600), min_samples=2)
    found = cut(hierarchy, CutParameters(3, "leaf"))
    clustered = found.labels[found.labels >= 0]
    sizes = np.bincount(clustered)
    first = [int(np.flatnonzero(found.labels == k)[0]) for k in range(found.n_clusters)]
    keys = list(zip(-sizes, first, strict=True))
    assert keys == sorted(keys)
    assert len(set(sizes.tolist())) < len(sizes), "no tie: the test proves nothing"


def test_the_same_seed_gives_the_same_tree() -> None:
    a, b = (build_hierarchy(blobs(), exact_limit=500, n_micro_clusters=200) for _ in "ab")
    np.testing.assert_array_equal(a.linkage, b.linkage)
    np.testing.assert_array_equal(a.point_of_cell, b.point_of_cell)


def test_micro_clusters_come_close_to_the_exact_tree() -> None:
    rng = np.random.default_rng(4)
    centers = rng.uniform(-20, 20, (6, 5))
    x = (centers[rng.integers(0, 6, 6000)] + rng.normal(size=(6000, 5))).astype(np.float32)
    exact = build_hierarchy(x)
    summary = build_hierarchy(x, exact_limit=3000, n_micro_clusters=600)
    assert exact.exact and not summary.exact
    assert summary.weights.sum() == 6000
    parameters = CutParameters(200)
    a, b = cut(exact, parameters).labels, cut(summary, parameters).labels
    both = (a >= 0) & (b >= 0)
    assert both.mean() > 0.9
    assert adjusted_rand_score(a[both], b[both]) > 0.99


@pytest.mark.parametrize("n", [1, 2, 3, 12])
def test_a_few_cells_have_a_tree(n: int) -> None:
    hierarchy = build_hierarchy(blobs(n=200)[:n], min_samples=10, blur_rounds=2)
    assert hierarchy.linkage.shape == (n - 1, 4)
    found = cut(hierarchy, CutParameters(2))
    assert found.labels.shape == found.strengths.shape == (n,)
    assert ((found.labels == -1) == (found.strengths == 0)).all()


def test_cells_that_are_all_alike_are_one_noise() -> None:
    hierarchy = build_hierarchy(np.zeros((300, 5), np.float32), blur_rounds=3)
    found = cut(hierarchy, CutParameters(20))
    assert np.isfinite(found.strengths).all()
    assert found.labels.min() >= -1


def test_duplicates_do_not_upset_the_strengths() -> None:
    x = np.repeat(blobs(n=200, d=2), 12, axis=0)
    found = cut(build_hierarchy(x, min_samples=5), CutParameters(30))
    assert found.n_clusters > 1
    assert np.isfinite(found.strengths).all()
    assert found.strengths.max() <= 1


@pytest.mark.parametrize(
    ("embedding", "message"),
    [
        pytest.param(np.zeros((0, 3), np.float32), "nothing to cluster", id="empty"),
        pytest.param(np.zeros((3, 0), np.float32), "nothing to cluster", id="flat"),
        pytest.param(np.array([[0.0], [np.nan]], np.float32), "for 1 cells", id="NaN"),
    ],
)
def test_an_embedding_that_cannot_be_used_is_named(embedding, message) -> None:
    with pytest.raises(BrainAtlasError, match=message):
        build_hierarchy(embedding)


@pytest.mark.parametrize(
    "parameters",
    [CutParameters(1), CutParameters(5, "eom", -1.0), CutParameters(5, "eom", 0.0, -3)],
)
def test_parameters_that_make_no_sense_are_refused(hierarchy, parameters) -> None:
    with pytest.raises(BrainAtlasError):
        cut(hierarchy, parameters)


def test_the_default_size_grows_with_the_tissue() -> None:
    sizes = [default_min_cluster_size(n) for n in (10, 1_000, 30_000, 10_000_000)]
    assert sizes == sorted(sizes)
    assert sizes[0] >= 2


def test_one_branch_does_not_swallow_the_tissue(hierarchy) -> None:
    found = cut(hierarchy, default_parameters(hierarchy))
    assert np.bincount(found.labels[found.labels >= 0]).max() <= 0.3 * 1500
    assert found.noise_share <= 0.5


def test_two_domains_that_do_not_split_are_kept_whole() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, (2000, 3))
    x[1000:] += 5
    hierarchy = build_hierarchy(x.astype(np.float32), blur_rounds=1)
    assert cut(hierarchy, default_parameters(hierarchy, 400)).n_clusters == 2


def test_warm_compiles_all_that_a_cut_needs() -> None:
    warm()
    from napari_brain_atlas.compute import condensed

    compiled = [condensed._condense, condensed._excess_of_mass, condensed._join_close]
    assert all(function.signatures for function in compiled)
