"""Suggestions on a file: what they say, what they leave out, and what taking one does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.commands import Delete, Dismiss, Link, Lock, Merge, Split
from napari_brain_atlas.workflow.discovery import (
    Scope,
    hierarchy_request,
    load_hierarchy,
    prepare_hierarchy,
    take,
)
from napari_brain_atlas.workflow.document import Document, open_document
from napari_brain_atlas.workflow.suggesting import (
    Ground,
    Suggestion,
    key_of,
    proposed_split,
    suggest,
)
from napari_brain_atlas.workflow.suggestions_report import suggestions_lines


@dataclass
class Desk:
    """A document and what suggestions are read from."""

    document: Document
    ground: Ground

    def all(self) -> tuple[Suggestion, ...]:
        return suggest(self.document.atlas, self.document.session.curation, self.ground)

    def suggested(self) -> set[str]:
        return {found.key for found in self.all()}

    def first(self, kind: str) -> Suggestion:
        return next(found for found in self.all() if found.kind == kind)

    def split_of(self, found: Suggestion):
        return proposed_split(
            self.document.atlas, self.document.session.curation, self.ground, found
        )


@pytest.fixture
def desk(tissue_file: Path):
    with open_document(tissue_file) as document:
        grown = load_hierarchy(document, prepare_hierarchy(hierarchy_request(document, Scope())))
        yield Desk(document, Ground.of(document.atlas, grown))


def merged_by_mistake(desk: Desk) -> tuple[int, int]:
    """Two large neighborhoods become one; the ids of both."""
    curation = desk.document.session.curation
    one, other = sorted(curation.ids[1:].tolist(), key=curation.n_cells)[-2:]
    desk.document.session.do(Merge(neighborhoods=(one, other), into=other))
    return one, other


def test_what_was_merged_by_mistake_is_to_be_split_again(desk: Desk) -> None:
    before = desk.document.session.curation
    one, other = merged_by_mistake(desk)
    found = desk.first("split")
    assert found.neighborhoods == (other,)
    assert min(found.figures["holds"]) >= 0.6
    proposal = desk.split_of(found)
    command = take(desk.document, proposal, Scope((other,)))
    assert isinstance(command, Split)
    assert command.evidence is not None and command.evidence["suggestion"] == f"split:{other}"
    desk.document.session.do(command)
    after = desk.document.session.curation
    child = int(after.ids[-1])
    # What is parted is nearly what had been two: their cells are on different sides.
    sides = [np.isin(before.cells_of(i), after.cells_of(child)).mean() for i in (one, other)]
    assert max(sides) > 0.85 and min(sides) < 0.15
    assert after.n_cells(other, child) == before.n_cells(one, other)


def test_what_was_split_by_mistake_is_to_be_merged_again(desk: Desk) -> None:
    session, atlas = desk.document.session, desk.document.atlas
    curation = session.curation
    whole = max(curation.ids[1:].tolist(), key=curation.n_cells)
    cells = curation.cells_of(whole)
    left = cells[atlas.xy[cells, 0] < np.median(atlas.xy[cells, 0])]
    session.do(Split(neighborhood=whole, cells=tuple(atlas.file_positions[left].tolist())))
    child = int(session.curation.ids[-1])
    found = desk.first("merge")
    assert set(found.neighborhoods) == {whole, child}
    assert found.figures["together"] > max(found.figures["apart"])
    assert "of a border shared" in found.reason


@pytest.mark.parametrize("how", ["dismissed", "locked", "gone"])
def test_what_is_not_wanted_is_not_suggested(desk: Desk, how: str) -> None:
    _, other = merged_by_mistake(desk)
    key = key_of("split", other)
    assert key in desk.suggested()
    command = {
        "dismissed": Dismiss(suggestion=key, told="it is one"),
        "locked": Lock(neighborhoods=(other,)),
        "gone": Delete(neighborhoods=(other,)),
    }[how]
    desk.document.session.do(command)
    assert key not in desk.suggested()


def test_what_must_stay_apart_is_not_to_be_merged(desk: Desk) -> None:
    session, atlas = desk.document.session, desk.document.atlas
    whole = max(session.curation.ids[1:].tolist(), key=session.curation.n_cells)
    cells = session.curation.cells_of(whole)
    session.do(Split(neighborhood=whole, cells=tuple(atlas.file_positions[cells[::2]].tolist())))
    pair = (whole, int(session.curation.ids[-1]))
    assert key_of("merge", *pair) in desk.suggested()
    session.do(Link(kind="cannot", neighborhoods=pair))
    assert key_of("merge", *pair) not in desk.suggested()


def test_a_suggestion_that_time_has_overtaken_is_refused(desk: Desk) -> None:
    merged_by_mistake(desk)
    found = desk.first("split")
    proposal = desk.split_of(found)
    desk.document.session.do(take(desk.document, proposal, Scope(found.neighborhoods)))
    hierarchy = desk.ground.grown.hierarchy
    under = Suggestion("split", found.neighborhoods, 1.0, "", {}, 2 * len(hierarchy.weights) - 2)
    with pytest.raises(CommandError, match="look for suggestions again"):
        desk.split_of(under)


def test_suggestions_do_not_change_with_the_order_of_asking(desk: Desk) -> None:
    assert desk.all() == desk.all()
    assert [f.score for f in desk.all() if f.kind == "split"] == sorted(
        (f.score for f in desk.all() if f.kind == "split"), reverse=True
    )


def test_the_verb_tells_each_with_its_reason(run, tissue_file: Path) -> None:
    status, lines, errors = run("suggest", tissue_file, "--most", 2)
    assert (status, errors) == (0, [])
    assert lines and all(("merge " in a) or ("split " in a) for a in lines[::2])


def test_the_verb_without_neighborhoods_says_what_to_do(run, phantom_file: Path) -> None:
    status, _, errors = run("suggest", phantom_file)
    assert status == 2 and "find some with discover" in errors[-1]


def test_nothing_to_suggest_is_said() -> None:
    (line,) = suggestions_lines([])
    assert line.startswith("nothing to suggest")
