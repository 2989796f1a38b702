from __future__ import annotations

import numpy as np
import pytest

from napari_brain_atlas.gui.arranging import group_command
from napari_brain_atlas.gui.availability import actions_of
from napari_brain_atlas.gui.finding import cells_on, largest_section
from napari_brain_atlas.gui.keeping import kept_to_turns, turns_to_kept
from napari_brain_atlas.gui.turning import AS_MEASURED, Turn
from napari_brain_atlas.gui.view_state import ViewState
from napari_brain_atlas.workflow.document import Document
from napari_brain_atlas.workflow.kept_view import KeptView, LaidSection


def test_turns_are_kept_by_names(document: Document) -> None:
    turns = AS_MEASURED.with_turn(1, Turn(3)).with_turn(4, Turn(2, True))
    kept = turns_to_kept(turns, document.atlas, sheet=False)
    assert [(laid.animal, laid.section) for laid in kept.laid] == [
        (s.animal, s.name) for s in (document.atlas.sections[1], document.atlas.sections[4])
    ]
    assert not kept.sheet
    assert kept_to_turns(kept, document.atlas) == turns


def test_sections_that_are_gone_are_passed_over(document: Document) -> None:
    laid = LaidSection(animal="nobody", section=document.atlas.sections[0].name, quarters=1)
    assert kept_to_turns(KeptView(laid=(laid,)), document.atlas) == AS_MEASURED


@pytest.mark.parametrize("identity", range(1, 9))
def test_the_largest_section_has_most_cells(document: Document, identity: int) -> None:
    curation, atlas = document.session.curation, document.atlas
    owners = curation.owners_of_cells()
    counts = [int((owners[s.cells] == identity).sum()) for s in atlas.sections]
    found = largest_section(curation, (identity,))
    assert found is not None
    assert counts[found] == max(counts)
    assert cells_on(curation, found, (identity,)).sum() == max(counts)


def test_a_group_is_where_those_under_it_are(document: Document) -> None:
    session = document.session
    session.do(group_command(session.curation, (1, 2, 3), "HPF"))
    group = max(session.curation.neighborhoods)
    curation = session.curation
    rows = curation.ids.searchsorted([1, 2, 3])
    found = largest_section(curation, (group,))
    assert found == curation.counts[rows].sum(axis=0).argmax()
    mine = np.isin(curation.owners_on(found), (1, 2, 3))
    np.testing.assert_array_equal(cells_on(curation, found, (group,)), mine)


@pytest.mark.parametrize(
    ("selection", "enabled", "told"),
    [((), False, "select a neighborhood first"), ((0,), False, "no cell"), ((1,), True, "most")],
    ids=["nothing", "nobody", "one"],
)
def test_what_going_there_needs(
    document: Document, selection: tuple[int, ...], enabled: bool, told: str
) -> None:
    curation = document.session.curation
    assert not curation.counts[curation.ids == 0].any()
    visit = actions_of(document.session.history, ViewState(selection=selection)).visit
    assert visit.enabled is enabled
    assert told in visit.tip
