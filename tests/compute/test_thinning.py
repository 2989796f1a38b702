from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from napari_brain_atlas.compute.thinning import Thinned, shares_of, thin, thin_sections


def section(n: int, seed: int, width: float = 4000.0) -> NDArray[np.float32]:
    """Dense on the left, sparse on the right."""
    rng = np.random.default_rng(seed)
    return np.stack([width * rng.random(n) ** 2, 1000 * rng.random(n)], axis=1).astype("f4")


def brain(sizes: list[int]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    xy = np.concatenate([section(n, i) for i, n in enumerate(sizes)])
    return xy, np.concatenate([[0], np.cumsum(sizes)])


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60), st.integers(0, 10**6))
def test_every_section_gets_its_share_to_within_one(sizes: list[int], n: int) -> None:
    counts = np.array(sizes, np.int64)
    shares = shares_of(counts, n)
    assert shares.sum() == min(n, counts.sum())
    assert (shares <= counts).all() and (shares >= 0).all()
    if counts.sum() > n:
        assert (np.abs(shares - counts * n / counts.sum()) < 1).all()


@pytest.mark.parametrize("n", [1, 7, 800, 5000])
def test_the_chosen_are_as_dense_as_the_cells_everywhere(n: int) -> None:
    xy = section(20_000, 1)
    ranks, _ = thin(xy, n)
    assert len(ranks) == n and (np.diff(ranks) > 0).all()
    # In strips that hold as many cells each.
    edges = np.quantile(xy[:, 0], np.linspace(0, 1, 11))
    counts, _ = np.histogram(xy[ranks, 0], edges)
    assert np.abs(counts - n / 10).max() <= 1 + 1.5 * np.sqrt(n / 10)


def test_they_are_more_even_than_by_chance() -> None:
    xy = np.random.default_rng(3).random((40_000, 2)).astype("f4") * 1000

    def uneven(ranks: NDArray[np.int64]) -> float:
        counts = np.histogram2d(*xy[ranks].T, bins=20)[0]
        return float(counts.var() / counts.mean())

    by_chance = np.random.default_rng(0).choice(len(xy), 4000, replace=False)
    assert uneven(thin(xy, 4000)[0]) < 0.6 * uneven(by_chance)


def test_all_are_taken_where_they_are_few_enough() -> None:
    xy, starts = brain([30, 0, 12])
    found = thin_sections(xy, starts, 100, None)
    np.testing.assert_array_equal(found.cells, np.arange(42))
    np.testing.assert_array_equal(found.starts, starts)
    assert found.n_all == 42


def test_sections_keep_their_cells() -> None:
    sizes = [5000, 300, 12_000]
    xy, starts = brain(sizes)
    found = thin_sections(xy, starts, 1000, None)
    assert found.n_all == sum(sizes)
    for i in range(3):
        mine = found.cells[found.within(i)]
        assert (mine >= starts[i]).all() and (mine < starts[i + 1]).all()
        assert abs(len(mine) - 1000 * sizes[i] / sum(sizes)) < 1
        for rank in range(*found.within(i).indices(1000)):
            assert found.section_of(rank) == i


def test_a_part_of_an_atlas_is_told_in_its_places() -> None:
    xy, starts = brain([400, 900, 700])
    found = thin_sections(xy, starts[1:], 200, None)
    assert found.cells.min() >= 400 and found.n_all == 1600


def test_only_known_cells_are_chosen() -> None:
    xy, starts = brain([4000, 2000])
    known = np.random.default_rng(1).random(6000) < 0.3
    found = thin_sections(xy, starts, 500, known)
    assert known[found.cells].all() and found.n_all == known.sum() and len(found.cells) == 500
    nothing = thin_sections(xy, starts, 500, np.zeros(6000, bool))
    assert len(nothing.cells) == 0 and nothing.n_all == 0


def test_the_spacing_is_that_of_the_chosen() -> None:
    side = 100
    lattice = np.stack(np.mgrid[:side, :side], axis=-1).reshape(-1, 2).astype("f4") * 10
    found: Thinned = thin_sections(lattice, np.array([0, side * side]), 2500, None)
    assert found.spacing == pytest.approx(20, rel=0.1)


@pytest.mark.parametrize(
    "xy",
    [np.zeros((5, 2)), np.column_stack([np.arange(50.0), np.zeros(50)]), np.full((1, 2), 7.0)],
    ids=["all in one place", "on a line", "one cell"],
)
def test_odd_sections_are_thinned_too(xy: NDArray[np.float64]) -> None:
    ranks, _ = thin(xy.astype("f4"), 3)
    assert len(ranks) == min(3, len(xy)) and len(set(ranks.tolist())) == len(ranks)


def test_the_same_cells_give_the_same_choice() -> None:
    xy = section(3000, 5)
    np.testing.assert_array_equal(thin(xy, 200)[0], thin(xy.copy(), 200)[0])
