from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hdbscan import HDBSCAN
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist
from sklearn.metrics import adjusted_rand_score

from napari_brain_atlas.compute import boxes, clustering, forest, spanning
from napari_brain_atlas.compute.clustering import build_hierarchy, cut
from napari_brain_atlas.compute.spanning import linkage_of, spanning_tree
from napari_brain_atlas.model.hierarchy import CutParameters


def bent(n: int, d: int = 10, seed: int = 0) -> np.ndarray:
    """A bent sheet with dense and thin places in `d` dimensions, as an embedding has them."""
    rng = np.random.default_rng(seed)
    flat = np.concatenate(
        [
            rng.normal(0, s, (n // 4, 2)) + c
            for s, c in zip((0.3, 1, 3, 6), ((0, 0), (4, 1), (-5, 3), (0, -9)), strict=True)
        ]
    )
    waves = np.sin(flat @ rng.normal(size=(2, d)) / 3 + rng.uniform(0, 6, d))
    return (4 * waves + rng.normal(0, 0.15, (len(flat), d))).astype(np.float32)


def reachability(x: np.ndarray, min_samples: int) -> np.ndarray:
    distances = cdist(x.astype(np.float64), x.astype(np.float64))
    core = np.sort(distances, axis=1)[:, min_samples]
    return np.maximum(distances, np.maximum(core[:, None], core[None]))


RNG = np.random.default_rng(5)
SHAPES = {
    "sheet": bent(1200),
    "far groups": np.concatenate([RNG.normal(c, 0.1, (150, 3)) for c in (0, 50, 51, 900)]),
    "even": RNG.uniform(size=(700, 6)),
    "grid of ties": RNG.integers(0, 6, (800, 3)),
    "every point many times": np.repeat(RNG.normal(size=(30, 4)), 25, axis=0),
    "on a line": np.arange(500)[:, None],
    "one dimension constant": np.c_[RNG.normal(size=(400, 2)), np.ones(400)],
    "far from the origin": RNG.normal(size=(400, 3)) + 1000,
    "minute": RNG.normal(size=(400, 3)) * 1e-30,
    "huge": RNG.normal(size=(400, 3)) * 1e30,
    "two": np.array([[0.0], [3.0]]),
    "constant": np.ones((300, 4)),
}


@pytest.mark.parametrize("min_samples", [1, 2, 10])
@pytest.mark.parametrize("shape", SHAPES)
def test_lengths_are_those_of_a_dense_search(shape, min_samples) -> None:
    x = SHAPES[shape].astype(np.float32)
    k = min(min_samples, len(x) - 1)
    ways = reachability(x, k)
    found = spanning_tree(x, k)
    a, b = found.edges.T
    unit = ways.max() or 1.0
    np.testing.assert_allclose(found.lengths / unit, ways[a, b] / unit, rtol=1e-5, atol=1e-9)
    # SciPy takes 0 for no edge.
    truth = np.sort(minimum_spanning_tree(ways / unit + 1).data) - 1
    np.testing.assert_allclose(np.sort(found.lengths) / unit, truth, rtol=1e-5, atol=1e-9)
    assert linkage_of(found)[-1, 3] == len(x), "the edges do not join all points"


@settings(max_examples=80, deadline=None)
@given(st.integers(2, 60), st.integers(1, 4), st.integers(1, 12), st.integers(0, 10_000))
def test_any_few_points(n, d, min_samples, seed) -> None:
    rng = np.random.default_rng(seed)
    x = rng.choice([rng.normal(size=(n, d)), rng.integers(0, 3, (n, d))]).astype(np.float32)
    k = min(min_samples, n - 1)
    found = linkage_of(spanning_tree(x, k))
    truth = minimum_spanning_tree(reachability(x, k) + 1).data - 1
    np.testing.assert_allclose(found[:, 2], np.sort(truth), rtol=1e-5, atol=1e-6)
    assert found[-1, 3] == n


@pytest.fixture(scope="module")
def reference() -> HDBSCAN:
    model = HDBSCAN(min_cluster_size=40, min_samples=10, approx_min_span_tree=False)
    return model.fit(bent(6000).astype(np.float64))


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_the_tree_is_that_of_hdbscan(reference) -> None:
    found = build_hierarchy(bent(6000), min_samples=10)
    truth = reference.single_linkage_tree_.to_numpy()
    np.testing.assert_allclose(found.linkage[:, 2], truth[:, 2], rtol=1e-5)
    labels = cut(found, CutParameters(40)).labels
    assert labels.max() == reference.labels_.max() > 2
    # Where several ways are equally short either may be taken: single points may differ.
    assert adjusted_rand_score(reference.labels_, labels) > 0.99


def test_the_same_on_any_number_of_cores(monkeypatch) -> None:
    found = []
    for cores in (1, 3):
        with ThreadPoolExecutor(cores) as pool:
            monkeypatch.setattr(spanning, "_pool", lambda pool=pool: pool)
            found.append(linkage_of(spanning_tree(bent(4000), 5)))
    np.testing.assert_array_equal(*found)


def test_nothing_compiles_after_warming() -> None:
    kernels = [
        kernel
        for module in (boxes, forest)
        for kernel in vars(module).values()
        if hasattr(kernel, "signatures")
    ]
    clustering.warm()
    before = [len(kernel.signatures) for kernel in kernels]
    read_only = bent(2000)
    read_only.flags.writeable = False
    build_hierarchy(read_only)
    assert [len(kernel.signatures) for kernel in kernels] == before
    assert len(kernels) > 8
