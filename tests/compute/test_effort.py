from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_brain_atlas.compute.effort import CURVE_POINTS, curate, tiles

NONE = np.zeros(3, np.int64)


def tables(labels, regions):
    """Cells of each cluster in each region, and those in none."""
    table = np.zeros((labels.max(initial=-1) + 2, regions.max() + 1), np.int64)
    np.add.at(table, (labels + 1, regions), 1)
    return table[1:][table[1:].any(axis=1)], table[0]


def test_a_curve_by_hand() -> None:
    table = np.array([[50, 0, 0], [30, 5, 0], [0, 9, 0], [1, 4, 0], [0, 0, 1]])
    found = curate(table, NONE)
    assert (found.n_clusters, found.n_named_regions, found.merges) == (5, 3, 2)
    assert found.curve == ((0, 0.6), (1, 0.9), (2, 0.94))
    assert found.merges_for_most == 1  # 0.9 is 95 % of 0.94 and more.
    assert found.oracle_accuracy == 0.94
    assert found.oracle_macro_recall == pytest.approx((80 / 81 + 13 / 18 + 1) / 3)


def test_unassigned_cells_are_wrong_and_their_regions_missed() -> None:
    found = curate(np.array([[10, 0]]), np.array([0, 30]))
    assert found.oracle_accuracy == 0.25
    assert found.regions_missed == 1
    assert found.merges == 0
    nobody = curate(np.zeros((0, 2), np.int64), np.array([3, 4]))
    assert (nobody.n_clusters, nobody.oracle_accuracy, nobody.regions_missed) == (0, 0, 2)
    assert nobody.curve == ((0, 0.0),)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 8), st.integers(0, 3)), min_size=1, max_size=80))
def test_merging_never_beats_what_is_counted_and_never_costs(rows) -> None:
    labels, regions = np.array(rows, np.int64).T
    y = np.unique(regions, return_inverse=True)[1]
    found = curate(*tables(labels, y))
    assert found.n_named_regions + found.regions_missed == y.max() + 1
    assert 0 <= found.merges <= max(found.n_clusters - 1, 0)
    most = sum(np.bincount(y[labels == c]).max() for c in set(labels.tolist()) - {-1})
    assert found.oracle_accuracy == pytest.approx(most / len(y))
    merges, accuracy = np.array(found.curve).T
    assert merges[0] == 0 and merges[-1] == found.merges
    assert accuracy[-1] == pytest.approx(found.oracle_accuracy)
    # Every merge adds something, and never more than the one before it.
    assert (np.diff(accuracy) > 0).all()
    assert (np.diff(accuracy, 2) <= 1e-12).all() or len(accuracy) >= CURVE_POINTS


def test_a_long_curve_is_told_by_some_points(make_atlas) -> None:
    rng = np.random.default_rng(0)
    table = np.zeros((900, 5), np.int64)
    table[np.arange(900), rng.integers(0, 5, 900)] = rng.integers(1, 100, 900)
    found = curate(table, np.zeros(5, np.int64))
    assert found.merges == 895
    assert len(found.curve) <= CURVE_POINTS + 1
    assert found.curve[-1] == (895, 1.0)


def test_tiles_are_shared_out_by_cells_and_stay_on_their_section(make_atlas) -> None:
    rng = np.random.default_rng(0)
    atlas = make_atlas(rng.random((400, 2)) * 100, [300, 100])
    labels = tiles(atlas, 8)
    per_section = [np.unique(labels[s.cells]) for s in atlas]
    assert [len(p) for p in per_section] == [6, 2]
    assert not set(per_section[0]) & set(per_section[1])
    assert np.array_equal(labels, tiles(atlas, 8))


def test_tiles_do_with_few_cells_and_with_cells_in_one_place(make_atlas) -> None:
    atlas = make_atlas(np.zeros((12, 2)), [1, 11])
    assert len(np.unique(tiles(atlas, 9))) == 2
    assert len(tiles(make_atlas(np.zeros((0, 2))), 3)) == 0
