from __future__ import annotations

import numpy as np
import pytest

from napari_brain_atlas.compute.encoders.cell_features import fit_cell_features
from napari_brain_atlas.compute.encoders.surroundings import Surroundings

RNG = np.random.default_rng(2)
N = 400
XY = RNG.uniform(0, 100, (N, 2))


def of_types(make_atlas, make_column, types, sizes=(N,), n_neighbors=40) -> Surroundings:
    column = {"t": make_column(types)}
    atlas = make_atlas(XY[: sum(sizes)], list(sizes), columns=column, cell_type="t")
    return Surroundings(atlas, fit_cell_features(atlas), n_neighbors)


def all_of(blocks) -> np.ndarray:
    return np.concatenate(list(blocks))


def test_near_surroundings_are_a_share_of_the_far(make_atlas, make_column) -> None:
    around = of_types(make_atlas, make_column, RNG.integers(0, 3, N))
    assert around.scales == (12, 40)
    assert around.n_features == 6
    assert of_types(make_atlas, make_column, [0, 1], (2,), n_neighbors=1).scales == (1,)


def test_mixtures_are_square_roots_of_shares(make_atlas, make_column) -> None:
    around = of_types(make_atlas, make_column, RNG.integers(0, 3, N))
    averages = all_of(around.averages(around.atlas.sections[0]))
    shares = averages**2
    np.testing.assert_allclose(shares[:, :3].sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(shares[:, 3:].sum(axis=1), 1, rtol=1e-5)


def test_the_near_tell_a_border_more_sharply(make_atlas, make_column) -> None:
    side = (XY[:, 0] > 50).astype(int)
    around = of_types(make_atlas, make_column, side)
    averages = all_of(around.averages(around.atlas.sections[0])) ** 2
    error = np.abs(averages[:, [1, 3]] - side[:, None]).mean(axis=0)
    assert error[0] < error[1]


def test_chance_is_as_large_as_averages_of_cells_without_order_vary(
    make_atlas, make_column
) -> None:
    around = of_types(make_atlas, make_column, RNG.integers(0, 2, N))
    section = around.atlas.sections[0]
    varied = all_of(around.averages(section)).var(axis=0)
    chance = (all_of(around.chance(section, 0)) ** 2).mean(axis=0)
    assert (chance < 2.5 * varied).all()
    assert (chance > 0.4 * varied).all()


def test_chance_is_nothing_against_a_border(make_atlas, make_column) -> None:
    around = of_types(make_atlas, make_column, (XY[:, 0] > 50).astype(int))
    section = around.atlas.sections[0]
    varied = all_of(around.averages(section)).var(axis=0)
    assert ((all_of(around.chance(section, 0)) ** 2).mean(axis=0) < 0.1 * varied).all()


def test_lots_are_the_same_for_a_seed_and_others_for_another(make_atlas, make_column) -> None:
    around = of_types(make_atlas, make_column, RNG.integers(0, 2, N))
    section = around.atlas.sections[0]
    one, same, other = (all_of(around.chance(section, seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


@pytest.mark.parametrize("sizes", [(1,), (2, 3), (0, 4)])
def test_tiny_sections_stay_finite(make_atlas, make_column, sizes) -> None:
    around = of_types(make_atlas, make_column, np.arange(sum(sizes)) % 2, sizes)
    for section in around.atlas:
        for block in (*around.averages(section), *around.chance(section, 0)):
            assert np.isfinite(block).all()
