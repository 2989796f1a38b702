"""A session beside its plain twin: how a command is tried, and what must hold after it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant
from intents import intent
from plain_cases import plain_records, plain_start, to_command
from plain_commands import applied
from plain_curation import Plain, RefusedError
from plain_history import PlainHistory
from rough_shelf import RoughShelf
from small_atlas import CountingArchive, bits_of, blob_of, owners_by_row, small_atlas, start

from napari_brain_atlas.errors import CommandError, WriteError
from napari_brain_atlas.model.commands import Command, command_to_json, parse_command
from napari_brain_atlas.model.lineage import is_tree
from napari_brain_atlas.model.session import Change, Session

ATLAS = small_atlas((9, 17, 8, 1, 12, 70), ("a", "a", "b", "b", "b", "b"))
# A tree, links and locks to begin with; all of them at random would seldom meet.
TOLD: list[dict[str, Any]] = [
    {"op": "group", "neighborhoods": [1, 2]},
    {"op": "annotate", "neighborhood": 2, "parent": 3},
    {"op": "link", "kind": "cannot", "neighborhoods": [1, 3]},
    {"op": "link", "kind": "must", "neighborhoods": [1, 2, 4]},
    {"op": "lock", "neighborhoods": [1]},
    {"op": "lock", "neighborhoods": [2]},
    {"op": "batch", "commands": [
        {"op": "link", "kind": "must", "neighborhoods": [3, 4]},
        {"op": "link", "kind": "cannot", "neighborhoods": [1, 4]},
        {"op": "annotate", "neighborhood": 4, "parent": 3},
        {"op": "lock", "neighborhoods": [4]},
    ]},
]  # fmt: skip


class Desk(RuleBasedStateMachine):
    """A session, all that it writes to, and its twin."""

    @initialize(
        budget=st.sampled_from([0, 0, 400, 10**9]), shelved=st.booleans(),
        told=st.lists(st.sampled_from(TOLD), unique_by=lambda c: c["op"]),
    )  # fmt: skip
    def begin(self, budget: int, shelved: bool, told: list[dict[str, Any]]) -> None:
        self.archive = CountingArchive()
        self.shelf = RoughShelf()
        self.lines: list[str] = []
        self.write_error: Exception | None = None
        self.viewer_fails = False
        self.seen: list[Change] = []
        shelf = self.shelf if shelved else None
        self.session = Session(ATLAS, start(ATLAS), self.archive, self._write, shelf=shelf)
        self.session._resting._budget = budget
        self.session.changed.connect(self._view)
        self.twin = PlainHistory((plain_start(ATLAS),))
        for intended in told:
            self.do(intended, lambda intended=intended: self.twin.edited(intended))

    def _write(self, command: Command) -> None:
        if self.write_error is not None:
            raise self.write_error
        self.lines.append(json.dumps(command_to_json(command)))

    def _view(self, change: Change) -> None:
        self.seen.append(change)
        if self.viewer_fails:
            raise RuntimeError("a panel that fails")

    # -- trying a command ------------------------------------------------------

    @property
    def state(self) -> Plain:
        return self.twin.present

    def edit(self, op: str, data: st.DataObject) -> None:
        """Try an edit of this op."""
        wanted = intent(data.draw, self.state, op)
        error, self.archive.error = self.archive.error, None
        command = to_command(
            wanted, lambda rows: self._cells(rows, data), self.archive.write, ATLAS
        )
        self.archive.error = error
        if not self.do(command, lambda: self.twin.edited(wanted)):
            self._require_remedy(command, wanted)

    def do(self, command: dict[str, Any], expected: Callable[[], PlainHistory]) -> bool:
        """Do a command as the twin expects it; False if it was refused."""
        before, history = self.session.curation, self.session.history
        self.settled = False
        counted = len(self.lines), len(self.seen), len(self.session.sentences)
        try:
            outcome: PlainHistory | None = expected()
        except RefusedError:
            outcome = None
        try:
            change = self.session.do(parse_command(command))
        except (CommandError, WriteError) as error:
            # A refusal comes before any writing, a failed write is no refusal.
            assert isinstance(error, CommandError) == (outcome is None), error
            assert outcome is None or self._may_fail(command["op"])
            assert self.session.history is history
            assert (len(self.lines), len(self.seen), len(self.session.sentences)) == counted
            self.settled = True
            return outcome is not None
        assert outcome is not None, change.sentence
        assert (change.before, change.after) == (before, self.session.curation)
        assert self.seen[counted[1] :] == [change]
        assert self.session.sentences[counted[2] :] == [change.sentence]
        self.twin, self.settled = outcome, True
        return True

    def _may_fail(self, op: str) -> bool:
        unread = self.shelf.read_error is not None and op in ("undo", "redo", "restore")
        return unread or self.write_error is not None or self.archive.error is not None

    def _require_remedy(self, command: dict[str, Any], wanted: dict[str, Any]) -> None:
        """A remedy can be done and helps; what only locks forbid has one."""
        try:
            parsed = parse_command(command)
        except CommandError:
            return
        history, helped = self.session.history, False
        for _ in range(10):
            try:
                parsed.check(ATLAS)  # type: ignore[union-attr]
                history.step(parsed, ATLAS, self.archive)
            except CommandError as error:
                if error.remedy is None:
                    break
                assert parse_command(command_to_json(error.remedy)) == error.remedy
                history, _sentence = history.step(error.remedy, ATLAS, self.archive)
            else:
                helped = True
                break
        else:
            raise AssertionError("the remedies never end")
        if wanted["op"] not in ("lock", "unlock", "batch"):
            assert helped == self._only_locked_or_linked(wanted)

    def _only_locked_or_linked(self, wanted: dict[str, Any]) -> bool:
        free = {i: {**f, "locked": False} for i, f in self.state.fields.items()}
        links = frozenset() if wanted["op"] != "unlink" else self.state.links
        if wanted["op"] == "link":
            links = frozenset(x for x in self.state.links if x[0] == wanted["kind"])
        try:
            applied(replace(self.state, fields=free, links=links), wanted)
        except RefusedError:
            return False
        return True

    def _cells(self, rows: Collection[int], data: st.DataObject) -> Any:
        form = data.draw(st.sampled_from(["list", "bits", "blob"]))
        if form == "list" or any(r >= ATLAS.n_cells for r in rows):
            return list(rows)
        return bits_of(rows, ATLAS) if form == "bits" else blob_of(rows, ATLAS, self.archive)

    # -- always ------------------------------------------------------------------

    @invariant()
    def equals_its_twin(self) -> None:
        curation = self.session.curation
        assert tuple(owners_by_row(curation, ATLAS)) == self.state.owners
        records = plain_records(curation)
        assert set(records) == set(self.state.fields)
        for identity, fields in self.state.fields.items():
            assert {k: records[identity][k] for k in fields} == dict(fields)
        assert curation.next_id == self.state.next_id
        assert {tuple(link) for link in curation.links} == self.state.links
        assert curation.dismissed == self.state.dismissed

    @invariant()
    def history_is_its_twins(self) -> None:
        history = self.session.history
        assert len(history.past) == len(self.twin.past)
        assert len(history.future) == len(self.twin.future)
        assert history.seq == len(self.twin.reached) - 1 == len(self.lines)
        assert dict(history.snapshots) == self.twin.snapshots

    @invariant()
    def confidence_is_its_twins(self) -> None:
        curation = self.session.curation
        shown = np.concatenate([curation.confidence_on(s.index) for s in ATLAS.sections])
        by_row = shown[ATLAS.atlas_positions].tolist()
        for owner, stored, value in zip(
            self.state.owners, self.state.confidence, by_row, strict=True
        ):
            if owner == 0 or stored is None or stored == 255:
                assert math.isnan(value)
            else:
                assert value == pytest.approx(stored / 254)

    @invariant()
    def counts_are_a_recount(self) -> None:
        curation = self.session.curation
        owners = np.array(owners_by_row(curation, ATLAS))
        totals = [int((owners == i).sum()) for i in curation.ids.tolist()]
        assert curation.counts.sum(axis=1).tolist() == totals
        assert [curation.n_cells(i) for i in curation.ids.tolist()] == totals
        on = [len(np.unique(ATLAS.section_of(curation.cells_of(i)))) for i in (0, 1, 5)]
        assert [curation.n_sections(i) for i in (0, 1, 5)] == on

    @invariant()
    def the_record_is_whole(self) -> None:
        curation = self.session.curation
        assert is_tree(curation.neighborhoods.values())
        assert set(curation.owners.tolist()) <= set(curation.neighborhoods)
        for kind, first, second in curation.links:
            assert {first, second} <= set(curation.neighborhoods) - {0}
            assert first < second
            opposite = "must" if kind == "cannot" else "cannot"
            assert (opposite, first, second) not in curation.links
        assert not any(a.resting for s in curation.partition.sections
                       for a in (s.fragment_array, s.confidence_array))  # fmt: skip
