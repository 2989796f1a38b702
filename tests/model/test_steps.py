"""Steps through the history: snapshots, older states as new steps, states from other files."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from plain_cases import plain_start, state_bytes
from plain_curation import Plain
from small_atlas import CountingArchive, owners_by_row, proposed, start

from napari_brain_atlas.errors import CommandError, JournalError
from napari_brain_atlas.model.archive import arrays_to_bytes, bytes_to_arrays
from napari_brain_atlas.model.commands import parse_command
from napari_brain_atlas.model.session import Session

SPLIT = {"op": "split", "neighborhood": 1, "cells": [1]}
MERGE = {"op": "merge", "neighborhoods": [1, 2], "into": 1}


def snapshot(name: str) -> dict[str, Any]:
    return {"op": "snapshot", "name": name}


def whole(desk: Any, continues: list[int | None]) -> dict[str, Any]:
    """A proposal for the whole brain, in as many parts."""
    labels = [r % len(continues) for r in range(desk.atlas.n_cells)]
    return {
        "op": "repartition",
        "blob": desk.archive.write(proposed(desk.atlas, None, labels, continues)),
    }


def owners(desk: Any) -> list[int]:
    return owners_by_row(desk.session.curation, desk.atlas)


# -- snapshots -----------------------------------------------------------------


def test_a_snapshot_is_a_mark_and_no_step(desk: Any) -> None:
    desk.do(SPLIT)
    desk.do({"op": "undo"})
    before = desk.session.curation
    change = desk.do(snapshot("before lunch"))
    assert change.after is change.before is before
    assert (len(desk.session.history.past), len(desk.session.history.future)) == (0, 1)
    assert desk.session.history.snapshots == {"before lunch": 3}
    assert desk.session.history.state_at("before lunch") is before
    desk.do({"op": "redo"})
    assert 5 in desk.session.curation.neighborhoods


def test_a_snapshot_outlives_the_undo_of_what_came_before_it(desk: Any) -> None:
    desk.do(SPLIT)
    desk.do(snapshot("split"))
    desk.do({"op": "undo"})
    desk.do(MERGE)
    after = desk.do({"op": "restore", "snapshot": "split"}).after
    assert set(after.neighborhoods) == {0, 1, 2, 3, 4, 5}
    desk.do({"op": "undo"})
    assert set(desk.session.curation.neighborhoods) == {0, 1, 3, 4}


@pytest.mark.parametrize("name", ["CA1/CA2", "שלום 🧠", "nan", "x" * 200, "3"])
def test_any_name_can_be_a_snapshots(desk: Any, name: str) -> None:
    desk.do(snapshot(name))
    desk.do(MERGE)
    assert set(desk.do({"op": "restore", "snapshot": name}).after.neighborhoods) == set(range(5))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        pytest.param(
            snapshot("first"), "there is a snapshot 'first' already, of decision 1", id="twice"
        ),
        pytest.param(
            {"op": "restore", "snapshot": "frist"},
            "there is no snapshot 'frist'; there are: 'first'",
            id="unknown snapshot",
        ),
        pytest.param(
            {"op": "restore", "snapshot": "1"}, "there is no snapshot '1'", id="a number as name"
        ),
        pytest.param(
            {"op": "restore", "seq": 3}, "no decision 3; they are numbered 1 to 2", id="to come"
        ),
        pytest.param(snapshot(""), "snapshot: name: ", id="no name"),
        pytest.param(snapshot("x" * 201), "snapshot: name: ", id="long name"),
        pytest.param(snapshot("a\0"), "NUL", id="NUL"),
        pytest.param({"op": "restore"}, "either snapshot or seq", id="restore nothing"),
        pytest.param({"op": "restore", "seq": 1, "snapshot": "first"}, "either", id="both"),
        pytest.param({"op": "restore", "seq": -1}, "greater than", id="below 0"),
        pytest.param({"op": "restore", "seq": True}, "not true", id="true"),
    ],
)
def test_steps_that_are_refused(desk: Any, command: dict[str, Any], message: str) -> None:
    desk.do(snapshot("first"))
    desk.do(SPLIT)
    before = desk.session.history
    with pytest.raises(CommandError, match=message):
        desk.do(command)
    assert desk.session.history is before
    assert len(desk.lines) == 2


# -- restore -------------------------------------------------------------------


def test_a_restore_is_a_step_that_can_be_undone(desk: Any) -> None:
    desk.do(SPLIT)
    desk.do(MERGE)
    merged = owners(desk)
    desk.do({"op": "restore", "seq": 1})
    split = owners(desk)
    assert split[1] == 5
    desk.do({"op": "undo"})
    assert owners(desk) == merged
    desk.do({"op": "redo"})
    assert owners(desk) == split
    assert [step.command.op for step in desk.session.history.past] == ["split", "merge", "restore"]


def test_ids_of_a_restored_state_are_not_given_again(desk: Any) -> None:
    desk.do(SPLIT)
    desk.do({"op": "restore", "seq": 0})
    after = desk.do({"op": "split", "neighborhood": 1, "cells": [13]}).after
    assert set(after.neighborhoods) == {0, 1, 2, 3, 4, 6}


def test_restore_across_proposals_for_the_whole_brain(desk: Any) -> None:
    confidence = [desk.session.curation.confidence_on(s.index) for s in desk.atlas.sections]
    desk.do(SPLIT)
    states = [owners(desk)]
    desk.do(whole(desk, [1, None, None]))
    states.append(owners(desk))
    desk.do(whole(desk, [None] * 5))
    desk.do({"op": "split", "neighborhood": 8, "cells": [5]})
    for seq, state in ((2, states[1]), (1, states[0])):
        desk.do({"op": "restore", "seq": seq})
        assert owners(desk) == state
    desk.do({"op": "restore", "seq": 0})
    for section, expected in zip(desk.atlas.sections, confidence, strict=True):
        np.testing.assert_array_equal(desk.session.curation.confidence_on(section.index), expected)
    # And on from there: fragments of the old numbering take a split.
    assert owners_by_row(desk.do(SPLIT).after, desk.atlas)[1] == 14


def test_a_proposal_for_the_whole_brain_begins_the_numbers_of_fragments_again(desk: Any) -> None:
    for row in (1, 13, 17):
        desk.do({"op": "reassign", "cells": [row], "into": 2})
    assert desk.session.curation.partition.n_fragments == 8
    desk.do(whole(desk, [1, None]))
    assert desk.session.curation.partition.n_fragments == 3
    part = proposed(desk.atlas, [1, 2], [0, -1], [None])
    desk.do({"op": "repartition", "blob": desk.archive.write(part)})
    assert desk.session.curation.partition.n_fragments == 5


# -- rebase --------------------------------------------------------------------


def carried(desk: Any, state: Plain, **origin: Any) -> dict[str, Any]:
    return {
        "op": "rebase", "blob": desk.archive.write(state_bytes(state, desk.atlas)),
        "origin": {"file": "old.h5ad", "journal": "0" * 32, "author": "ann", "seq": 3,
                   "fingerprint": "old", **origin},
        "kept": 47, "lost": 0, "found": 0,
    }  # fmt: skip


def other_state(desk: Any) -> Plain:
    n = desk.atlas.n_cells
    fields = {
        0: {"name": "unassigned", "parent": None, "locked": False},
        7: {"name": "CTX", "parent": None, "locked": False},
        2: {"name": "L1", "parent": 7, "locked": True, "notes": "n", "certainty": "high"},
    }
    return Plain(
        tuple((0, 2)[r % 2] for r in range(n)), tuple([None, 9][r % 2] for r in range(n)),
        fields, 40, frozenset({("must", 2, 7)}), frozenset({"split:7"}),
    )  # fmt: skip


def test_a_state_of_another_file_is_taken_whole(desk: Any) -> None:
    desk.do(SPLIT)
    after = desk.do(carried(desk, other_state(desk))).after
    assert owners(desk) == [(0, 2)[r % 2] for r in range(desk.atlas.n_cells)]
    record = after.neighborhood(2)
    assert (record.parent, record.locked, record.notes, record.certainty) == (7, True, "n", "high")
    assert ({tuple(x) for x in after.links}, after.dismissed) == ({("must", 2, 7)}, {"split:7"})
    assert (after.next_id, after.partition.n_fragments) == (40, 3)
    assert np.nanmax(after.confidence_on(0)) == pytest.approx(9 / 254)
    desk.do({"op": "undo"})
    assert set(desk.session.curation.neighborhoods) == {0, 1, 2, 3, 4, 5}
    again = Session(
        desk.atlas, start(desk.atlas), desk.archive, lambda _: None, map(parse_command, desk.lines)
    )
    assert owners_by_row(again.curation, desk.atlas) == owners(desk)


def test_ids_given_here_are_not_given_again_after_a_rebase(desk: Any) -> None:
    for _ in range(3):
        desk.do({"op": "create"})
    after = desk.do(carried(desk, plain_start(desk.atlas))).after
    assert after.next_id == 8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"fingerprint": "9-x"}, "belongs to other cells", id="other cells"),
        pytest.param({"kind": "base"}, "a state was expected", id="a base"),
        pytest.param({"version": 2}, "update napari", id="newer"),
        pytest.param({"links": [["must", 2, 9]]}, "links neighborhoods", id="link to nobody"),
        pytest.param({"links": [["may", 2, 7]]}, "cannot be read", id="no kind of link"),
        pytest.param({"links": None}, "cannot be read", id="no links"),
        pytest.param({"next_id": "x"}, "cannot be read", id="no number"),
        pytest.param({"neighborhoods": []}, "does not describe", id="nobody"),
        pytest.param({"parent": 9}, "in a circle or under none", id="parent of nobody"),
        pytest.param({"parent": 2}, "in a circle or under none", id="a circle"),
    ],
)
def test_a_state_that_does_not_fit(desk: Any, change: dict[str, Any], message: str) -> None:
    command = carried(desk, other_state(desk))
    arrays = bytes_to_arrays(desk.archive.read(command["blob"]), "it")
    record = json.loads(arrays["record"].tobytes())
    if "parent" in change:
        by_id = {n["id"]: n for n in record["neighborhoods"]}
        by_id[2]["parent"] = change["parent"]
    else:
        record.update(change)
    arrays["record"] = np.frombuffer(json.dumps(record).encode(), np.uint8)
    archive: CountingArchive = desk.archive
    before = desk.session.history
    with pytest.raises(JournalError, match=message):
        desk.do({**command, "blob": archive.write(arrays_to_bytes(arrays))})
    assert desk.session.history is before
    assert desk.lines == []
