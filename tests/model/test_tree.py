"""Groups: a tree of neighborhoods above the partition, and what commands make of it."""

from __future__ import annotations

from typing import Any

import pytest
from small_atlas import owners_by_row, proposed, rows_of

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.lineage import is_tree, subtree


def parents(desk: Any) -> dict[int, int | None]:
    return {i: n.parent for i, n in desk.session.curation.neighborhoods.items() if i}


def grown(desk: Any, **under: int) -> Any:
    """Give neighborhoods parents: n3=5 puts 3 under 5, made where it is new."""
    for child, parent in ((int(k[1:]), v) for k, v in under.items()):
        while desk.session.curation.next_id <= max(child, parent):
            desk.do({"op": "create"})
        desk.do({"op": "annotate", "neighborhood": child, "parent": parent})
    return desk


@pytest.mark.parametrize(
    ("tree", "members", "into", "expected"),
    [
        pytest.param({}, [1, 2], None, {1: 5, 2: 5, 5: None}, id="new"),
        pytest.param({}, [1, 1], 4, {1: 4, 4: None}, id="into one with cells"),
        pytest.param({"n1": 5, "n2": 5}, [1, 2], None, {1: 6, 2: 6, 6: 5}, id="new in its place"),
        pytest.param({"n1": 5}, [1, 2], None, {1: 6, 2: 6, 6: None}, id="from two places"),
        pytest.param({"n1": 5}, [5, 2], None, {1: 5, 5: 6, 2: 6}, id="a group in a group"),
        pytest.param({"n1": 5}, [5, 1], None, {1: 6, 5: 6, 6: None}, id="with its own child"),
        pytest.param({"n1": 5, "n2": 5}, [1], 2, {1: 2, 2: 5}, id="under its sister"),
        pytest.param({"n1": 5}, [1], 5, {1: 5}, id="where it is"),
    ],
)
def test_group(
    desk: Any, tree: dict[str, int], members: list[int], into: int | None, expected: dict[int, Any]
) -> None:
    before = grown(desk, **tree).session.curation
    command = {"op": "group", "neighborhoods": members}
    after = desk.do(command if into is None else {**command, "into": into}).after
    assert {i: parents(desk)[i] for i in expected} == expected
    assert (after.partition, after.owners) == (before.partition, before.owners)
    assert desk.lines[-1].get("name") == (None if into else "group.1")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        pytest.param({"op": "group", "neighborhoods": []}, "at least one", id="nothing"),
        pytest.param({"op": "group", "neighborhoods": [1, 0]}, "cannot group un", id="unassigned"),
        pytest.param(
            {"op": "group", "neighborhoods": [1], "into": 0}, "group under unassigned", id="into 0"
        ),
        pytest.param(
            {"op": "group", "neighborhoods": [1], "into": 1}, "it is the same", id="itself"
        ),
        pytest.param(
            {"op": "group", "neighborhoods": [5], "into": 3},
            r"'new.1' \(5\) cannot lie under 'DG' \(3\): that lies under it",
            id="a circle",
        ),
        pytest.param(
            {"op": "annotate", "neighborhood": 5, "parent": 2}, "lies under it", id="by annotate"
        ),
        pytest.param(
            {"op": "annotate", "neighborhood": 5, "parent": 5}, "it is the same", id="own parent"
        ),
        pytest.param(
            {"op": "annotate", "neighborhood": 5, "parent": 9}, "no neighborhood 9", id="nobody"
        ),
        pytest.param({"op": "create", "parent": 9}, "no neighborhood 9", id="create"),
        pytest.param(
            {"op": "ungroup", "neighborhood": 2}, r"nothing is grouped under 'CA1sp'", id="leaf"
        ),
        pytest.param({"op": "ungroup", "neighborhood": 0}, "cannot ungroup un", id="ungroup 0"),
    ],
)
def test_what_would_be_no_tree_is_refused(
    desk: Any, command: dict[str, Any], message: str
) -> None:
    grown(desk, n3=5, n2=3)
    before = desk.session.history
    with pytest.raises(CommandError, match=message):
        desk.do(command)
    assert desk.session.history is before


# 1 and 2 under 5, 5 and 3 under 6; 4 on its own. 5 and 6 have no cells.
NESTED = {"n1": 5, "n2": 5, "n5": 6, "n3": 6}


@pytest.mark.parametrize(
    ("members", "into", "expected"),
    [
        pytest.param([1], 2, {2: 5, 5: 6, 3: 6, 6: None, 4: None}, id="sisters"),
        pytest.param([5], 4, {1: 4, 2: 4, 4: None, 3: 6, 6: None}, id="a group into another"),
        pytest.param([5], 1, {1: 6, 2: 1, 3: 6, 6: None, 4: None}, id="a group into its child"),
        pytest.param([6], 1, {1: None, 2: 5, 5: 1, 3: 1, 4: None}, id="the top into the bottom"),
        pytest.param([6, 5], 1, {1: None, 2: 1, 3: 1, 4: None}, id="all above it"),
        pytest.param([1, 2], 5, {5: 6, 3: 6, 6: None, 4: None}, id="children into their group"),
        pytest.param([1], 6, {2: 5, 5: 6, 3: 6, 6: None, 4: None}, id="into the top"),
        pytest.param([6], 4, {1: 5, 2: 5, 5: 4, 3: 4, 4: None}, id="a tree into another"),
        pytest.param([3], 1, {1: 5, 2: 5, 5: 6, 6: None, 4: None}, id="aunt into niece"),
    ],
)
def test_merge_in_a_tree(desk: Any, members: list[int], into: int, expected: Any) -> None:
    before = owners_by_row(grown(desk, **NESTED).session.curation, desk.atlas)
    after = desk.do({"op": "merge", "neighborhoods": members, "into": into}).after
    assert parents(desk) == expected
    assert is_tree(after.neighborhoods.values())
    expected_owners = [into if o in members else o for o in before]
    assert owners_by_row(after, desk.atlas) == expected_owners


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        pytest.param([1], {2: 5, 5: 6, 3: 6, 6: None, 4: None}, id="a leaf"),
        pytest.param([5], {1: 6, 2: 6, 3: 6, 6: None, 4: None}, id="a group"),
        pytest.param([6, 5], {1: None, 2: None, 3: None, 4: None}, id="two above each other"),
        pytest.param([6], {1: 5, 2: 5, 5: None, 3: None, 4: None}, id="the top"),
        pytest.param([6, 1], {2: 5, 5: None, 3: None, 4: None}, id="top and bottom"),
    ],
)
def test_delete_in_a_tree(desk: Any, gone: list[int], expected: dict[int, Any]) -> None:
    before = owners_by_row(grown(desk, **NESTED).session.curation, desk.atlas)
    after = desk.do({"op": "delete", "neighborhoods": gone}).after
    assert parents(desk) == expected
    assert owners_by_row(after, desk.atlas) == [0 if o in gone else o for o in before]
    assert after.partition is desk.session.history.past[-1].before.partition


def test_ungroup_takes_a_group_without_cells_away(desk: Any) -> None:
    grown(desk, **NESTED)
    desk.do({"op": "ungroup", "neighborhood": 5})
    assert parents(desk) == {1: 6, 2: 6, 3: 6, 6: None, 4: None}


def test_ungroup_leaves_a_neighborhood_with_cells(desk: Any) -> None:
    grown(desk, n1=3, n2=3, n3=5)
    desk.do({"op": "ungroup", "neighborhood": 3})
    assert parents(desk) == {1: 5, 2: 5, 3: 5, 4: None, 5: None}


def test_what_leaves_by_a_split_lies_where_its_origin_lies(desk: Any) -> None:
    grown(desk, **NESTED)
    desk.do(
        {
            "op": "split",
            "neighborhood": 1,
            "cells": rows_of(desk.session.curation, desk.atlas, 1)[:1],
        }
    )
    assert parents(desk)[7] == 5
    assert subtree(desk.session.curation.neighborhoods, 6) == [6, 3, 5, 1, 2, 7]


def test_a_proposal_keeps_what_others_are_grouped_under(desk: Any) -> None:
    # 3 has cells, and above it stands what stays: 1. Above 4 stands only what goes: 2.
    grown(desk, n1=3, n2=4)
    rows = [r for i in (2, 3, 4) for r in rows_of(desk.session.curation, desk.atlas, i)]
    blob = desk.archive.write(proposed(desk.atlas, sorted(rows), [0] * len(rows), [None]))
    desk.do({"op": "lock", "neighborhoods": [1]})
    after = desk.do({"op": "repartition", "blob": blob}).after
    assert parents(desk) == {1: 3, 3: None, 5: None}
    assert (after.n_cells(3), after.n_cells(5)) == (0, len(rows))


def test_a_group_is_counted_with_all_under_it_only_in_words(desk: Any) -> None:
    told = grown(desk, **NESTED).do({"op": "group", "neighborhoods": [6], "into": 4}).sentence
    curation = desk.session.curation
    cells, sections = (f(1, 2, 3, 4) for f in (curation.n_cells, curation.n_sections))
    assert told == f"Grouped 'new.2' under 'VISp' — {cells} cells on {sections} sections"
    assert curation.n_cells(6) == 0
