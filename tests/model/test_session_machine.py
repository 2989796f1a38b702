"""A session under random commands, refusals, failing disks and replays."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import plain_curation as plain
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from plain_cases import plain_start, proposal_bytes
from plain_curation import Plain, PlainProposal, RefusedError
from small_atlas import CountingArchive, bits_of, blob_of, owners_by_row, small_atlas, start

from napari_brain_atlas.errors import CommandError, WriteError
from napari_brain_atlas.model.commands import Command, command_to_json, parse_command
from napari_brain_atlas.model.session import Change, Session

ATLAS = small_atlas((9, 17, 8, 1, 12, 70), ("a", "a", "b", "b", "b", "b"))
ROWS = st.integers(0, ATLAS.n_cells + 1)
IDS = st.integers(0, 14)
NAMES = st.sampled_from(["CA1", "CA1/CA2", "", "x.1", "unassigned"])


@st.composite
def proposals(draw: st.DrawFn) -> PlainProposal:
    n = draw(st.integers(1, 3))
    rows = draw(st.sets(st.integers(0, ATLAS.n_cells - 1), min_size=1))
    return PlainProposal(
        {r: draw(st.integers(-1, n - 1)) for r in sorted(rows)},
        [f"p{i}" for i in range(n)],
        [draw(st.none() | st.integers(1, 5) | IDS) for _ in range(n)],
        draw(st.integers(0, 254)),
    )


class SessionMachine(RuleBasedStateMachine):
    """A session beside its plain twin; every step must leave both the same."""

    @initialize()
    def begin(self) -> None:
        self.archive = CountingArchive()
        self.lines: list[str] = []
        self.write_error: Exception | None = None
        self.viewer_fails = False
        self.seen: list[Change] = []
        self.session = Session(ATLAS, start(ATLAS), self.archive, self._write)
        self.session.changed.connect(self._view)
        self.state = plain_start(ATLAS)
        self.past: list[Plain] = []
        self.future: list[Plain] = []

    def _write(self, command: Command) -> None:
        if self.write_error is not None:
            raise self.write_error
        self.lines.append(json.dumps(command_to_json(command)))

    def _view(self, change: Change) -> None:
        self.seen.append(change)
        if self.viewer_fails:
            raise RuntimeError("a panel that fails")

    # -- what may go wrong with a command ------------------------------------

    def _do(self, command: dict[str, Any], expected: Callable[[], Plain]) -> None:
        before, history = self.session.curation, self.session.history
        n_lines, n_seen = len(self.lines), len(self.seen)
        sentences = list(self.session.sentences)
        try:
            outcome: Plain | None = expected()
        except RefusedError:
            outcome = None
        failing = self.write_error is not None or self.archive.error is not None
        try:
            change = self.session.do(parse_command(command))
        except (CommandError, WriteError) as error:
            # A refusal comes before any writing, a failed write is no refusal.
            assert isinstance(error, CommandError) == (outcome is None)
            assert outcome is None or failing
            assert self.session.curation is before
            assert self.session.history is history
            assert (len(self.lines), len(self.seen)) == (n_lines, n_seen)
            assert self.session.sentences == sentences
            return
        assert outcome is not None
        assert change.before is before
        assert change.after is self.session.curation
        assert self.seen[n_seen:] == [change]
        assert self.session.sentences == [*sentences, change.sentence]
        self._took(command["op"], outcome)

    def _took(self, op: str, outcome: Plain) -> None:
        if op == "undo":
            self.future.insert(0, self.state)
            self.past.pop()
        elif op == "redo":
            self.past.append(self.state)
            self.future.pop(0)
        else:
            self.past.append(self.state)
            self.future = []
        self.state = outcome

    def _cells(self, rows: set[int], data: st.DataObject) -> Any:
        form = data.draw(st.sampled_from(["list", "bits", "blob"]))
        if form == "list" or any(r >= ATLAS.n_cells for r in rows):
            return list(rows)
        error, self.archive.error = self.archive.error, None
        made = bits_of(rows, ATLAS) if form == "bits" else blob_of(rows, ATLAS, self.archive)
        self.archive.error = error
        return made

    def _some_rows_of(self, origin: int, data: st.DataObject) -> set[int]:
        mine = [r for r, o in enumerate(self.state.owners) if o == origin]
        return set(data.draw(st.lists(st.sampled_from(mine), max_size=90))) if mine else set()

    # -- rules -----------------------------------------------------------------

    @rule(members=st.lists(IDS, max_size=3), into=IDS)
    def merge(self, members: list[int], into: int) -> None:
        command = {"op": "merge", "neighborhoods": members, "into": into}
        self._do(command, lambda: plain.merge(self.state, members, into))

    @rule(data=st.data(), name=st.none() | NAMES)
    def split(self, data: st.DataObject, name: str | None) -> None:
        origin = data.draw(st.sampled_from(sorted(self.state.fields)))
        rows = self._some_rows_of(origin, data)
        command = {
            "op": "split", "neighborhood": origin, "cells": self._cells(rows, data), "name": name,
            "evidence": {"how": None},
        }  # fmt: skip
        self._do(command, lambda: plain.split(self.state, origin, [(rows, name)]))

    @rule(data=st.data(), n=st.integers(0, 3), slip=st.booleans())
    def split_into_parts(self, data: st.DataObject, n: int, slip: bool) -> None:
        origin = data.draw(st.sampled_from(sorted(self.state.fields)))
        rows = sorted(self._some_rows_of(origin, data))
        parts: list[tuple[set[int], str | None]] = [(set(rows[i::n]), None) for i in range(n)]
        if slip and parts:
            parts.append((data.draw(st.sets(st.integers(0, ATLAS.n_cells - 1), max_size=2)), "y"))
        command = {
            "op": "split", "neighborhood": origin,
            "parts": [{"cells": self._cells(r, data), "name": name} for r, name in parts],
        }  # fmt: skip
        self._do(command, lambda: plain.split(self.state, origin, parts))

    @rule(data=st.data(), rows=st.sets(ROWS, max_size=80), into=IDS)
    def reassign(self, data: st.DataObject, rows: set[int], into: int) -> None:
        command = {"op": "reassign", "cells": self._cells(rows, data), "into": into}
        self._do(command, lambda: plain.reassign(self.state, rows, into))

    @rule(
        identity=IDS,
        fields=st.fixed_dictionaries(
            {},
            optional={
                "name": NAMES.filter(bool),
                "notes": st.text(st.characters(codec="utf-8"), max_size=5),
                "certainty": st.sampled_from(["low", "high"]),
                "dois": st.lists(st.just("10.1/x"), max_size=1),
            },
        ),
    )
    def annotate(self, identity: int, fields: dict[str, Any]) -> None:
        command = {"op": "annotate", "neighborhood": identity, **fields}
        self._do(command, lambda: plain.annotate(self.state, identity, fields))

    @rule(proposal=proposals())
    def repartition(self, proposal: PlainProposal) -> None:
        error, self.archive.error = self.archive.error, None
        digest = self.archive.write(proposal_bytes(proposal, ATLAS))
        self.archive.error = error
        command = {"op": "repartition", "blob": digest, "scope": {"cells": len(proposal.labels)}}
        self._do(command, lambda: plain.repartition(self.state, proposal))

    @rule()
    def undo(self) -> None:
        def expected() -> Plain:
            if not self.past:
                raise RefusedError
            return replace(self.past[-1], next_id=max(self.past[-1].next_id, self.state.next_id))

        self._do({"op": "undo"}, expected)

    @rule()
    def redo(self) -> None:
        def expected() -> Plain:
            if not self.future:
                raise RefusedError
            return replace(self.future[0], next_id=max(self.future[0].next_id, self.state.next_id))

        self._do({"op": "redo"}, expected)

    @rule(
        journal=st.sampled_from([None, WriteError("full")]),
        blobs=st.sampled_from([None, WriteError("full")]),
    )
    def disk(self, journal: Exception | None, blobs: Exception | None) -> None:
        self.write_error, self.archive.error = journal, blobs

    @rule()
    def disk_works(self) -> None:
        self.write_error = self.archive.error = None

    @rule(fails=st.booleans())
    def viewer(self, fails: bool) -> None:
        self.viewer_fails = fails

    @rule()
    def preview_changes_nothing(self) -> None:
        before, n = self.session.curation, len(self.lines)
        shown = self.session.history.step(
            parse_command({"op": "reassign", "cells": [0], "into": 0}),
            self.session.atlas,
            self.session.archive,
        )[0].curation
        assert owners_by_row(shown, ATLAS)[0] == 0
        assert self.session.curation is before
        assert len(self.lines) == n

    @rule()
    def replay(self) -> None:
        commands = [parse_command(json.loads(line)) for line in self.lines]
        again = Session(ATLAS, start(ATLAS), self.archive, lambda _: None, commands)
        live, replayed = self.session, again
        assert owners_by_row(replayed.curation, ATLAS) == owners_by_row(live.curation, ATLAS)
        assert dict(replayed.curation.neighborhoods) == dict(live.curation.neighborhoods)
        assert replayed.curation.next_id == live.curation.next_id
        assert len(replayed.history.past) == len(live.history.past)
        assert len(replayed.history.future) == len(live.history.future)
        assert replayed.sentences == live.sentences
        for s in ATLAS.sections:
            np.testing.assert_array_equal(
                replayed.curation.confidence_on(s.index), live.curation.confidence_on(s.index)
            )

    # -- always ------------------------------------------------------------------

    @invariant()
    def equals_its_twin(self) -> None:
        curation = self.session.curation
        assert tuple(owners_by_row(curation, ATLAS)) == self.state.owners
        assert set(curation.neighborhoods) == set(self.state.fields)
        for identity, fields in self.state.fields.items():
            found = curation.neighborhood(identity).model_dump(mode="json")
            assert {k: found[k] for k in fields} == dict(fields)
        assert curation.next_id == self.state.next_id
        assert len(self.session.history.past) == len(self.past)
        assert len(self.session.history.future) == len(self.future)

    @invariant()
    def confidence_is_its_twins(self) -> None:
        curation = self.session.curation
        shown = np.concatenate([curation.confidence_on(s.index) for s in ATLAS.sections])
        for row, (owner, stored) in enumerate(
            zip(self.state.owners, self.state.confidence, strict=True)
        ):
            value = float(shown[ATLAS.atlas_positions[row]])
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


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Any:
    """Failing panels are logged, thousands of times here."""
    logger = logging.getLogger("napari_brain_atlas.model.session")
    logger.disabled = True
    yield
    logger.disabled = False


TestSession = SessionMachine.TestCase
TestSession.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
