"""A session under random commands, refusals, failing disks and replays."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from intents import NAMES
from machine_desk import ATLAS, Desk
from plain_cases import plain_records
from small_atlas import owners_by_row, start

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.model import cells
from napari_brain_atlas.model.commands import parse_command
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.session import Session

DATA = st.data()
# Made anew each time: an error that is raised twice keeps every frame that it came through.
FULL = st.builds(WriteError, st.just("full"))
BROKEN = st.builds(OSError, st.just("no shelf"))


class Borders(Desk):
    """Edits that move cells."""

    @rule(data=DATA)
    def merge(self, data: st.DataObject) -> None:
        self.edit("merge", data)

    @rule(data=DATA)
    def split(self, data: st.DataObject) -> None:
        self.edit("split", data)

    @rule(data=DATA)
    def reassign(self, data: st.DataObject) -> None:
        self.edit("reassign", data)

    @rule(data=DATA)
    def create(self, data: st.DataObject) -> None:
        self.edit("create", data)

    @rule(data=DATA)
    def delete(self, data: st.DataObject) -> None:
        self.edit("delete", data)

    @rule(data=DATA)
    def repartition(self, data: st.DataObject) -> None:
        self.edit("repartition", data)

    @rule(data=DATA)
    def rebase(self, data: st.DataObject) -> None:
        self.edit("rebase", data)

    @rule(data=DATA)
    def batch(self, data: st.DataObject) -> None:
        self.edit("batch", data)


class Records(Desk):
    """Edits of what is said."""

    @rule(data=DATA)
    def annotate(self, data: st.DataObject) -> None:
        self.edit("annotate", data)

    @rule(data=DATA)
    def group(self, data: st.DataObject) -> None:
        self.edit("group", data)

    @rule(data=DATA)
    def ungroup(self, data: st.DataObject) -> None:
        self.edit("ungroup", data)

    @rule(data=DATA)
    def lock(self, data: st.DataObject) -> None:
        self.edit("lock", data)

    @rule(data=DATA)
    def unlock(self, data: st.DataObject) -> None:
        self.edit("unlock", data)

    @rule(data=DATA)
    def link(self, data: st.DataObject) -> None:
        self.edit("link", data)

    @rule(data=DATA)
    def unlink(self, data: st.DataObject) -> None:
        self.edit("unlink", data)

    @rule(data=DATA)
    def dismiss(self, data: st.DataObject) -> None:
        self.edit("dismiss", data)


class Steps(Desk):
    """Through the history, and over it again."""

    @rule()
    def undo(self) -> None:
        self.do({"op": "undo"}, lambda: self.twin.undone())

    @rule()
    def redo(self) -> None:
        self.do({"op": "redo"}, lambda: self.twin.redone())

    @rule(name=NAMES)
    def snapshot(self, name: str) -> None:
        self.do({"op": "snapshot", "name": name}, lambda: self.twin.named(name))

    @rule(name=NAMES)
    def restore_snapshot(self, name: str) -> None:
        self.do({"op": "restore", "snapshot": name}, lambda: self.twin.restored(name))

    @rule(data=DATA)
    def restore_decision(self, data: st.DataObject) -> None:
        seq = data.draw(st.integers(0, len(self.twin.reached)))
        self.do({"op": "restore", "seq": seq}, lambda: self.twin.restored(seq))

    @rule()
    def preview_changes_nothing(self) -> None:
        history, n = self.session.history, len(self.lines)
        command = parse_command({"op": "dismiss", "suggestion": "only looked at"})
        shown = history.step(command, self.session.atlas, self.session.archive)[0].curation
        assert "only looked at" in shown.dismissed
        assert self.session.history is history
        assert len(self.lines) == n

    @rule()
    def replay(self) -> None:
        commands = [parse_command(json.loads(line)) for line in self.lines]
        again = Session(ATLAS, start(ATLAS), self.archive, lambda _: None, commands)
        assert told(again.curation) == told(self.session.curation)
        assert len(again.history.past) == len(self.session.history.past)
        assert len(again.history.future) == len(self.session.history.future)
        assert again.history.snapshots == self.session.history.snapshots
        assert again.sentences == self.session.sentences


class Mishaps(Desk):
    """What may fail, and what may be dropped."""

    @rule(journal=st.none() | FULL, blobs=st.none() | FULL)
    def disk(self, journal: Exception | None, blobs: Exception | None) -> None:
        self.write_error, self.archive.error = journal, blobs

    @rule(put=st.none() | BROKEN, read=st.none() | BROKEN)
    def shelf_breaks(self, put: OSError | None, read: OSError | None) -> None:
        self.shelf.put_error, self.shelf.read_error = put, read

    @rule()
    def all_works(self) -> None:
        self.write_error = self.archive.error = None
        self.shelf.put_error = self.shelf.read_error = None

    @rule(fails=st.booleans())
    def viewer(self, fails: bool) -> None:
        self.viewer_fails = fails

    @rule(data=DATA)
    def drop_caches(self, data: st.DataObject) -> None:
        reached = self.session.history.reached
        for curation in {reached[-1], data.draw(st.sampled_from(reached))}:
            curation.forget()
            curation.partition.forget()


class SessionMachine(Borders, Records, Steps, Mishaps):
    """Everything at once; in the end, back to the start and to the end again."""

    def teardown(self) -> None:
        if not getattr(self, "settled", True) or not hasattr(self, "twin"):
            return  # what failed is told, and not what follows from it
        self.all_works()
        self.viewer_fails = False
        self._every_state_is_there()
        self._back_and_forth()
        self.replay()
        self.all_hold()

    def _every_state_is_there(self) -> None:
        for live, plain in zip(self.session.history.reached, self.twin.reached, strict=True):
            assert tuple(owners_by_row(live, ATLAS)) == plain.owners
            assert set(live.neighborhoods) == set(plain.fields)

    def _back_and_forth(self) -> None:
        base, end = self.session.history.reached[0], self.session.curation
        start_, end_, n = told(base), told(end), len(self.session.history.past)
        for _ in range(n):
            self.undo()
        assert told(self.session.curation) == {**start_, "next_id": end.next_id}
        for _ in range(n):
            self.redo()
        assert told(self.session.curation) == end_

    def all_hold(self) -> None:
        self.equals_its_twin()
        self.history_is_its_twins()
        self.confidence_is_its_twins()
        self.counts_are_a_recount()
        self.the_record_is_whole()


def told(curation: Curation) -> dict[str, Any]:
    """All that a state says, comparable."""
    return {
        "owners": owners_by_row(curation, ATLAS),
        "confidence": [str(c) for s in ATLAS.sections for c in curation.confidence_on(s.index)],
        "records": plain_records(curation),
        "links": sorted(curation.links),
        "dismissed": sorted(curation.dismissed),
        "next_id": curation.next_id,
    }


@pytest.fixture(autouse=True, scope="module")
def _rough() -> Any:
    """Failing panels and shelves are logged, thousands of times here; sets of cells are large."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("session", "resting"):
            patch.setattr(logging.getLogger(f"napari_brain_atlas.model.{name}"), "disabled", True)
        patch.setattr(cells, "FEW_CELLS", 3)
        patch.setattr(cells, "INLINE_BYTES", 24)
        yield


TestSession = SessionMachine.TestCase
TestSession.settings = settings()
