"""A batch: all of its edits or none, and one step of history."""

from __future__ import annotations

from typing import Any

import pytest
from small_atlas import owners_by_row, proposed

from napari_brain_atlas.errors import BrainAtlasError, CommandError, WriteError
from napari_brain_atlas.model.commands import OPS, Unlock, command_to_json, parse_command

SPLIT = {"op": "split", "neighborhood": 1, "cells": [1, 13]}
EDITS: list[dict[str, Any]] = [
    SPLIT,
    {"op": "group", "neighborhoods": [1, 5], "name": "CA1"},
    {"op": "annotate", "neighborhood": 5, "name": "outer", "parent": 6},
    {"op": "lock", "neighborhoods": [6]},
    {"op": "create", "name": "empty"},
    {"op": "delete", "neighborhoods": [7]},
]


def batch(*commands: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"op": "batch", "commands": list(commands), **more}


def test_a_batch_does_what_its_edits_do_one_after_the_other(desk: Any) -> None:
    other = type(desk)(desk.atlas)
    for edit in EDITS:
        other.do(edit)
    before, owners = desk.session.curation, owners_by_row(desk.session.curation, desk.atlas)
    after = desk.do(batch(*EDITS, evidence={"why": "CCF"})).after
    expected = other.session.curation
    assert dict(after.neighborhoods) == dict(expected.neighborhoods)
    assert owners_by_row(after, desk.atlas) == owners_by_row(expected, desk.atlas)
    assert after.next_id == expected.next_id == 8
    assert (len(desk.lines), len(desk.session.history.past)) == (1, 1)
    # What was chosen for the user is written, edit by edit.
    assert desk.lines[0]["commands"][0]["name"] == "CA1so.1"
    assert desk.lines[0]["commands"] == other.lines
    undone = desk.do({"op": "undo"}).after
    assert undone.neighborhoods is before.neighborhoods
    assert owners_by_row(undone, desk.atlas) == owners


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        pytest.param(
            {"op": "merge", "neighborhoods": [1, 9], "into": 1},
            r"edit 3 of the batch \(merge\): there is no neighborhood 9",
            id="apply",
        ),
        pytest.param(
            {"op": "split", "neighborhood": 1, "cells": [9999]},
            r"edit 3 of the batch \(split\): cell position 9999 is outside",
            id="stored",
        ),
        pytest.param(
            {"op": "annotate", "neighborhood": 1, "marker_genes": ["Wsf1"]},
            r"edit 3 of the batch \(annotate\): .*did you mean 'Wfs1'",
            id="check",
        ),
        pytest.param({"op": "repartition", "blob": "0" * 64}, "hash 0000", id="blob"),
    ],
)
def test_one_bad_edit_refuses_the_whole_batch(desk: Any, bad: Any, message: str) -> None:
    before = desk.session.history
    with pytest.raises(BrainAtlasError, match=message):
        desk.do(batch(SPLIT, {"op": "lock", "neighborhoods": [2]}, bad))
    assert desk.session.history is before
    assert (desk.lines, desk.archive.writes) == ([], 0)


def test_a_batch_whose_blobs_cannot_be_kept_changes_nothing(large_desk: Any) -> None:
    desk, before = large_desk, large_desk.session.history
    rows = [r for r, o in enumerate(owners_by_row(before.curation, desk.atlas)) if o == 1]
    odd = [r for i, r in enumerate(rows) if i * i % 7 < 3 or i % 11 == 5]
    desk.archive.error = WriteError("full")
    with pytest.raises(WriteError):
        desk.do(batch({"op": "split", "neighborhood": 1, "cells": odd}))
    assert desk.session.history is before


@pytest.mark.parametrize(
    ("commands", "remedy"),
    [
        pytest.param([{"op": "delete", "neighborhoods": [1]}], (1,), id="locked before"),
        pytest.param(
            [{"op": "lock", "neighborhoods": [2]}, {"op": "delete", "neighborhoods": [2]}],
            None,
            id="locked by itself",
        ),
        pytest.param(
            [{"op": "create"}, {"op": "lock", "neighborhoods": [5]},
             {"op": "delete", "neighborhoods": [5]}],
            None,
            id="born in it",
        ),
        pytest.param(
            [{"op": "unlock", "neighborhoods": [1]}, {"op": "lock", "neighborhoods": [1, 3]},
             {"op": "merge", "neighborhoods": [1, 3], "into": 1}],
            (1, 3),
            id="locked again",
        ),
    ],
)  # fmt: skip
def test_a_remedy_is_offered_only_where_it_can_be_done(
    desk: Any, commands: list[dict[str, Any]], remedy: Any
) -> None:
    desk.do({"op": "lock", "neighborhoods": [1]})
    with pytest.raises(CommandError, match=f"edit {len(commands)} of the batch") as caught:
        desk.do(batch(*commands))
    assert caught.value.remedy == (None if remedy is None else Unlock(neighborhoods=remedy))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param(batch(), "commands: ", id="empty"),
        pytest.param(batch(batch(SPLIT)), "commands.0: ", id="a batch in a batch"),
        pytest.param(batch(SPLIT, {"op": "undo"}), "commands.1: no edit .* 'undo'", id="undo"),
        pytest.param(batch({"op": "snapshot", "name": "x"}), "commands.0: ", id="snapshot"),
        pytest.param(batch(SPLIT, name="a\0"), "name: ", id="name"),
        pytest.param(batch({"op": "merge"}), "commands.0.merge.neighborhoods", id="field"),
    ],
)
def test_what_is_no_batch(value: Any, message: str) -> None:
    with pytest.raises(CommandError, match=f"batch: .*{message}") as caught:
        parse_command(value)
    assert "\n" not in str(caught.value)


def test_a_batch_survives_json(desk: Any) -> None:
    digest = desk.archive.write(proposed(desk.atlas, [1, 2], [0, 1], [None, 2]))
    value = batch(*EDITS, {"op": "repartition", "blob": digest, "scope": [1]}, name="all")
    once = command_to_json(parse_command(value))
    assert command_to_json(parse_command(once)) == once
    assert [c["op"] for c in once["commands"]] == [c["op"] for c in value["commands"]]


def test_every_op_has_a_name() -> None:
    assert set(OPS) == {
        "repartition", "create", "merge", "split", "reassign", "annotate", "group", "ungroup",
        "lock", "unlock", "delete", "link", "unlink", "dismiss", "batch", "rebase", "restore",
        "snapshot", "undo", "redo",
    }  # fmt: skip
