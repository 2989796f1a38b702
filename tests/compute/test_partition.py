from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from napari_brain_atlas.compute import microclusters, partition
from napari_brain_atlas.compute.mixture import Shape, shape_of
from napari_brain_atlas.compute.partition import number_by_size, partition_into, revive
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
