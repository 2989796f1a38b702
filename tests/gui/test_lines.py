from __future__ import annotations

import pytest

from napari_brain_atlas.gui.lines import HistoryLine
from napari_brain_atlas.gui.scene import Scene, present
from napari_brain_atlas.gui.view_state import ViewState
from napari_brain_atlas.model.commands import (
    Annotate,
    Batch,
    Command,
    Delete,
    Lock,
    Redo,
    Restore,
    Snapshot,
    Undo,
)
from napari_brain_atlas.workflow.document import Document


def scene_of(document: Document, **view: object) -> Scene:
    return present(document.atlas, document.session.history, ViewState(**view))  # type: ignore[arg-type]


def lines_after(document: Document, *commands: Command) -> list[HistoryLine]:
    for command in commands:
        document.session.do(command)
    return list(scene_of(document).history)


def told(lines: list[HistoryLine]) -> list[str]:
    return [f"{'-' if x.undone else ''}{x.snapshot or x.text.split()[0]}" for x in lines]


LOCK, DELETE, UNDO = Lock(neighborhoods=(1,)), Delete(neighborhoods=(2,)), Undo()


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        pytest.param(
            (LOCK, Snapshot(name="s"), DELETE), ["Locked", "s", "Deleted"], id="between"
        ),
        pytest.param((Snapshot(name="s"), LOCK), ["s", "Locked"], id="of the base"),
        pytest.param(
            (LOCK, DELETE, Snapshot(name="s"), UNDO), ["Locked", "-Deleted", "s"],
            id="of what was undone",
        ),
        pytest.param(
            (LOCK, DELETE, UNDO, Snapshot(name="s")), ["Locked", "s", "-Deleted"],
            id="after undo",
        ),
        pytest.param(
            (LOCK, Snapshot(name="s"), DELETE, Restore(snapshot="s")),
            ["Locked", "s", "Deleted", "Restored"], id="restored",
        ),
        pytest.param(
            (LOCK, Snapshot(name="s"), Snapshot(name="t")), ["Locked", "s", "t"], id="two",
        ),
        pytest.param(
            (LOCK, UNDO, Redo(), Snapshot(name="s"), DELETE), ["Locked", "s", "Deleted"],
            id="after redo",
        ),
        pytest.param(
            (Batch(commands=(LOCK, DELETE)),), ["Did"], id="a batch is one line",
        ),
    ],
)  # fmt: skip
def test_snapshots_stand_beside_the_state_that_they_name(
    document: Document, commands: tuple[Command, ...], expected: list[str]
) -> None:
    assert told(lines_after(document, *commands)) == expected


def test_every_line_brings_its_own_state_back(document: Document) -> None:
    session = document.session
    lines = lines_after(
        document, LOCK, Snapshot(name="s"), DELETE, UNDO, Annotate(neighborhood=3, name="x"),
        Restore(snapshot="s"), Annotate(neighborhood=4, name="y"), UNDO,
    )  # fmt: skip
    states = [s.after for s in (*session.history.past, *session.history.future)]
    for line, state in zip([x for x in lines if not x.snapshot], states, strict=True):
        session.do(line.restoring)
        assert session.curation.neighborhoods.listed() == state.neighborhoods.listed()
