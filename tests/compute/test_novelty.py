from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_brain_atlas.compute.contingency import contingency_of_labels
from napari_brain_atlas.compute.novelty import Novelty, NoveltyParameters, novelty

CELLS = {
    # (region, neighborhood): cells; region 0 is none, neighborhood 0 unassigned.
    (1, 1): 60,
    (1, 2): 60,
    (1, 3): 40,
    (1, 0): 40,
    (2, 3): 60,
    (2, 4): 100,
    (3, 5): 90,
    (3, 6): 30,
    (0, 6): 70,
    (0, 7): 80,
    (2, 7): 5,
}


def compared(cells, n_animals=1, **how) -> Novelty:
    """Every pair has its cells shared out over the animals, one section each."""
    labels = [np.repeat(side, list(cells.values())) for side in np.array(list(cells)).T]
    section = np.arange(len(labels[0])) % n_animals
    order = np.argsort(section, kind="stable")
    starts = np.searchsorted(section[order], np.arange(n_animals + 1))
    before, after = (label[order].astype(np.int32) for label in labels)
    table = contingency_of_labels(before, after, starts)
    return novelty(table, np.arange(n_animals), NoveltyParameters(**how))


def test_a_region_with_two_neighborhoods_is_divided() -> None:
    found = compared(CELLS)
    assert [s.region for s in found.subdivisions] == [1]
    (one,) = found.subdivisions
    assert one.cells == 200
    assert [(p.neighborhood, p.cells) for p in one.parts] == [(1, 60), (2, 60)]
    assert one.bits == pytest.approx(1)
    assert one.divided == pytest.approx(0.6)
    assert one.parts[0].share_of_region == pytest.approx(0.3)
    assert one.parts[0].share_inside == 1


def test_what_lies_in_two_regions_crosses_their_border() -> None:
    found = compared(CELLS)
    (crossing,) = found.crossings
    assert (crossing.neighborhood, crossing.cells) == (3, 100)
    assert crossing.parts == ((2, 60, 0.6), (1, 40, 0.4))
    assert crossing.bits == pytest.approx(-(0.6 * np.log2(0.6) + 0.4 * np.log2(0.4)))
    assert compared(CELLS, substantial=0.45).crossings == ()


def test_what_lies_where_there_is_no_region_is_told_by_itself() -> None:
    found = compared(CELLS)
    assert [(p.neighborhood, p.cells) for p in found.uncharted] == [(7, 80), (6, 70)]
    assert found.uncharted[1].share_inside == pytest.approx(0.7)
    # 30 % of 6 lies in region 3: not enough to divide it, nor a second region to cross to.
    assert 3 not in {s.region for s in found.subdivisions}


def test_a_matching_neighborhood_is_nothing_new() -> None:
    found = compared({(1, 1): 90, (1, 2): 10, (2, 2): 100})
    assert (found.n_matching, found.n_regions, found.n_neighborhoods) == (2, 2, 2)
    assert found.subdivisions == found.crossings == found.uncharted == ()


def test_how_much_inside_is_mostly_is_for_the_user_to_say() -> None:
    cells = {(1, 1): 60, (2, 1): 40, (1, 2): 100, (2, 3): 90}
    assert compared(cells).subdivisions == ()
    (found,) = compared(cells, mostly=0.6).subdivisions
    assert {p.neighborhood for p in found.parts} == {1, 2}


def test_parts_of_a_few_cells_are_chance() -> None:
    assert compared({(1, 1): 100, (1, 2): 19}).subdivisions == ()
    assert len(compared({(1, 1): 100, (1, 2): 20}).subdivisions) == 1


def test_animals_are_those_in_which_a_part_stands() -> None:
    found = compared({(1, 1): 90, (1, 2): 90, (1, 3): 22}, n_animals=3)
    (one,) = found.subdivisions
    assert [p.animals for p in one.parts] == [3, 3, 3]
    assert one.in_all_animals == 3
    table = contingency_of_labels(
        np.ones(200, np.int32),
        np.repeat([1, 2], [120, 80]).astype(np.int32),
        np.array([0, 100, 200]),
    )
    (two,) = novelty(table, np.arange(2)).subdivisions
    assert [(p.animals, p.sections) for p in two.parts] == [(2, 2), (1, 1)]
    assert two.in_all_animals == 1


def test_the_most_informative_comes_first() -> None:
    cells = {(1, 1): 500, (1, 2): 30, (2, 3): 300, (2, 4): 300, (3, 5): 50, (3, 6): 50}
    assert [s.region for s in compared(cells).subdivisions] == [2, 1, 3]
    wide = {(1, 1): 60, (2, 1): 40, (3, 2): 400, (4, 2): 200, (5, 3): 50, (6, 3): 50}
    assert [c.neighborhood for c in compared(wide).crossings] == [2, 3, 1]


def test_bits_are_the_entropy_given_the_region() -> None:
    found = compared({(1, 1): 50, (1, 2): 50, (2, 3): 100, (0, 3): 77, (2, 0): 9})
    # One bit in the first region, none in the second.
    assert found.bits == pytest.approx(0.5)
    assert np.isnan(compared({(0, 3): 77, (2, 0): 9}).bits)


def test_no_cells_are_no_error() -> None:
    none = np.empty(0, np.int32)
    found = novelty(contingency_of_labels(none, none, np.array([0, 0])), np.zeros(1, np.int64))
    assert (found.n_regions, found.n_neighborhoods, found.subdivisions) == (0, 0, ())


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 4), st.integers(0, 6)), st.integers(1, 90), min_size=1
    ),
    st.integers(1, 3),
)
def test_what_is_told_adds_up(cells, n_animals) -> None:
    found = compared(cells, n_animals)
    of = {i: sum(n for (_, k), n in cells.items() if k == i) for _, i in cells}
    for divided in found.subdivisions:
        assert len(divided.parts) >= 2
        assert divided.cells == sum(n for (r, _), n in cells.items() if r == divided.region)
        assert 0 < divided.divided <= 1 + 1e-12
        assert 0 < divided.bits <= np.log2(len(divided.parts)) + 1e-9
        assert divided.in_all_animals <= len(divided.parts)
        for part in divided.parts:
            assert part.neighborhood != 0
            assert part.cells == cells[divided.region, part.neighborhood]
            assert part.cells >= 0.7 * of[part.neighborhood]
            assert 1 <= part.animals <= n_animals
    # What lies mostly inside one region divides no other.
    parts = [p.neighborhood for s in found.subdivisions for p in s.parts]
    assert len(parts) == len(set(parts))
    for crossing in found.crossings:
        assert len(crossing.parts) >= 2
        assert sum(share for *_, share in crossing.parts) <= 1 + 1e-9
        assert 0 not in {region for region, *_ in crossing.parts}
