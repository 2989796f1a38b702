from __future__ import annotations

import numpy as np
import pytest

from napari_brain_atlas.compute.distinctness import distinctness, halves_of
from napari_brain_atlas.compute.sums import gather

N = 8000
RNG = np.random.default_rng(0)
XY = RNG.uniform(0, 1000, (N, 2))
LEFT = (XY[:, 0] > 500).astype(np.int32)
ONE_REGION = np.zeros(2, np.int64)
SIZES = [2000] * 4
ANIMALS = {1: list("aaaa"), 4: list("abcd")}


@pytest.fixture
def told(make_atlas, make_column):
    def made(parts, types=None, expression=None, regions=ONE_REGION, animals=1):
        atlas = make_atlas(
            XY, SIZES, animals=ANIMALS[animals], expression=expression,
            columns=None if types is None else {"t": make_column(np.asarray(types))},
            cell_type=None if types is None else "t",
        )  # fmt: skip
        parts = np.asarray(parts, np.int32)
        halves, n = halves_of(atlas), len(regions)
        codes = np.where(parts < 0, 2 * n, 2 * parts + halves).astype(np.int64)
        sums = gather(atlas, codes, 2 * n)
        return distinctness(atlas, parts, halves, np.asarray(regions), sums)

    return made


def drawn(share_of_a: np.ndarray) -> np.ndarray:
    return np.where(RNG.random(N) < share_of_a, "A", "B")


@pytest.mark.parametrize("animals", [1, 4])
def test_parts_of_other_types_differ_by_what_can_be_computed(told, animals: int) -> None:
    # Shares p and q of two types: |p - q| over the mean spread √(p (1 - p)).
    found = told(LEFT, drawn(np.where(LEFT, 0.2, 0.8)), animals=animals)
    assert found == pytest.approx(0.6 / 0.4, abs=0.06)


@pytest.mark.parametrize("animals", [1, 4])
def test_parts_of_the_same_cells_do_not_differ(told, animals: int) -> None:
    assert told(LEFT, drawn(np.full(N, 0.4)), animals=animals) == pytest.approx(0, abs=0.1)


def test_cells_that_were_chosen_in_one_half_do_not_differ(told, make_atlas) -> None:
    """A part chosen by its types, without any in the tissue, in one half of the data."""
    types = drawn(np.full(N, 0.5))
    halves = halves_of(make_atlas(XY, SIZES, animals=ANIMALS[4]))
    chosen = np.where(halves == 0, types == "A", LEFT).astype(np.int32)
    # In the half where they were chosen they seem to; the direction of the other knows nothing.
    assert np.all(told(chosen, types, animals=4) < 0.3)


def test_expression_tells_where_there_are_no_types(told) -> None:
    x = RNG.normal(0, 1, (N, 6))
    x[LEFT == 1, 2] += 1.5
    assert told(LEFT, expression=x) == pytest.approx(1.5, abs=0.08)
    assert told(LEFT, expression=RNG.normal(0, 1, (N, 6))) == pytest.approx(0, abs=0.12)


def test_a_part_is_set_against_its_own_region(told) -> None:
    # Both regions are uniform; parts of different regions differ.
    regions = np.array([0, 0, 1, 1])
    upper = (XY[:, 1] > 500).astype(np.int32)
    types = drawn(np.where(upper, 0.1, 0.9))
    assert told(2 * upper + LEFT, types, regions=regions) == pytest.approx(0, abs=0.1)
    assert told(2 * LEFT + upper, types, regions=regions) == pytest.approx(0.8 / 0.3, abs=0.1)


def test_cells_in_no_part_say_nothing(told) -> None:
    types = drawn(np.where(LEFT, 0.2, 0.8))
    there = RNG.random(N) < 0.5
    types[~there] = "B"
    assert told(np.where(there, LEFT, -1), types) == pytest.approx(1.5, abs=0.1)


def test_what_cannot_be_told_is_not_a_number(told) -> None:
    assert np.isnan(told(LEFT)).all()
    few = np.zeros(N, np.int32)
    few[:15] = 1
    assert np.isnan(told(few, drawn(np.full(N, 0.5)))).all()
    assert len(told(np.full(N, -1), drawn(np.full(N, 0.5)), regions=np.zeros(0, np.int64))) == 0
    # One type alone is no difference.
    assert told(LEFT, np.full(N, "A")).tolist() == [0, 0]
