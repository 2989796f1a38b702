from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from napari_brain_atlas.compute import microclusters, partition
from napari_brain_atlas.compute.mixture import Shape, shape_of
from napari_brain_atlas.compute.partition import flattening, number_by_size, partition_into, revive
from napari_brain_atlas.errors import BrainAtlasError

RNG = np.random.default_rng(0)
TRUTH = RNG.choice(5, 2000, p=[0.1, 0.4, 0.2, 0.2, 0.1])
X = (RNG.uniform(-10, 10, (5, 3))[TRUTH] + RNG.normal(size=(2000, 3))).astype(np.float32)


@pytest.mark.parametrize("n_points", [4000, 200], ids=["cells", "micro-clusters"])
def test_clear_groups_are_found(monkeypatch, n_points) -> None:
    monkeypatch.setattr(microclusters, "FEWEST_POINTS", n_points)
    found = partition_into(X, 5)
    assert found.n_clusters == 5
    assert adjusted_rand_score(TRUTH, found.labels) > 0.97
    assert (np.diff(np.bincount(found.labels)) <= 0).all()
    assert found.noise_share == 0


def test_strength_is_zero_on_a_border_and_one_at_a_center() -> None:
    x = np.array([[0.0], [0.0], [1.0], [2.0], [2.0], [0.9]], np.float32)
    strengths = partition_into(x[[0, 1, 3, 4]], 2).strengths
    np.testing.assert_allclose(strengths, 1)
    border = partition_into(x, 2).strengths
    assert border.argmin() in (2, 5)
    assert (border >= 0).all() and (border <= 1).all()


def test_fewer_distinct_cells_give_fewer_groups() -> None:
    assert partition_into(np.repeat(X[:3], 5, axis=0), 8).n_clusters == 3


def test_a_group_that_the_mixture_drops_keeps_its_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    def dropped(*given: Any) -> Shape:
        shape = shape_of(*given)
        centers = shape.centers.copy()
        centers[0] = 1e6
        return replace(shape, centers=centers)

    monkeypatch.setattr(partition, "shape_of", dropped)
    found = partition_into(X, 5)
    assert found.n_clusters == 5
    assert adjusted_rand_score(TRUTH, found.labels) > 0.97
    assert (found.strengths == 0).any()  # nobody claims to be sure of these


def test_groups_without_members_get_theirs_back_in_turn() -> None:
    before = np.array([0, 0, 1, 1, 2, 2, 3], np.int32)
    labels = np.array([2, 0, 0, 0, 3, 3, 2], np.int32)  # 1 has none; nor has 0 but by one cell
    kept = revive(labels, before)
    assert set(labels) == {0, 1, 2, 3}
    assert labels.tolist() == [2, 0, 1, 1, 3, 3, 2]
    assert kept.tolist() == [False, False, True, True, False, False, False]
    labels = np.array([1, 1, 0, 0, 0, 0, 0], np.int32)
    revive(labels, before)
    assert set(labels) == {0, 1, 2, 3}


@pytest.mark.parametrize("k", [-1, 0, 2001])
def test_a_number_that_cannot_be_is_refused(k: int) -> None:
    with pytest.raises(BrainAtlasError, match="ask for 1 to 2000"):
        partition_into(X, k)


def test_numbering_leaves_noise_and_breaks_ties_by_first_cell() -> None:
    labels, n = number_by_size(np.array([-1, 7, 3, 3, 7, 9, 9, 9, -1, -1, -1, -1]))
    assert labels.tolist() == [-1, 1, 2, 2, 1, 0, 0, 0, -1, -1, -1, -1]
    assert n == 3


def test_weights_count_as_cells() -> None:
    labels, _ = number_by_size(np.array([4, 4, 5]), np.array([1, 1, 10]))
    assert labels.tolist() == [1, 1, 0]


def test_few_groups_are_parted_in_the_embedding_as_it_is() -> None:
    origin, axes = flattening(X[:50], np.ones(50, np.int64), 10)
    np.testing.assert_allclose(origin, X[:50].mean(axis=0), rtol=1e-5)
    np.testing.assert_array_equal(axes, np.eye(3))


@pytest.mark.parametrize(("k", "share"), [(200, 1.0), (10_000, 1.0), (45, 0.502)])
def test_many_groups_are_parted_along_flatter_axes(k: int, share: float) -> None:
    stretched = RNG.normal(size=(500, 3)) * [100.0, 10.0, 1.0]
    weights = RNG.integers(1, 5, 500)
    origin, axes = flattening(stretched.astype(np.float32), weights, k)
    before = np.linalg.eigvalsh(np.cov(stretched.T, aweights=weights))
    after = np.linalg.eigvalsh(np.cov(((stretched - origin) @ axes).T, aweights=weights))
    np.testing.assert_allclose(
        after / after[0], (before / before[0]) ** (1 - 0.6 * share), rtol=0.02
    )


def test_flatter_axes_find_groups_that_one_long_axis_hides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(5)
    truth = np.repeat(np.arange(100), 40)
    groups = rng.normal(size=(100, 12)) * 2
    apart = groups[truth] + rng.normal(size=(4000, 12))
    long = rng.normal(size=(4000, 1)) * 12
    cells = np.hstack([long, apart]).astype(np.float32)
    flatter = adjusted_rand_score(truth, partition_into(cells, 100).labels)
    monkeypatch.setattr(partition, "MOST_FLATTENED", 0.0)
    assert flatter > adjusted_rand_score(truth, partition_into(cells, 100).labels) + 0.1
