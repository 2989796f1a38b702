from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_brain_atlas.compute.across_animals import likeness, profiles_of, stands
from napari_brain_atlas.compute.sums import gather, ids_and_codes


def found_in(atlas, owner):
    ids, codes = ids_and_codes(np.asarray(owner, np.int32))
    profiles = profiles_of(ids, gather(atlas, codes, len(ids)))
    return profiles, likeness(profiles)


def typed(make_atlas, make_column, types, sizes, animals):
    return make_atlas(
        np.zeros((len(types), 2)), sizes, animals=animals,
        columns={"t": make_column(types)}, cell_type="t",
    )  # fmt: skip


def test_two_animals_that_agree_are_recognized(make_atlas, make_column) -> None:
    one = ["A"] * 40 + ["B"] * 20 + ["C"] * 10 + ["A"] * 10 + ["B"] * 15 + ["C"] * 60
    atlas = typed(make_atlas, make_column, one * 2, [155, 155], ["a", "b"])
    owner = np.tile(np.repeat([1, 2], [70, 85]), 2)
    profiles, found = found_in(atlas, owner)
    assert profiles.basis == "cell types"
    np.testing.assert_allclose(profiles.vectors[0, 0], [40 / 70, 20 / 70, 10 / 70])
    assert found.n_animals.tolist() == [2, 2]
    assert found.n_pairs.tolist() == [1, 1]
    np.testing.assert_allclose(found.correlation, 1)
    assert found.n_compared.tolist() == found.n_recognized.tolist() == [2, 2]


def test_names_swapped_in_one_animal_are_not_recognized_there(make_atlas, make_column) -> None:
    one = ["A"] * 60 + ["B"] * 30 + ["A"] * 30 + ["B"] * 60
    atlas = typed(make_atlas, make_column, one * 4, [180] * 4, ["a", "b", "c", "d"])
    owner = np.concatenate([np.repeat(o, 90) for o in ([1, 2], [1, 2], [1, 2], [2, 1])])
    _, found = found_in(atlas, owner)
    # With two types any two mixtures correlate fully, one way or the other.
    np.testing.assert_allclose(found.correlation, (3 - 3) / 6, atol=1e-12)
    assert found.n_compared.tolist() == [4, 4]
    assert found.n_recognized.tolist() == [3, 3]


def test_what_another_is_just_as_like_is_not_recognized(make_atlas, make_column) -> None:
    types = (["A"] * 50 + ["A"] * 50 + ["B"] * 30 + ["A"] * 20) * 2
    atlas = typed(make_atlas, make_column, types, [150, 150], ["a", "b"])
    _, found = found_in(atlas, np.tile(np.repeat([1, 2, 3], 50), 2))
    np.testing.assert_allclose(found.correlation, 1)
    assert found.n_compared.tolist() == [2, 2, 2]
    assert found.n_recognized.tolist() == [0, 0, 2]


def test_correlation_is_the_mean_over_pairs_of_animals(make_atlas, make_column) -> None:
    rng = np.random.default_rng(0)
    types = rng.choice(list("ABCDEF"), 600, p=[0.4, 0.2, 0.15, 0.1, 0.1, 0.05])
    atlas = typed(make_atlas, make_column, types, [150] * 4, ["a", "b", "c", "d"])
    owner = rng.integers(1, 3, 600)
    profiles, found = found_in(atlas, owner)
    for i in range(2):
        pairs = [
            np.corrcoef(profiles.vectors[i, a], profiles.vectors[i, b])[0, 1]
            for a in range(4)
            for b in range(a)
        ]
        assert found.correlation[i] == pytest.approx(np.mean(pairs))
    assert found.n_pairs.tolist() == [6, 6]


def test_what_a_whole_animal_has_more_of_makes_nothing_alike(make_atlas) -> None:
    rng = np.random.default_rng(0)
    genes = rng.normal(0, 1, (2, 12))
    batch = rng.normal(0, 5, (2, 12))
    owner, animal = np.tile(np.repeat([0, 1], 60), 2), np.repeat([0, 1], 120)
    x = 30 + genes[owner] + batch[animal] + rng.normal(0, 0.01, (240, 12))
    atlas = make_atlas(np.zeros((240, 2)), [120, 120], animals=["a", "b"], expression=np.log(x))
    profiles, found = found_in(atlas, owner + 1)
    assert profiles.basis == "expression"
    assert (found.correlation > 0.95).all()
    assert found.n_recognized.tolist() == [2, 2]
    means = [[x[(owner == i) & (animal == a)].mean(axis=0) for a in (0, 1)] for i in (0, 1)]
    assert all(np.corrcoef(*m)[0, 1] < 0.6 for m in means)


def test_a_few_stray_cells_are_no_standing(make_atlas, make_column) -> None:
    atlas = typed(make_atlas, make_column, ["A", "B"] * 100, [100, 100], ["a", "b"])
    owner = np.repeat([1, 2], 100)
    owner[195:] = 1
    _, found = found_in(atlas, owner)
    assert found.n_animals.tolist() == [1, 1]
    assert np.isnan(found.correlation).all()
    assert found.n_compared.tolist() == [0, 0]


def test_unassigned_cells_are_nobody_to_be_mistaken_for(make_atlas, make_column) -> None:
    types = (["A"] * 60 + ["B"] * 40 + ["A"] * 61 + ["B"] * 39 + ["C"] * 100) * 2
    atlas = typed(make_atlas, make_column, types, [300, 300], ["a", "b"])
    _, found = found_in(atlas, np.tile(np.repeat([1, 0, 2], 100), 2))
    assert found.n_compared.tolist() == [0, 2, 2]
    assert found.n_recognized.tolist() == [0, 2, 2]


def test_one_animal_or_nothing_measured_compares_nothing(make_atlas) -> None:
    profiles, found = found_in(make_atlas(np.zeros((80, 2))), np.repeat([1, 2], 40))
    assert profiles.basis == "none"
    assert found.n_animals.tolist() == [1, 1]
    assert np.isnan(found.correlation).all()
    bare = make_atlas(np.zeros((80, 2)), [40, 40], animals=["a", "b"])
    assert np.isnan(found_in(bare, np.tile([1, 2], 40))[1].correlation).all()
    _, nobody = found_in(make_atlas(np.zeros((5, 2))), np.full(5, -1))
    assert len(nobody.n_animals) == 0


@given(st.lists(st.integers(0, 60), min_size=1, max_size=6), st.integers(1, 30))
def test_where_most_cells_are_it_stands_and_where_none_are_it_does_not(cells, enough) -> None:
    stood = stands(np.array([cells]), enough)[0]
    for n, there in zip(cells, stood.tolist(), strict=True):
        assert there or n < enough
        assert not there or n > 0
    assert stood[int(np.argmax(cells))] == (max(cells) > 0)
