"""Links: what a later clustering is told, and what commands make of it."""

from __future__ import annotations

from typing import Any

import pytest
from small_atlas import proposed, rows_of

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.commands import Unlink, command_to_json
from napari_brain_atlas.model.links import LinkedPair, links_between, renamed


def link(kind: str, *ids: int) -> dict[str, Any]:
    return {"op": "link", "kind": kind, "neighborhoods": list(ids)}


def linked(desk: Any) -> set[tuple[str, int, int]]:
    return {tuple(pair) for pair in desk.session.curation.links}


# What holds before each of the cases below.
FIRST = [link("must", 2, 1), link("cannot", 1, 4)]
HELD = {("must", 1, 2), ("cannot", 1, 4)}


@pytest.fixture
def told(desk: Any) -> Any:
    for command in FIRST:
        desk.do(command)
    assert linked(desk) == HELD
    return desk


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param(link("cannot", 4, 3, 3), HELD | {("cannot", 3, 4)}, id="another"),
        pytest.param(
            link("cannot", 4, 2, 3),
            HELD | {("cannot", 2, 3), ("cannot", 2, 4), ("cannot", 3, 4)},
            id="every pair",
        ),
        pytest.param(link("must", 3, 2, 1), HELD | {("must", 1, 3), ("must", 2, 3)}, id="some"),
        pytest.param({"op": "unlink", "neighborhoods": [2, 1]}, {("cannot", 1, 4)}, id="unlink"),
        pytest.param({"op": "unlink", "neighborhoods": [4, 2, 1]}, set(), id="unlink all pairs"),
        pytest.param(
            {"op": "merge", "neighborhoods": [1, 2], "into": 2}, {("cannot", 2, 4)}, id="merge"
        ),
        pytest.param(
            {"op": "merge", "neighborhoods": [1], "into": 3},
            {("must", 2, 3), ("cannot", 3, 4)},
            id="merge with another",
        ),
        pytest.param({"op": "delete", "neighborhoods": [1]}, set(), id="delete"),
        pytest.param({"op": "delete", "neighborhoods": [4, 3]}, {("must", 1, 2)}, id="delete two"),
        pytest.param({"op": "split", "neighborhood": 1, "cells": [1]}, HELD, id="split"),
        pytest.param({"op": "group", "neighborhoods": [1, 4]}, HELD, id="group"),
        pytest.param({"op": "lock", "neighborhoods": [1]}, HELD, id="lock"),
    ],
)
def test_links_after_a_command(told: Any, command: dict[str, Any], expected: Any) -> None:
    told.do(command)
    assert linked(told) == expected
    told.do({"op": "undo"})
    assert linked(told) == HELD
    told.do({"op": "redo"})
    assert linked(told) == expected
    told.do({"op": "restore", "seq": 2})
    assert linked(told) == HELD


def test_links_of_a_group_go_with_it(told: Any) -> None:
    told.do({"op": "group", "neighborhoods": [3]})
    told.do(link("must", 5, 4))
    told.do({"op": "ungroup", "neighborhood": 5})
    assert linked(told) == HELD


def test_links_of_what_a_proposal_empties_are_gone(told: Any) -> None:
    four = rows_of(told.session.curation, told.atlas, 4)
    blob = told.archive.write(proposed(told.atlas, four, [0] * len(four), [None]))
    told.do({"op": "repartition", "blob": blob})
    assert linked(told) == {("must", 1, 2)}
    whole = [r % 2 for r in range(told.atlas.n_cells)]
    blob = told.archive.write(proposed(told.atlas, None, whole, [1, 2]))
    told.do({"op": "repartition", "blob": blob})
    assert linked(told) == {("must", 1, 2)}


@pytest.mark.parametrize(
    ("command", "message", "remedy"),
    [
        pytest.param(link("cannot", 1, 2), "'CA1so' and 'CA1sp' belong together", (1, 2), id="op"),
        pytest.param(
            link("must", 4, 1), "cannot link: 'CA1so' and 'VISp' must stay apart", (1, 4), id="the"
        ),
        pytest.param(
            {"op": "merge", "neighborhoods": [1, 4], "into": 4}, "must stay apart", (1, 4),
            id="merge",
        ),
        pytest.param(
            {"op": "merge", "neighborhoods": [2, 4], "into": 2}, "must stay apart", (1, 4),
            id="a third belongs to one and not to the other",
        ),
        pytest.param(link("must", 1, 2), "linked already: they belong together", None, id="same"),
        pytest.param(link("must", 1, 1), "at least two", None, id="one twice"),
        pytest.param(link("must", 1, 0), "cannot link unassigned", None, id="unassigned"),
        pytest.param(link("must"), "at least one", None, id="nothing"),
        pytest.param(link("must", 1, 9), "no neighborhood 9", None, id="nobody"),
        pytest.param(
            {"op": "unlink", "neighborhoods": [2, 4]}, "'CA1sp' and 'VISp' are not linked", None,
            id="not linked",
        ),
    ],
)  # fmt: skip
def test_links_that_contradict(
    told: Any, command: dict[str, Any], message: str, remedy: Any
) -> None:
    before = told.session.history
    with pytest.raises(CommandError, match=message) as caught:
        told.do(command)
    assert told.session.history is before
    assert caught.value.remedy == (None if remedy is None else Unlink(neighborhoods=remedy))
    if remedy is not None:
        told.do(command_to_json(caught.value.remedy))
        told.do(command)


def test_a_third_that_is_locked_is_unlocked_first(told: Any) -> None:
    told.do({"op": "lock", "neighborhoods": [1]})
    merge = {"op": "merge", "neighborhoods": [2, 4], "into": 2}
    seen = []
    for _ in range(2):
        with pytest.raises(CommandError) as caught:
            told.do(merge)
        seen.append(caught.value.remedy.op)
        told.do(command_to_json(caught.value.remedy))
    told.do(merge)
    assert seen == ["unlock", "unlink"]
    assert linked(told) == {("must", 1, 2)}


def test_links_as_values() -> None:
    assert links_between("must", [3, 1, 3]) == {LinkedPair("must", 1, 3)}
    links = links_between("must", [1, 2, 3])
    assert renamed(links, {}) is links
    assert renamed(links, {9: 1}) is links
    assert renamed(links, {3: 1}) == {LinkedPair("must", 1, 2)}
    assert renamed(links, {3: None}) == {LinkedPair("must", 1, 2)}
    assert 3 in LinkedPair("must", 1, 3)
    assert 2 not in LinkedPair("must", 1, 3)
