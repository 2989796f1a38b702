"""The door: nothing changes before the write, and everything once it returned."""

from __future__ import annotations

from typing import Any

import pytest
from small_atlas import CountingArchive, rows_of, start

from napari_brain_atlas.errors import CommandError, WriteError
from napari_brain_atlas.model.commands import (
    Annotate,
    Merge,
    Redo,
    Split,
    Undo,
    command_to_json,
    parse_command,
)
from napari_brain_atlas.model.session import Session

MERGE = {"op": "merge", "neighborhoods": [1, 2], "into": 1}
RENAME = {"op": "annotate", "neighborhood": 3, "name": "DGmo"}


def test_a_rejected_command_does_not_come_back_through_redo(desk: Any) -> None:
    desk.do(RENAME)
    desk.do({"op": "undo"})
    desk.error = WriteError("full")
    with pytest.raises(WriteError):
        desk.do(MERGE)
    desk.error = None
    desk.do({"op": "redo"})
    assert desk.session.curation.neighborhood(3).name == "DGmo"
    assert 2 in desk.session.curation.neighborhoods
    with pytest.raises(CommandError, match="nothing to redo"):
        desk.do({"op": "redo"})


def scattered(desk: Any) -> list[int]:
    """Cells of neighborhood 1 that do not compress."""
    mine = rows_of(desk.session.curation, desk.atlas, 1)
    return [row for i, row in enumerate(mine) if i * i % 7 < 3]


def test_an_archive_that_fails_writes_no_line(large_desk: Any) -> None:
    desk = large_desk
    rows = [
        r for i, r in enumerate(rows_of(desk.session.curation, desk.atlas, 1)) if i * i % 7 < 3
    ]
    desk.archive.error = WriteError("full")
    before = desk.session.curation
    with pytest.raises(WriteError):
        desk.do({"op": "split", "neighborhood": 1, "cells": rows})
    assert desk.session.curation is before
    assert desk.lines == []


def test_the_line_is_written_after_its_blob_and_before_the_state(large_desk: Any) -> None:
    desk = large_desk
    seen: list[tuple[int, bool]] = []
    rows = [
        r for i, r in enumerate(rows_of(desk.session.curation, desk.atlas, 1)) if i * i % 7 < 3
    ]
    before = desk.session.curation

    def write(command: Any) -> None:
        desk.archive.read(command.cells.blob)
        seen.append((desk.archive.writes, desk.session.curation is before))

    desk.session._write = write
    desk.do({"op": "split", "neighborhood": 1, "cells": rows})
    assert seen == [(1, True)]


def test_ids_are_never_given_twice(desk: Any) -> None:
    split = {"op": "split", "neighborhood": 1, "cells": [1]}
    born = []
    for _ in range(3):
        change = desk.do(split)
        born += sorted(set(change.after.neighborhoods) - set(change.before.neighborhoods))
        desk.do({"op": "undo"})
    assert born == [5, 6, 7]
    desk.do({"op": "redo"})
    assert 7 in desk.session.curation.neighborhoods
    again = desk.do({"op": "split", "neighborhood": 1, "cells": [13]})
    assert max(again.after.neighborhoods) == 8


def test_an_edit_after_undo_forgets_what_could_be_redone(desk: Any) -> None:
    desk.do(MERGE)
    desk.do({"op": "undo"})
    desk.do(RENAME)
    with pytest.raises(CommandError, match="nothing to redo"):
        desk.do({"op": "redo"})


def test_a_view_that_fails_refuses_nothing(desk: Any, caplog: pytest.LogCaptureFixture) -> None:
    seen = []

    def failing(change: Any) -> None:
        seen.append(change.sentence)
        raise RuntimeError("no canvas")

    desk.session.changed.connect(failing)
    desk.do(MERGE)
    desk.do(RENAME)
    assert seen == desk.session.sentences
    assert len(desk.lines) == 2
    assert "a view failed to show: Merged" in caplog.text


def test_a_view_may_command(desk: Any) -> None:
    seen = []

    def follow(change: Any) -> None:
        seen.append(change.command.op)
        if change.command.op == "merge":
            desk.do(RENAME)

    desk.session.changed.connect(follow)
    desk.do(MERGE)
    assert seen == ["merge", "annotate"]
    assert [line["op"] for line in desk.lines] == ["merge", "annotate"]
    assert desk.session.curation.neighborhood(3).name == "DGmo"


def test_replay_asks_nothing_of_the_measurements(desk: Any) -> None:
    gone = parse_command({"op": "annotate", "neighborhood": 1, "marker_genes": ["Gone"]})
    with pytest.raises(CommandError, match="no gene 'Gone'"):
        desk.session.do(gone)
    again = Session(desk.atlas, start(desk.atlas), CountingArchive(), lambda _: None, [gone])
    assert again.curation.neighborhood(1).marker_genes == ("Gone",)


def test_a_preview_is_what_the_command_makes(desk: Any) -> None:
    split = parse_command({"op": "split", "neighborhood": 1, "cells": [1, 13]})
    shown = desk.session.history.step(split, desk.session.atlas, desk.session.archive)[0].curation
    made = desk.session.do(split).after
    assert shown.owners_of_cells().tolist() == made.owners_of_cells().tolist()
    assert dict(shown.neighborhoods) == dict(made.neighborhoods)


@pytest.mark.parametrize(
    "command",
    [
        Merge(neighborhoods=(1, 2), into=2),
        Split(neighborhood=1, cells=(0, 5), evidence={"lasso": [[0.5, 1.0]], "seed": None}),
        Annotate(neighborhood=1, dois=(), certainty="low"),
        Undo(),
        Redo(),
    ],
    ids=lambda c: c.op,
)
def test_commands_survive_json(command: Any) -> None:
    value = command_to_json(command)
    assert parse_command(value) == command
    assert command_to_json(parse_command(value)) == value
    assert value["op"] == command.op
