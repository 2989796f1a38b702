"""Arrays of earlier states rest on a shelf; that changes no result."""

from __future__ import annotations

import gc
import logging
from typing import Any

import numpy as np
import pytest
from rough_shelf import RoughShelf
from small_atlas import CountingArchive, owners_by_row, proposed, start

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands import Command, parse_command
from napari_brain_atlas.model.resting import CellArray, Resting
from napari_brain_atlas.model.session import Session


class Shelved:
    """A session whose earlier states always rest."""

    def __init__(self, atlas: Atlas, budget: int = 0) -> None:
        self.shelf, self.archive, self.lines = RoughShelf(), CountingArchive(), list[Command]()
        self.session = Session(
            atlas, start(atlas), self.archive, self.lines.append, shelf=self.shelf
        )
        self.session._resting = Resting(self.shelf, budget)
        self.atlas = atlas

    def do(self, **command: Any) -> None:
        self.session.do(parse_command(command))

    def propose(self, n: int) -> None:
        labels = [r % n for r in range(self.atlas.n_cells)]
        blob = self.archive.write(proposed(self.atlas, None, labels, [None] * n))
        self.do(op="repartition", blob=blob)

    def resting(self, seq: int) -> list[bool]:
        sections = self.session.history.reached[seq].partition.sections
        return [a.resting for s in sections for a in (s.fragment_array, s.confidence_array)]


@pytest.fixture
def shelved(atlas: Atlas) -> Shelved:
    return Shelved(atlas)


def test_what_left_the_present_rests_and_wakes_by_undo(shelved: Shelved) -> None:
    base = owners_by_row(shelved.session.curation, shelved.atlas)
    shelved.propose(3)
    assert all(shelved.resting(0))
    assert not any(shelved.resting(1))
    # A state that rests is read where somebody asks for it, and goes on resting.
    assert owners_by_row(shelved.session.history.reached[0], shelved.atlas) == base
    assert all(shelved.resting(0))
    shelved.do(op="undo")
    assert not any(shelved.resting(0))
    assert all(shelved.resting(1))
    assert owners_by_row(shelved.session.curation, shelved.atlas) == base


def test_an_array_is_put_away_once(shelved: Shelved) -> None:
    shelved.propose(3)
    n = shelved.shelf.puts
    for _ in range(3):
        shelved.do(op="undo")
        shelved.do(op="redo")
    assert n == 2 * len(shelved.atlas.sections)
    assert shelved.shelf.puts == 2 * n


def test_a_split_puts_only_its_section_away(shelved: Shelved) -> None:
    shelved.do(op="split", neighborhood=1, cells=[1])
    assert shelved.shelf.puts == 1
    assert sum(shelved.resting(0)) == 1
    assert not any(shelved.resting(1))


def test_within_the_budget_the_latest_stay(atlas: Atlas) -> None:
    per_state = atlas.n_cells * 5
    shelved = Shelved(atlas, budget=2 * per_state)
    for n in (2, 3, 4, 5):
        shelved.propose(n)
    assert [all(shelved.resting(i)) for i in range(5)] == [True, True, False, False, False]
    assert [any(shelved.resting(i)) for i in range(5)] == [True, True, False, False, False]
    assert shelved.session._resting._bytes <= 2 * per_state


def test_the_books_hold_only_what_is_alive() -> None:
    shelf = RoughShelf()
    resting = Resting(shelf, budget=100)
    arrays = [CellArray(np.full(10, i, np.int32)) for i in range(5)]
    resting.moved(arrays, [])
    assert [a.resting for a in arrays] == [True, True, True, False, False]
    assert resting._bytes == 80
    resting.moved([], arrays[3:])
    assert (resting._bytes, len(resting._left)) == (0, 0)
    resting.moved([CellArray(np.zeros(10, np.int32))], [])
    gc.collect()
    resting.moved(arrays[3:], [])
    # What nobody holds any more needs no place on the shelf.
    assert shelf.puts == 3
    assert [a.values.tolist() for a in arrays] == [[i] * 10 for i in range(5)]


def test_a_shelf_that_takes_nothing_costs_memory_only(
    shelved: Shelved, caplog: pytest.LogCaptureFixture
) -> None:
    shelved.shelf.put_error = OSError("no space left")
    base = owners_by_row(shelved.session.curation, shelved.atlas)
    shelved.propose(3)
    assert not any(shelved.resting(0))
    assert "earlier states stay in memory: no space left" in caplog.text
    shelved.propose(4)
    assert len([r for r in caplog.records if r.levelno == logging.WARNING]) == 1
    shelved.do(op="restore", seq=0)
    assert owners_by_row(shelved.session.curation, shelved.atlas) == base


@pytest.mark.parametrize("op", [{"op": "undo"}, {"op": "restore", "seq": 0}], ids=str)
def test_a_state_that_cannot_be_read_back_is_not_committed(
    shelved: Shelved, op: dict[str, Any]
) -> None:
    shelved.propose(3)
    before, n = shelved.session.history, len(shelved.lines)
    shelved.shelf.read_error = OSError("gone")
    with pytest.raises(WriteError, match=r"read back from the disk \(gone\).*open it again"):
        shelved.do(**op)
    assert shelved.session.history is before
    assert len(shelved.lines) == n
    shelved.do(op="annotate", neighborhood=5, name="life goes on")
    shelved.shelf.read_error = None
    shelved.do(op="undo")
    shelved.do(**op)
    assert set(shelved.session.curation.neighborhoods) == {0, 1, 2, 3, 4}


def test_replay_puts_away_as_it_goes(atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    live = Shelved(atlas)
    for n in (2, 3, 4):
        live.propose(n)
    live.do(op="undo")
    shelf = RoughShelf()
    monkeypatch.setattr(Resting.__init__, "__defaults__", (0,))
    again = Session(atlas, start(atlas), live.archive, lambda _: None, live.lines, shelf=shelf)
    assert shelf.puts > 0
    assert owners_by_row(again.curation, atlas) == owners_by_row(live.session.curation, atlas)
    assert not any(a.resting for s in again.curation.partition.sections
                   for a in (s.fragment_array, s.confidence_array))  # fmt: skip


def test_what_is_read_back_cannot_be_written_to() -> None:
    array = CellArray(np.arange(5))
    array.rest(RoughShelf())
    for values in (array.values, array.values):
        assert values.tolist() == [0, 1, 2, 3, 4]
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1
    array.wake()
    assert array.values is array.values
