"""What a step does not touch is the same object before and after it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_atlas import rows_of, small_atlas

from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.roll import Roll

GROUPED = [{"op": "group", "neighborhoods": [1, 2]}, {"op": "lock", "neighborhoods": [4]}]
ABOVE_CELLS: list[dict[str, Any]] = [
    {"op": "merge", "neighborhoods": [1, 2], "into": 2},
    {"op": "annotate", "neighborhood": 3, "name": "x"},
    {"op": "group", "neighborhoods": [3, 5]},
    {"op": "ungroup", "neighborhood": 5},
    {"op": "lock", "neighborhoods": [1]},
    {"op": "unlock", "neighborhoods": [4]},
    {"op": "delete", "neighborhoods": [1]},
    {"op": "create", "name": "x"},
    {"op": "link", "kind": "must", "neighborhoods": [1, 2]},
    {"op": "dismiss", "suggestion": "x"},
    {"op": "snapshot", "name": "x"},
    {"op": "batch", "commands": [{"op": "create"}, {"op": "delete", "neighborhoods": [1]}]},
]
ABOVE_OWNERS = ("annotate", "group", "lock", "unlock", "create", "link", "dismiss", "snapshot")


@pytest.mark.parametrize("command", ABOVE_CELLS, ids=lambda c: c["op"])
def test_what_touches_no_cell_shares_all_of_them(desk: Any, command: dict[str, Any]) -> None:
    for before in GROUPED:
        desk.do(before)
    before = desk.session.curation
    after = desk.do(command).after
    assert after.partition is before.partition
    assert after.by_hand is before.by_hand
    assert (after.owners is before.owners) == (command["op"] in ABOVE_OWNERS)
    if command["op"] != "snapshot":
        undone = desk.do({"op": "undo"}).after
        assert undone.owners is before.owners
        assert undone.neighborhoods is before.neighborhoods


def _sections_changed(before: Any, after: Any) -> list[int]:
    pairs = zip(before.partition.sections, after.partition.sections, strict=True)
    return [i for i, (old, new) in enumerate(pairs) if old is not new]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param({"op": "split", "neighborhood": 1, "cells": None}, id="split"),
        pytest.param({"op": "reassign", "cells": None, "into": 2}, id="reassign"),
        pytest.param({"op": "create", "cells": None}, id="create"),
    ],
)
def test_moving_cells_copies_only_their_sections_and_no_confidence(
    desk: Any, command: dict[str, Any]
) -> None:
    before, atlas = desk.session.curation, desk.atlas
    for section in (1, 4):
        here = set(atlas.file_positions[atlas.sections[section].cells].tolist())
        mine = [r for r in rows_of(desk.session.curation, atlas, 1) if r in here]
        before = desk.session.curation
        after = desk.do({**command, "cells": mine[:1]}).after
        assert _sections_changed(before, after) == [section]
        for old, new in zip(before.partition.sections, after.partition.sections, strict=True):
            assert old.confidence_array is new.confidence_array
        changed = after.partition.arrays_not_in(before.partition)
        assert changed == [after.partition.sections[section].fragment_array]


def test_undo_restores_the_very_arrays(desk: Any) -> None:
    before = desk.session.curation
    desk.do({"op": "split", "neighborhood": 3, "cells": [3]})
    after = desk.do({"op": "undo"}).after
    assert after.partition is before.partition
    assert after.partition.arrays_not_in(before.partition) == []


# -- rolls -----------------------------------------------------------------------


def _said(identity: int, name: str = "n") -> Neighborhood:
    return Neighborhood(id=identity, name=name, color="#010203")


def test_a_roll_shares_the_pages_that_it_does_not_touch() -> None:
    roll = Roll.of(_said(i) for i in range(300))
    changed = roll.with_changed([_said(5, "x"), _said(6, "y"), _said(700)]).without([70, 999])
    kept = [a is b for a, b in zip(roll.pages, changed.pages, strict=False)]
    assert kept == [False, False, True, True, True]
    assert (roll[5].name, changed[5].name, len(roll), len(changed)) == ("n", "x", 300, 300)
    assert 70 in roll
    assert 70 not in changed


@pytest.mark.parametrize("ids", [[], [0], [63, 64], [700, 3, 65, 3]], ids=str)
def test_a_roll_is_a_mapping(ids: list[int]) -> None:
    roll, plain = Roll.of(_said(i) for i in ids), {i: _said(i) for i in ids}
    assert dict(roll) == plain
    assert roll == plain
    assert (len(roll), set(roll)) == (len(plain), set(plain))
    assert [n.id for n in roll.listed()] == sorted(plain)
    assert sorted(n.id for n in roll.values()) == sorted(plain)
    assert all(i not in roll for i in (-1, 5, 66, 10_000))
    with pytest.raises(KeyError):
        roll[-1]


def test_counts_go_on_from_the_state_before(desk: Any) -> None:
    # More than eight sections, so that their bits fill more than a byte.
    desk = type(desk)(small_atlas((6,) * 19, ("a",) * 19))
    for rows in ([1], [5, 9, 13], list(range(0, 114, 7))):
        desk.do({"op": "reassign", "cells": rows, "into": 2})
        counted = desk.session.curation
        told = [(counted.n_cells(i), counted.n_sections(i)) for i in range(5)]
        counted.partition.forget()
        assert [(counted.n_cells(i), counted.n_sections(i)) for i in range(5)] == told
        assert counted.counts.sum(axis=1).tolist() == [n for n, _ in told]
        assert (counted.counts > 0).sum(axis=1).tolist() == [n for _, n in told]


def test_parts_placed_at_once_are_as_one_after_the_other(desk: Any) -> None:
    start, atlas = desk.session.curation, desk.atlas
    parts = [(np.arange(1, 20, 3), 2), (np.arange(2, 20, 3), 0), (np.array([25]), 2)]
    at_once, in_turn = start.with_parts(parts, atlas), start
    for cells, owner in parts:
        in_turn = in_turn.with_cells(cells, owner, atlas)
    assert at_once.owners.tolist() == in_turn.owners.tolist()
    assert at_once.by_hand.tolist() == in_turn.by_hand.tolist()
    both = zip(at_once.partition.sections, in_turn.partition.sections, strict=True)
    assert all(one.fragments.tolist() == two.fragments.tolist() for one, two in both)
    assert at_once.partition.spread.sizes.tolist() == in_turn.partition.spread.sizes.tolist()
    assert at_once.partition.sections[3] is start.partition.sections[3]
