from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from napari_brain_atlas.compute import ballots
from napari_brain_atlas.compute import resolve as resolving
from napari_brain_atlas.compute.clustering import build_hierarchy, cut
from napari_brain_atlas.compute.neighbors import atlas_neighbors
from napari_brain_atlas.compute.resolve import place_noise, resolve, vote
from napari_brain_atlas.model.hierarchy import Cut, CutParameters

N = 900


@pytest.fixture(scope="module")
def halves():
    """A left and a right half on two sections, and an embedding with noise between them."""
    rng = np.random.default_rng(0)
    xy = rng.uniform(0, 100, (2 * N, 2))
    side = (xy[:, 0] > 50).astype(int)
    embedding = rng.normal(size=(2 * N, 3)) * 0.3
    embedding[:, 0] += np.where(side, 5, -5)
    stray = rng.choice(2 * N, 60, replace=False)
    # Farther from everybody than the halves are from each other: nothing but noise.
    embedding[stray, 1] += rng.choice([-1, 1], 60) * rng.uniform(15, 200, 60)
    return xy, side, embedding.astype(np.float32)


@pytest.mark.parametrize("exact_limit", [5000, 100], ids=["cells", "micro-clusters"])
def test_noise_gets_the_owner_around_it(make_atlas, halves, exact_limit) -> None:
    xy, side, embedding = halves
    hierarchy = build_hierarchy(embedding, exact_limit=exact_limit, n_micro_clusters=300)
    found = cut(hierarchy, CutParameters(100))
    assert found.n_clusters == 2
    assert found.noise_share > 0
    result = resolve(make_atlas(xy, [N, N]), hierarchy, found)
    np.testing.assert_array_equal(result.resolved, found.labels < 0)
    assert set(result.owner) == {0, 1}
    right = max((result.owner == side).mean(), (result.owner != side).mean())
    assert right > 0.97
    assert result.confidence.dtype == np.float32
    assert result.confidence.min() >= 0 and result.confidence.max() <= 1
    assert result.confidence[result.resolved].mean() < result.confidence[~result.resolved].mean()


def test_confidence_is_lower_on_the_border(make_atlas, halves) -> None:
    xy, side, _ = halves
    atlas = make_atlas(xy, [N, N])
    _, confidence = vote(atlas, side.astype(np.int32), np.ones(2 * N, np.float32))
    border = np.abs(xy[:, 0] - 50) < 3
    inside = np.abs(xy[:, 0] - 50) > 20
    assert (confidence[inside] == 1).all()
    assert confidence[border].mean() < 0.9


def test_a_speckle_is_absorbed_and_sections_do_not_mix(make_atlas, halves) -> None:
    xy, _, _ = halves
    labels = np.repeat([0, 1], N).astype(np.int32)
    labels[17] = 1
    owner, confidence = vote(make_atlas(xy, [N, N]), labels, np.ones(2 * N, np.float32))
    np.testing.assert_array_equal(owner, np.repeat([0, 1], N))
    assert confidence[17] < confidence[500]


def test_neighbors_found_before_give_the_same_vote(make_atlas, halves) -> None:
    xy, side, _ = halves
    rng = np.random.default_rng(3)
    labels = np.where(rng.random(2 * N) < 0.3, rng.integers(-1, 2, 2 * N), side).astype(np.int32)
    strengths = rng.random(2 * N).astype(np.float32)
    atlas = make_atlas(xy, [2 * N - 8, 8])
    plainly: dict[str, Any] = {"rounds": 1, "smallest_piece": 0.0}
    searched = vote(atlas, labels, strengths, n_voters=15, **plainly)
    neighbors = atlas_neighbors(atlas, 15)
    given = vote(atlas, labels, strengths, neighbors=neighbors, **plainly)
    np.testing.assert_array_equal(searched, given)
    for piece in (None, 1000.0):
        settled = [
            vote(atlas, labels, strengths, n_voters=15, neighbors=n, smallest_piece=piece)
            for n in (None, neighbors)
        ]
        np.testing.assert_array_equal(*settled)
    # Against counting by hand, in a place where the nearest are easily told.
    for cell in (0, 77, 500):
        gaps = np.linalg.norm(xy[: 2 * N - 8] - xy[cell], axis=1)
        near = labels[np.argsort(gaps)[:16]]
        counts = np.bincount(near[near >= 0])
        assert counts[searched[0][cell]] == counts.max()


def test_a_second_round_votes_on_the_outcome_of_the_first(make_atlas, halves) -> None:
    xy, side, _ = halves
    rng = np.random.default_rng(4)
    labels = np.where(rng.random(2 * N) < 0.4, 1 - side, side).astype(np.int32)
    atlas, ones = make_atlas(xy, [N, N]), np.ones(2 * N, np.float32)
    once, _ = vote(atlas, labels, ones, rounds=1, smallest_piece=0)
    again, _ = vote(atlas, once, ones, rounds=1, smallest_piece=0)
    twice, _ = vote(atlas, labels, ones, rounds=2, smallest_piece=0)
    np.testing.assert_array_equal(twice, again)
    assert (twice == side).mean() > (once == side).mean() > (labels == side).mean()


def test_only_the_cells_in_scope_vote(make_atlas, halves) -> None:
    xy, side, _ = halves
    cells = np.flatnonzero(xy[:, 0] < 60)
    labels = side[cells].astype(np.int32)
    atlas = make_atlas(xy, [N, N])
    owner, _ = vote(atlas, labels, np.ones(len(cells), np.float32), cells=cells)
    whole, _ = vote(atlas, side.astype(np.int32), np.ones(2 * N, np.float32))
    assert owner.shape == cells.shape
    far = xy[cells, 0] < 40
    np.testing.assert_array_equal(owner[far], whole[cells][far])


def test_a_cut_without_clusters_is_one_neighborhood_without_confidence(make_atlas, halves) -> None:
    xy, _, embedding = halves
    hierarchy = build_hierarchy(embedding)
    nothing = Cut(np.full(2 * N, -1, np.int32), np.zeros(2 * N, np.float32), 0)
    result = resolve(make_atlas(xy, [N, N]), hierarchy, nothing)
    assert (result.owner == 0).all()
    assert (result.confidence == 0).all()


def test_clear_members_keep_label_and_strength(halves) -> None:
    _, _, embedding = halves
    hierarchy = build_hierarchy(embedding)
    found = cut(hierarchy, CutParameters(100))
    labels, strengths = place_noise(hierarchy, found)
    member = found.labels >= 0
    np.testing.assert_array_equal(labels[member], found.labels[member])
    np.testing.assert_array_equal(strengths[member], found.strengths[member])
    assert (labels >= 0).all()
    assert (strengths[~member] <= 0.5).all() and (strengths[~member] > 0).all()


def test_tiny_sections_are_resolved(make_atlas) -> None:
    labels = np.array([0, 1, 1, -1, 0], np.int32)
    owner, confidence = vote(
        make_atlas(np.arange(10.0).reshape(5, 2), [1, 3, 0, 1]), labels, np.ones(5, np.float32)
    )
    assert owner.tolist() == [0, 1, 1, 1, 0]
    assert confidence[0] == confidence[4] == 1


def test_nothing_compiles_after_warming() -> None:
    resolving.warm()
    kernels = (ballots._poll, resolving._share_again, ballots._count_ballots)
    before = [len(kernel.signatures) for kernel in kernels]
    rng = np.random.default_rng(0)
    nearest = rng.integers(0, 50, (50, 15)).astype(np.int32)
    labels = rng.integers(0, 4, 50).astype(np.int32)
    for of in (labels, nearest):
        owner, share = resolving._poll_rounds(labels[:], nearest[:], 0, 2)
        resolving._absorbed(owner, share, nearest[:], 0, 10)
        of.flags.writeable = False
    assert [len(kernel.signatures) for kernel in kernels] == before
