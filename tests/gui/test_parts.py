"""Proposals that are taken in part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_brain_atlas.gui.parts import leaving_out, part_at, parts_of, rest_of, section_of_part
from napari_brain_atlas.gui.view_state import Suggested
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.proposal import Proposal, ProposedNeighborhood
from napari_brain_atlas.workflow.describing import described
from napari_brain_atlas.workflow.discovery import Scope, take
from napari_brain_atlas.workflow.document import Document, open_document
from napari_brain_atlas.workflow.parts import changes, part_of


@pytest.fixture
def document(tmp_path: Path, _discovered: Path) -> Iterator[Document]:
    import shutil

    path = tmp_path / "tissue.h5ad"
    shutil.copytree(f"{_discovered}.nba", f"{path}.nba")
    with open_document(Path(shutil.copy(_discovered, path))) as opened:
        yield opened


def thirds(document: Document, cells: Any = None) -> Proposal:
    """Three neighborhoods by the place of cells, and some cells of nobody."""
    n = document.atlas.n_cells if cells is None else len(cells)
    labels = (np.arange(n) * 3 // n).astype(np.int32)
    labels[::17] = -1
    proposal = Proposal(labels, np.full(n, 200, np.uint8), (), cells, {"seed": 0})
    return described(proposal, document.atlas, document.session.curation)


def suggested(document: Document, cells: Any = None) -> Suggested:
    return Suggested(thirds(document, cells), Scope())


@pytest.mark.parametrize("taken", [[0], [1], [0, 2], []], ids=str)
@pytest.mark.parametrize("of_all", [True, False], ids=["all cells", "some cells"])
def test_a_part_moves_its_own_cells_and_no_others(
    document: Document, taken: list[int], of_all: bool
) -> None:
    atlas, session = document.atlas, document.session
    before = session.curation.owners_of_cells()
    cells = None if of_all else np.arange(5, atlas.n_cells - 7, 2)
    whole = thirds(document, cells)
    part = part_of(whole, taken, atlas)
    scope = np.arange(atlas.n_cells) if cells is None else cells
    inside = np.isin(whole.labels, taken)
    assert part.cells is not None
    np.testing.assert_array_equal(part.cells, scope[inside])
    assert part.neighborhoods == tuple(whole.neighborhoods[i] for i in taken)
    names = np.array([n.name for n in whole.neighborhoods])
    if taken:
        kept = np.array([n.name for n in part.neighborhoods])
        np.testing.assert_array_equal(kept[part.labels], names[whole.labels[inside]])
        session.do(take(document, part, Scope()))
    after = session.curation.owners_of_cells()
    outside = np.setdiff1d(np.arange(atlas.n_cells), scope[inside])
    np.testing.assert_array_equal(after[outside], before[outside])
    for i in taken:
        owners = np.unique(after[scope[whole.labels == i]])
        assert [session.curation.neighborhood(int(o)).name for o in owners] == [names[i]]


def test_all_of_it_is_the_proposal_itself(document: Document) -> None:
    whole = thirds(document)
    assert part_of(whole, [2, 0, 1], document.atlas) is whole


def test_evidence_says_that_it_was_a_part(document: Document) -> None:
    part = part_of(thirds(document), [1], document.atlas)
    assert dict(part.evidence) == {"seed": 0, "taken": 1, "of": 3}


def test_what_is_left_out_waits_until_nothing_would_change(document: Document) -> None:
    atlas, session = document.atlas, document.session
    staged = leaving_out(suggested(document), {0, 2}, atlas)
    seen = []
    while staged is not None:
        session.do(take(document, staged.proposal, staged.scope))
        rest = rest_of(staged, atlas, session.curation)
        seen.append([n.name for n in staged.proposal.neighborhoods])
        staged = rest and leaving_out(rest, range(1, len(rest.found.neighborhoods)), atlas)
    assert [len(names) for names in seen] == [1, 1, 1]
    assert len({name for names in seen for name in names}) == 3


def test_a_rest_that_is_there_already_does_not_wait(document: Document) -> None:
    curation = document.session.curation
    owners = curation.owners_of_cells()
    here = [i for i in curation.ids.tolist() if i != UNASSIGNED and (owners == i).any()]
    labels = np.searchsorted(here, owners).astype(np.int32)
    labels[owners == UNASSIGNED] = -1
    same = tuple(
        ProposedNeighborhood(name="x", color="#112233", continues=int(identity))
        for identity in here
    )
    proposal = Proposal(labels, np.full(len(labels), 200, np.uint8), same)
    assert not changes(proposal, document.atlas, curation)
    staged = leaving_out(Suggested(proposal, Scope()), {0}, document.atlas)
    assert rest_of(staged, document.atlas, curation) is None


def test_taking_in_again_is_as_if_nothing_was_left_out(document: Document) -> None:
    staged = suggested(document)
    again = leaving_out(leaving_out(staged, {1}, document.atlas), (), document.atlas)
    assert again.proposal is staged.proposal
    assert not again.left_out


def test_the_list_tells_sizes_and_ticks(document: Document) -> None:
    staged = leaving_out(suggested(document), {1}, document.atlas)
    parts = parts_of(staged)
    counted = np.bincount(staged.found.labels[staged.found.labels >= 0])
    assert [part.n_cells for part in parts] == sorted(counted.tolist(), reverse=True)
    assert {part.index: part.taken for part in parts} == {0: True, 1: False, 2: True}


def test_a_cell_knows_what_is_found_for_it(document: Document) -> None:
    cells = np.arange(10, 200, 3)
    staged = suggested(document, cells)
    labels = staged.found.labels
    found = [part_at(staged, int(cell)) for cell in cells]
    assert found == [label if label >= 0 else None for label in labels.tolist()]
    assert [part_at(staged, cell) for cell in (0, 11, document.atlas.n_cells - 1)] == [None] * 3


def test_one_is_shown_where_it_is_largest(document: Document) -> None:
    staged, atlas = suggested(document), document.atlas
    for part in range(3):
        section = atlas.sections[section_of_part(staged, part, atlas)]
        here = [
            (staged.found.labels[s.start : s.start + s.n_cells] == part).sum()
            for s in atlas.sections
        ]
        assert here[section.index] == max(here)


def test_names_that_ran_ahead_are_not_given_twice(document: Document) -> None:
    atlas, session = document.atlas, document.session
    last = part_of(thirds(document), [2], atlas)
    session.do(take(document, last, Scope()))
    names = {n.name for n in session.curation.neighborhoods.values()}
    fresh = [n.name for n in thirds(document).neighborhoods if n.continues is None]
    assert fresh
    assert not names & set(fresh)
