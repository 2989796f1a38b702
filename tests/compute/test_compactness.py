from __future__ import annotations

import numpy as np
import pytest

from napari_brain_atlas.compute import compactness as module
from napari_brain_atlas.compute.compactness import compactness

RNG = np.random.default_rng(0)
XY = RNG.uniform(0, 100, (2000, 2))
HALVES = (XY[:, 0] > 50).astype(np.int32)
ONE_REGION = np.zeros(2, np.int64)


@pytest.fixture
def apart(make_atlas):
    def told(parts, regions=ONE_REGION, sizes=None, xy=XY):
        return compactness(make_atlas(xy, sizes), np.asarray(parts, np.int32), regions)

    return told


def test_halves_lie_apart_and_a_mixture_does_not(apart) -> None:
    assert apart(HALVES)[0] > 0.85
    assert apart(RNG.permutation(HALVES))[0] == pytest.approx(0, abs=0.06)
    # Three parts, two of them through each other.
    mixed = np.where(HALVES == 1, 2, RNG.integers(0, 2, 2000))
    assert 0.3 < apart(mixed, np.zeros(3, np.int64))[0] < 0.75


def test_parts_of_other_regions_do_not_count(apart) -> None:
    regions = np.array([0, 0, 1, 1])
    through = np.where(RNG.random(2000) < 0.5, HALVES, HALVES + 2)
    assert (apart(through, regions) > 0.8).all()


def test_parts_that_never_meet_on_a_section_are_not_told(apart) -> None:
    parts = np.repeat([0, 1], 1000)
    assert np.isnan(apart(parts, sizes=[1000, 1000])[0])
    parts[1900:] = 0
    assert np.isfinite(apart(parts, sizes=[1000, 1000])[0])


def test_cells_in_no_part_are_left_out(apart) -> None:
    parts = np.where(RNG.random(2000) < 0.3, -1, HALVES)
    assert apart(parts)[0] > 0.85
    assert len(apart(np.full(2000, -1), np.empty(0, np.int64))) == 0


def test_few_cells_and_cells_in_one_place_are_no_error(apart) -> None:
    assert apart([0, 1], xy=XY[:2])[0] == 0
    assert np.isfinite(apart(np.tile([0, 1], 20), xy=np.zeros((40, 2)))[0])


def test_a_share_of_many_cells_says_the_same(apart, monkeypatch) -> None:
    every = apart(HALVES)[0]
    monkeypatch.setattr(module, "ASKED", 400)
    assert apart(HALVES)[0] == pytest.approx(every, abs=0.05)
