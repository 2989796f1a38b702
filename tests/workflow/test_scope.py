"""Which cells are clustered, and in which words that is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.commands import Repartition, Split
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.workflow.discovery import (
    hierarchy_request,
    load_hierarchy,
    prepare_hierarchy,
    propose,
    take,
)
from napari_brain_atlas.workflow.document import Document, open_document
from napari_brain_atlas.workflow.scope import Picked, Scope

SOME = Picked(np.arange(5, 2900, 7))


@pytest.fixture
def document(tissue_file: Path) -> Iterator[Document]:
    with open_document(tissue_file) as opened:
        yield opened


def largest(document: Document) -> int:
    curation = document.session.curation
    return int(curation.ids[1:][curation.counts.sum(1)[1:].argmax()])


@pytest.mark.parametrize(
    ("scope", "title", "evidence"),
    [
        pytest.param(Scope(), "all cells", "all", id="all"),
        pytest.param(
            Scope((1, 2)), "inside N1, N2", {"neighborhoods": [1, 2]}, id="neighborhoods"
        ),
        pytest.param(Scope(sections=(0, 2)), "on 2 sections", {"sections": [0, 2]}, id="sections"),
        pytest.param(
            Scope(sections=(0, 1, 2), animal="7"), "in animal 7", {"sections": [0, 1, 2]},
            id="animal",
        ),
        pytest.param(
            Scope(picked=SOME), "in the 414 chosen cells", {"chosen_cells": 414}, id="picked"
        ),
        pytest.param(
            Scope((1,), (2,), picked=SOME), "in the 414 chosen cells inside N1 on 1 section",
            {"neighborhoods": [1], "sections": [2], "chosen_cells": 414}, id="everything",
        ),
    ],
)  # fmt: skip
def test_a_scope_in_words(
    document: Document, scope: Scope, title: str, evidence: dict[str, list[int]] | str
) -> None:
    assert scope.title(document.session.curation) == title
    if isinstance(evidence, dict) and "sections" in evidence:
        names = [document.atlas.sections[i].name for i in evidence["sections"]]
        evidence = {**evidence, "sections": names}
    assert scope.as_evidence(document.atlas) == evidence


@pytest.mark.parametrize("neighborhoods", [(), (1,), (1, 3)])
@pytest.mark.parametrize("sections", [(), (1,), (0, 4)])
@pytest.mark.parametrize("picked", [None, SOME])
def test_the_cells_of_a_scope_are_in_all_that_it_names(
    document: Document,
    neighborhoods: tuple[int, ...],
    sections: tuple[int, ...],
    picked: Picked | None,
) -> None:
    atlas, curation = document.atlas, document.session.curation
    expected = np.ones(atlas.n_cells, bool)
    if neighborhoods:
        expected &= np.isin(curation.owners_of_cells(), neighborhoods)
    if sections:
        expected &= np.isin(atlas.section_of(np.arange(atlas.n_cells)), sections)
    if picked is not None:
        expected &= np.isin(np.arange(atlas.n_cells), picked.cells)
    scope = Scope(neighborhoods, sections, picked=picked)
    if not expected.any():
        with pytest.raises(CommandError, match="there is no cell"):
            scope.cells(curation, atlas)
        return
    cells = scope.cells(curation, atlas)
    if scope == Scope():
        assert cells is None
    else:
        np.testing.assert_array_equal(cells, np.flatnonzero(expected))


def test_a_scope_of_an_animal_has_all_its_sections(document: Document) -> None:
    atlas = document.atlas
    animal = atlas.sections[-1].animal
    scope = Scope.of_animal(atlas, animal)
    assert [atlas.sections[i].animal for i in scope.sections] == [animal] * 3


def test_a_scope_of_no_neighborhood_is_refused(document: Document) -> None:
    with pytest.raises(CommandError, match="there is no neighborhood 99"):
        Scope((99,)).cells(document.session.curation, document.atlas)


def test_the_same_cells_are_the_same_scope() -> None:
    assert Scope(picked=SOME) == Scope(picked=Picked(SOME.cells))
    assert Scope(picked=SOME) != Scope(picked=Picked(SOME.cells.copy()))


@pytest.mark.parametrize("kind", ["section", "picked", "part of a neighborhood"])
def test_what_is_found_in_a_scope_leaves_the_rest_alone(document: Document, kind: str) -> None:
    atlas, before = document.atlas, document.session.curation
    mine = largest(document)
    scope = {
        "section": Scope(sections=(1,)),
        "picked": Scope(picked=SOME),
        "part of a neighborhood": Scope((mine,), (0, 1, 2)),
    }[kind]
    request = hierarchy_request(document, scope)
    grown = load_hierarchy(document, prepare_hierarchy(request))
    cells = scope.cells(before, atlas)
    assert cells is not None and grown.hierarchy.n_cells == len(cells)
    proposal = propose(document, grown, CutParameters(8, "leaf"), scope)
    assert len(proposal.neighborhoods) > 1
    command = take(document, proposal, scope)
    assert isinstance(command, Split if scope.splits else Repartition)
    document.session.do(command)
    after = document.session.curation.owners_of_cells()
    outside = np.ones(atlas.n_cells, bool)
    outside[cells] = False
    np.testing.assert_array_equal(after[outside], before.owners_of_cells()[outside])
    assert (after[cells] != before.owners_of_cells()[cells]).any()
