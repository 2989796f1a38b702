from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from odd_sections import banded  # noqa: F401

from napari_brain_atlas.compute.bands import Buffers
from napari_brain_atlas.compute.filling import LONGEST, fill_gaps

Counts = NDArray[np.int32]


def check(counts: Counts, reach: float) -> NDArray[np.int32]:
    """Against the distance of every pixel to every pixel that holds cells."""
    nearest, squares = fill_gaps(counts, reach, Buffers())
    assert nearest.shape == squares.shape == counts.shape
    height, width = counts.shape
    filled = np.flatnonzero(counts)
    everywhere = np.stack(np.divmod(np.arange(height * width), width), axis=-1)
    to_each = ((everywhere[:, None] - everywhere[None, filled]) ** 2).sum(axis=-1)
    least = to_each.min(axis=1, initial=2**40)
    near = (least <= reach**2).reshape(counts.shape)
    np.testing.assert_array_equal(nearest >= 0, near)
    assert (nearest[~near] == -1).all()
    np.testing.assert_array_equal(squares[near], least.reshape(counts.shape)[near])
    there = nearest[near]
    assert (counts.ravel()[there] > 0).all()
    away = ((everywhere[there] - everywhere[near.ravel()]) ** 2).sum(axis=-1)
    np.testing.assert_array_equal(away, squares[near])
    return nearest


def sparse(shape: tuple[int, int], share: float, seed: int = 0) -> Counts:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(shape) < share, rng.integers(1, 9, shape), 0).astype(np.int32)


@pytest.mark.usefixtures("banded")
@pytest.mark.parametrize("reach", [0.0, 1.0, 1.4, 1.5, 7.3, 40.0, LONGEST])
@pytest.mark.parametrize("share", [0.0, 0.002, 0.05, 0.5, 1.0])
def test_each_gap_shows_the_nearest_pixel_with_cells(share: float, reach: float) -> None:
    check(sparse((37, 41), share), reach)


@pytest.mark.parametrize("shape", [(1, 1), (1, 90), (90, 1), (2, 3), (200, 7), (7, 200)], ids=str)
@pytest.mark.parametrize("reach", [1.0, 3.3, 80.0])
def test_pictures_of_any_shape(shape: tuple[int, int], reach: float) -> None:
    for seed in range(4):
        check(sparse(shape, 0.05, seed), reach)


@example(counts=np.eye(16, dtype=np.int32), reach=4.0)
@given(
    counts=arrays.arrays(
        np.int32,
        arrays.array_shapes(min_dims=2, max_dims=2, max_side=24),
        elements=st.sampled_from([0, 0, 0, 0, 0, 0, 1, 3]),
    ),
    reach=st.floats(0, 30).map(lambda x: round(x, 2)),
)
def test_any_small_picture(counts: Counts, reach: float) -> None:
    check(counts, reach)


def test_a_pixel_with_cells_shows_itself() -> None:
    counts = sparse((30, 40), 0.3)
    nearest = fill_gaps(counts, 9.0, Buffers())[0].ravel()
    filled = np.flatnonzero(counts)
    np.testing.assert_array_equal(nearest[filled], filled)


def test_one_pixel_is_a_circle_as_far_as_the_reach() -> None:
    counts = np.zeros((81, 81), np.int32)
    counts[40, 40] = 1
    nearest = check(counts, 25.0)
    assert (nearest[40, 15:66] == 40 * 81 + 40).all()
    assert nearest[40, 14] == nearest[40, 66] == nearest[14, 40] == -1
    assert (nearest >= 0).sum() == pytest.approx(np.pi * 25**2, rel=0.02)


def test_a_reach_beyond_the_longest_is_the_longest() -> None:
    counts = np.zeros((1, 400), np.int32)
    counts[0, 200] = 1
    nearest, _ = fill_gaps(counts, 1e6, Buffers())
    assert (nearest >= 0).sum() == 2 * LONGEST + 1


def test_bands_meet_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = sparse((300, 90), 0.003)
    one = fill_gaps(counts, 30.0, Buffers())
    monkeypatch.setattr("napari_brain_atlas.compute.bands._LEAST_ROWS", 1)
    monkeypatch.setattr("napari_brain_atlas.compute.bands.WORKERS", 8)
    several = fill_gaps(counts, 30.0, Buffers())
    for a, b in zip(one, several, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_same_memory_gives_the_same_gaps() -> None:
    buffers = Buffers()
    for seed, shape in enumerate([(40, 50), (41, 50), (9, 9), (60, 70), (40, 50)]):
        counts = sparse(shape, 0.03, seed)
        again, fresh = fill_gaps(counts, 8.0, buffers), fill_gaps(counts, 8.0, Buffers())
        for a, b in zip(again, fresh, strict=True):
            np.testing.assert_array_equal(a, b)
