from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from napari_brain_atlas.compute.patches import half_of_tissue


@pytest.fixture(scope="module")
def places() -> np.ndarray:
    """A disc of tissue, and a strip."""
    rng = np.random.default_rng(0)
    disc = rng.normal(size=(9000, 2))
    disc = disc / np.linalg.norm(disc, axis=1, keepdims=True) * rng.uniform(0, 1, (9000, 1)) ** 0.5
    strip = rng.uniform(0, 1, (4000, 2)) * (5, 0.2)
    return np.vstack([1000 * disc, 1000 * strip])


@pytest.mark.parametrize("seed", range(4))
def test_half_of_the_cells_of_each_section_are_chosen(make_atlas, places, seed) -> None:
    atlas = make_atlas(places, [9000, 4000])
    chosen = half_of_tissue(atlas, np.random.default_rng(seed))
    for section in atlas:
        assert 0.35 < chosen[section.cells].mean() < 0.65


def test_cells_side_by_side_are_chosen_together(make_atlas, places) -> None:
    atlas = make_atlas(places, [9000, 4000])
    chosen = half_of_tissue(atlas, np.random.default_rng(0))
    first = chosen[:9000]
    _, near = cKDTree(places[:9000]).query(places[:9000], k=[2])
    # A patch of 100 cells has some 40 on its rim; by chance half of all would agree.
    assert (first == first[near[:, 0]]).mean() > 0.85
    larger = half_of_tissue(atlas, np.random.default_rng(0), cells_per_patch=400)[:9000]
    assert (larger == larger[near[:, 0]]).mean() > (first == first[near[:, 0]]).mean()


def test_patches_are_others_each_time_and_the_same_for_a_seed(make_atlas, places) -> None:
    atlas = make_atlas(places, [9000, 4000])
    rng = np.random.default_rng(1)
    one, other = (half_of_tissue(atlas, rng) for _ in "ab")
    assert 0.3 < (one == other).mean() < 0.7
    np.testing.assert_array_equal(one, half_of_tissue(atlas, np.random.default_rng(1)))


def test_only_the_cells_in_scope_are_parted(make_atlas, places) -> None:
    atlas = make_atlas(places, [9000, 4000])
    cells = np.sort(np.random.default_rng(2).choice(13_000, 5000, replace=False))
    chosen = half_of_tissue(atlas, np.random.default_rng(0), cells)
    assert chosen.shape == (5000,)
    assert 0.35 < chosen.mean() < 0.65


@pytest.mark.parametrize(
    "xy",
    [
        np.zeros((1, 2)),
        np.zeros((70, 2)),
        np.column_stack([np.arange(300.0), np.zeros(300)]),
        np.vstack([np.random.default_rng(0).uniform(0, 1, (300, 2)), [[1e7, 1e7]]]),
    ],
    ids=["one cell", "one place", "a line", "a stray cell far away"],
)
def test_odd_tissue_is_parted_without_a_crash(make_atlas, xy) -> None:
    assert half_of_tissue(make_atlas(xy), np.random.default_rng(0)).shape == (len(xy),)
