from __future__ import annotations

import numpy as np
import pytest

from napari_brain_atlas.compute.coherence import spatial_coherence

GRID = np.stack(np.meshgrid(np.arange(20.0), np.arange(10.0)), axis=-1).reshape(-1, 2)
HALVES = (GRID[:, 0] >= 10).astype(np.int32)


def coherence(atlas, labels) -> float:
    return spatial_coherence(atlas, labels, np.zeros(atlas.n_cells, np.int32)).coherence


def fragmentation(atlas, labels) -> float:
    return spatial_coherence(atlas, labels, np.zeros(atlas.n_cells, np.int32)).fragmentation


def test_halves_are_whole_and_coherent(make_atlas) -> None:
    atlas = make_atlas(GRID)
    assert fragmentation(atlas, HALVES) == 0
    assert coherence(atlas, HALVES) > 0.85
    assert coherence(atlas, np.zeros(200, np.int32)) == 1


def test_an_island_is_a_fragment(make_atlas) -> None:
    labels = HALVES.copy()
    island = (GRID[:, 0] >= 2) & (GRID[:, 0] <= 4) & (GRID[:, 1] >= 2) & (GRID[:, 1] <= 4)
    labels[island] = 1
    assert fragmentation(make_atlas(GRID), labels) == pytest.approx(9 / 200)


def test_the_same_label_on_two_sections_is_no_fragment(make_atlas) -> None:
    atlas = make_atlas(np.tile(GRID, (2, 1)), [200, 200])
    assert fragmentation(atlas, np.tile(HALVES, 2)) == 0


def test_unassigned_cells_are_not_counted_as_pieces(make_atlas) -> None:
    labels = np.where(HALVES == 1, -1, 0).astype(np.int32)
    assert fragmentation(make_atlas(GRID), labels) == 0
    assert np.isnan(fragmentation(make_atlas(GRID), np.full(200, -1, np.int32)))


def test_random_labels_are_no_more_coherent_than_chance(make_atlas) -> None:
    labels = np.random.default_rng(0).integers(0, 4, 200)
    assert coherence(make_atlas(GRID), labels) == pytest.approx(0.25, abs=0.07)
    assert fragmentation(make_atlas(GRID), labels) > 0.5


def test_a_section_of_one_cell_has_no_coherence(make_atlas) -> None:
    atlas = make_atlas(GRID, [199, 1])
    assert coherence(atlas, np.zeros(200, np.int32)) == 1
    assert np.isnan(coherence(make_atlas(GRID[:1]), np.zeros(1, np.int32)))


def test_the_reference_is_told_apart_from_the_labels(make_atlas) -> None:
    random = np.random.default_rng(0).integers(0, 4, 200)
    found = spatial_coherence(make_atlas(GRID), HALVES, random)
    assert found.coherence == coherence(make_atlas(GRID), HALVES)
    assert found.truth_coherence == coherence(make_atlas(GRID), random)
