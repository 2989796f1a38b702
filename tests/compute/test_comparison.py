from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from labelled import curation_of, labels_of_sections, neighborhood, relabelled
from numpy.typing import NDArray

from napari_brain_atlas.compute.comparison import Comparison, compare
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.links import LinkedPair

Labels = NDArray[np.int32]
SIZES = (400, 600)


def tissue() -> Labels:
    """Ten neighborhoods of 90 cells in layers, then 100 unassigned."""
    return np.append(np.repeat(np.arange(1, 11), 90), np.zeros(100)).astype(np.int32)


def told(before: Labels, after: Labels, shared_below: int | None = None) -> Comparison:
    return compare(curation_of(before, SIZES), curation_of(after, SIZES), shared_below)


def kinds(comparison: Comparison) -> list[str]:
    return [d.kind for d in comparison.differences]


def sentences(comparison: Comparison) -> list[str]:
    return [d.sentence for d in comparison.differences]


@given(labels_of_sections())
def test_a_state_does_not_differ_from_itself(sections) -> None:
    labels, sizes = np.concatenate(sections), [len(s) for s in sections]
    curation = curation_of(labels, sizes)
    for other in (curation, curation_of(labels, sizes)):
        found = compare(curation, other)
        assert found.differences == ()
        assert found.unchanged == found.n_before == len(curation.neighborhoods) - 1
        assert found.n_agreeing == found.n_cells == len(labels)


@given(st.permutations(range(1, 11)), st.integers(2, 5))
def test_a_merge_is_told_as_exactly_that(order: list[int], n: int) -> None:
    into, *gone = order[:n]
    labels = tissue()
    merged = np.where(np.isin(labels, gone), into, labels).astype(np.int32)
    found = told(labels, merged)
    assert kinds(found) == ["merged"]
    difference = found.differences[0]
    assert set(difference.before) == {into, *gone}
    assert (difference.after, difference.cells) == ((into,), 90 * n)
    assert found.unchanged == 10 - n
    back = told(merged, labels)
    assert kinds(back) == ["split"]
    assert set(back.differences[0].after) == {into, *gone}


@given(st.integers(1, 10), st.integers(1, 89), st.integers(1, 3), st.randoms())
def test_a_split_is_told_as_exactly_that(origin: int, n: int, parts: int, random) -> None:
    labels = tissue()
    mine = np.flatnonzero(labels == origin).tolist()
    leaving = random.sample(mine, n)
    assume(len(leaving) >= parts)
    split = labels.copy()
    for i, cell in enumerate(leaving):
        split[cell] = 20 + i % parts
    found = told(labels, split)
    assert kinds(found) == ["split"]
    difference = found.differences[0]
    assert difference.before == (origin,)
    assert difference.after == (origin, *range(20, 20 + parts))
    assert (difference.cells, found.unchanged) == (90, 9)
    assert sum(m.cells for m in difference.moves if m.taker >= 20) == n
    assert kinds(told(split, labels)) == ["merged"]


@given(st.permutations(range(11)), st.integers(1, 89), st.integers(0, 89))
def test_a_moved_boundary_is_told_as_exactly_that(order: list[int], n: int, back: int) -> None:
    one, two = order[:2]
    labels = tissue()
    moved = labels.copy()
    moved[np.flatnonzero(labels == one)[:n]] = two
    moved[np.flatnonzero(labels == two)[:back]] = one
    found = told(labels, moved)
    assert kinds(found) == ["moved boundary"]
    moves = {(m.giver, m.taker): m.cells for m in found.differences[0].moves}
    assert moves == {(one, two): n, **({(two, one): back} if back else {})}
    assert found.n_agreeing == 1000 - n - back
    assert found.unchanged == 10 - len({one, two} - {0})


@given(st.permutations(range(1, 11)), st.integers(1, 10))
def test_names_that_differ_are_told_as_exactly_that(order: list[int], n: int) -> None:
    before = curation_of(tissue(), SIZES)
    renamed = [neighborhood(i, name=f"other {i}") for i in order[:n]]
    found = compare(before, before.with_neighborhoods(*renamed))
    assert kinds(found) == ["renamed"] * n
    assert {d.before[0] for d in found.differences} == set(order[:n])
    assert found.unchanged == 10 - n
    assert found.n_agreeing == 1000


@given(st.permutations(range(1, 11)), st.permutations(range(1, 11)))
def test_without_shared_ids_neighborhoods_are_known_by_their_cells(
    order: list[int], other: list[int]
) -> None:
    ids = np.array([0, *(100 + i for i in order)], np.int32)
    labels = tissue()
    found = told(labels, ids[labels], shared_below=1)
    assert set(kinds(found)) == {"renamed"}
    assert found.n_agreeing == 1000
    # Ids that both gave out by themselves mean nothing to each other.
    swapped = np.array([0, *other], np.int32)[labels]
    names = [neighborhood(other[i - 1], name=f"N{i}") for i in range(1, 11)]
    same = compare(curation_of(labels, SIZES), curation_of(swapped, SIZES, *names), 1)
    assert same.differences == ()


def layered(*changes: tuple[int, int, int]) -> Labels:
    labels = tissue()
    for start, stop, identity in changes:
        labels[start:stop] = identity
    return labels


CASES = {
    "split into two new ones, the old id gone": (
        layered((0, 40, 21), (40, 90, 22)),
        ["'N1' was split into 'N22' and 'N21' — 90 cells on 1 section"],
    ),
    "a part that then took a little of another one": (
        layered((60, 90, 21), (90, 95, 21)),
        ["'N1' was split into 'N1' and 'N21' — 90 cells on 1 section",
         "'N2' | 'N21': boundary moved, 5 cells (5.6 %) on 1 section went from 'N2' to 'N21'"],
    ),
    "one merged into another, and a third split": (
        layered((0, 90, 2), (300, 350, 30)),
        ["'N4' was split into 'N4' and 'N30' — 90 cells on 1 section",
         "'N2' and 'N1' were merged into 'N2' — 180 cells on 1 section"],
    ),
    "new, half and half of two that go on": (
        layered((60, 120, 21)),
        ["'N21' is new — 60 cells on 1 section, of 'N1' (50 %) and 'N2' (50 %)"],
    ),
    "gone to both sides": (
        layered((90, 130, 1), (130, 180, 3)),
        ["'N2' is gone — 90 cells on 1 section went to 'N3' (56 %) and 'N1' (44 %)"],
    ),
    "two drawn anew as three": (
        layered((0, 60, 21), (60, 120, 22), (120, 180, 23)),
        ["'N22' is new — 60 cells on 1 section, of 'N21' (50 %) and 'N23' (50 %)",
         "'N1' was renamed to 'N21'", "'N2' was renamed to 'N23'"],
    ),
    "two drawn anew as four": (
        layered((0, 45, 21), (45, 68, 22), (90, 112, 22), (68, 90, 23), (112, 135, 23),
                (135, 180, 24)),
        ["'N1' and 'N2' were redrawn as 'N21', 'N22', 'N23' and 'N24' — 180 cells on 1 section"],
    ),
    "one drawn anew, the larger part unassigned": (
        layered((0, 50, 0), (50, 90, 21)),
        ["'N1' was redrawn as unassigned and 'N21' — 90 cells on 1 section"],
    ),
    "drawn on unassigned cells": (
        layered((900, 950, 21)),
        ["'N21' is new — 50 cells on 1 section, unassigned before"],
    ),
    "deleted": (
        layered((0, 90, 0)),
        ["'N1' is gone — 90 cells on 1 section became unassigned"],
    ),
    "on both sections": (
        layered((330, 420, 21)),
        ["'N21' is new — 90 cells on 2 sections, of 'N5' (67 %) and 'N4' (33 %)"],
    ),
    "the part that stays is the smaller one, and goes to another": (
        layered((5, 90, 21), (0, 5, 2)),
        ["'N21' | 'N2': boundary moved, 5 cells (5.6 %) on 1 section went from 'N21' to 'N2'",
         "'N1' was renamed to 'N21'"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_sentences(case: str) -> None:
    after, wanted = CASES[case]
    assert sentences(told(tissue(), after)) == wanted


def test_the_larger_part_under_another_id_is_the_same_neighborhood() -> None:
    after = layered((5, 90, 21), (0, 5, 2))
    found = told(tissue(), after)
    assert found.differences[0].moves[0].share == pytest.approx(5 / 90)
    assert found.n_agreeing == 995


SAID = {
    "annotated": (
        {"certainty": "high", "notes": "see the left side of the third section"},
        "'N1' was annotated: certainty none → high, notes changed",
    ),
    "colour": ({"color": "#ffffff"}, "'N1' was annotated: colour #102030 → #ffffff"),
    "genes": ({"marker_genes": ("Wfs1",)}, "'N1' was annotated: marker genes none → Wfs1"),
    "locked": ({"locked": True}, "'N1' was locked"),
    "grouped": ({"parent": 2}, "'N1' is now grouped under 'N2'"),
}


@pytest.mark.parametrize("case", SAID)
def test_what_is_said_of_a_neighborhood(case: str) -> None:
    said, wanted = SAID[case]
    before = curation_of(tissue(), SIZES)
    after = before.with_neighborhoods(neighborhood(1, **said))
    assert sentences(compare(before, after)) == [wanted]
    back = compare(after, before)
    assert len(back.differences) == 1
    assert back.unchanged == 9


def test_groups_without_cells_come_and_go() -> None:
    before = curation_of(tissue(), SIZES)
    after = curation_of(tissue(), SIZES, neighborhood(30, name="HPF"))
    assert sentences(compare(before, after)) == ["'HPF' is new and has no cells of its own"]
    assert sentences(compare(after, before)) == ["'HPF' is gone; it had no cells of its own"]
    again = curation_of(tissue(), SIZES, neighborhood(30, name="Hippocampus"))
    assert sentences(compare(after, again)) == ["'HPF' was renamed to 'Hippocampus'"]


def test_one_that_is_kept_empty_was_merged() -> None:
    before = curation_of(tissue(), SIZES)
    after = curation_of(layered((0, 90, 2)), SIZES, neighborhood(1))
    found = compare(before, after)
    assert sentences(found) == ["'N2' and 'N1' were merged into 'N2' — 180 cells on 1 section"]
    assert found.unchanged == 8


def test_links_that_differ_are_told() -> None:
    before = curation_of(tissue(), SIZES)
    linked = replace(before, links=frozenset({LinkedPair("must", 1, 2)}))
    assert sentences(compare(before, linked)) == ["'N1' and 'N2' are now linked (must)"]
    assert sentences(compare(linked, before)) == ["'N1' and 'N2' are no longer linked (must)"]


def test_names_that_several_have_carry_their_ids() -> None:
    twins = (neighborhood(1, name="CA1"), neighborhood(2, name="CA1"), neighborhood(3, name=" "))
    before = curation_of(tissue(), SIZES, *twins)
    after = relabelled(before, {1: 2, 3: 4})
    assert sentences(compare(before, after.without([1, 3]))) == [
        "'CA1' (2) and 'CA1' (1) were merged into 'CA1' — 180 cells on 1 section",
        "'N4' and ' ' (3) were merged into 'N4' — 180 cells on 1 section",
    ]


def test_the_largest_comes_first_within_its_kind() -> None:
    found = told(tissue(), layered((0, 10, 2), (270, 300, 3), (180, 190, 40)))
    assert [(d.kind, d.cells) for d in found.differences] == [
        ("split", 90), ("moved boundary", 30), ("moved boundary", 10),
    ]  # fmt: skip


def test_states_of_one_history_are_compared_by_fragments(monkeypatch: pytest.MonkeyPatch) -> None:
    before = curation_of(tissue(), SIZES)
    after = relabelled(before, {1: 2})

    def refuse(*_: object) -> None:
        raise AssertionError("a cell was looked at")

    monkeypatch.setattr("napari_brain_atlas.compute.contingency._met", refuse)
    assert kinds(compare(before, without(after, 1))) == ["merged"]


def without(curation: Curation, identity: int) -> Curation:
    return curation.without([identity])
