"""One stroke on several sections: what it chooses there, and how it is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from choices import in_rectangle, largest, place_on, rectangle
from hands import CTRL, LEFT, NONE, Key, press
from mouse import drag, ring, seen_in, staged
from numpy.typing import NDArray
from qtpy.QtCore import QPoint
from qtpy.QtTest import QTest

from napari_brain_atlas.compute.cell_grid import CellGrid, grid_cells
from napari_brain_atlas.gui.chosen import Drawn, choose, evidence_of
from napari_brain_atlas.gui.joined import ALONE, drawn_on, told, with_section
from napari_brain_atlas.gui.overview import middle_of, overview_of
from napari_brain_atlas.gui.tool import Stroke
from napari_brain_atlas.gui.turning import AS_MEASURED, Turn, Turns
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.workflow.document import Document

HERE, OTHERS = 1, (0, 2)


def grid_on(document: Document, section: int) -> CellGrid:
    return grid_cells(document.atlas.xy[document.atlas.sections[section].cells])


def spread(
    document: Document, stroke: Stroke, turns: Turns = AS_MEASURED, scope: tuple[int, ...] = ()
) -> list[Drawn]:
    first = Drawn(place_on(document, HERE, *scope), stroke)
    return drawn_on(
        (0, HERE, 2), first, document.atlas, document.session.curation, turns,
        lambda section: grid_on(document, section),
    )  # fmt: skip


def test_a_stroke_chooses_at_the_same_place_of_all_joined_sections(document: Document) -> None:
    stroke = rectangle(document, 0.5, section=HERE)
    chosen = choose(spread(document, stroke))
    assert chosen is not None
    by_hand = set().union(*(in_rectangle(document, stroke, s) for s in (0, 1, 2)))
    assert set(chosen.cells.tolist()) == by_hand
    assert (np.diff(chosen.cells) > 0).all()
    names = [told["section"] for told in evidence_of(chosen, document.atlas)["strokes"]]
    assert names == [document.atlas.sections[s].name for s in (HERE, *OTHERS)]


def test_what_is_taken_away_is_taken_from_all_joined_sections(document: Document) -> None:
    whole, part = rectangle(document, 0.7), rectangle(document, 0.3, "subtract")
    chosen = choose(spread(document, part), choose(spread(document, whole)))
    assert chosen is not None
    left = [in_rectangle(document, whole, s) - in_rectangle(document, part, s) for s in range(3)]
    assert set(chosen.cells.tolist()) == set().union(*left)


def test_a_cut_takes_the_same_side_on_all_joined_sections(document: Document) -> None:
    curation, atlas = document.session.curation, document.atlas
    mine = largest(curation)
    xy = {s: atlas.xy[atlas.sections[s].cells][curation.owners_on(s) == mine] for s in range(3)}
    # Left of this line lies less than right of it, on all together.
    x = float(np.quantile(np.concatenate(list(xy.values()))[:, 0], 0.3))
    stroke = Stroke("cut", ((x, -1.0), (x, 1e5)))
    chosen = choose(spread(document, stroke, scope=(mine,)))
    assert chosen is not None
    places: NDArray[np.float32] = atlas.xy[chosen.cells]
    assert len(places) == sum(int((part[:, 0] < np.float32(x)).sum()) for part in xy.values())
    assert (places[:, 0] < np.float32(x)).all()


@pytest.mark.parametrize("laid", [Turn(1), Turn(3, flipped=True), Turn(0, flipped=True)])
def test_a_stroke_goes_to_where_it_would_be_seen(document: Document, laid: Turn) -> None:
    turns = AS_MEASURED.with_turn(HERE, laid)
    stroke = Stroke("lasso", ((100.0, 40.0), (300.0, 80.0), (120.0, 400.0)))
    here, *others = spread(document, stroke, turns)
    middle = middle_of(overview_of(grid_on(document, HERE)))
    for other in others:
        seen = laid.about(here.stroke.points, middle)
        np.testing.assert_allclose(other.stroke.points, seen, atol=1e-6)
        assert other.mirrored == laid.flipped


def test_sections_that_are_turned_alike_are_drawn_on_where_they_are_seen_alike(
    document: Document,
) -> None:
    laid, turns = Turn(2, flipped=True), AS_MEASURED
    for section in range(3):
        turns = turns.with_turn(section, laid)
    stroke = Stroke("lasso", ((100.0, 40.0), (300.0, 80.0), (120.0, 400.0)))
    seen = [
        laid.about(d.stroke.points, middle_of(overview_of(d.place.grid)))
        for d in spread(document, stroke, turns)
    ]
    np.testing.assert_allclose(seen[1], seen[0], atol=1e-6)
    np.testing.assert_allclose(seen[2], seen[0], atol=1e-6)
    assert not any(d.mirrored for d in spread(document, stroke, turns))


def test_joining_twice_is_not_joining() -> None:
    assert with_section(with_section((1,), 4), 1) == (4,)
    assert told((3,), 3) == told((), 0) == ALONE
    assert "2 sections beside the one shown" in told((1, 2, 3), 1)


def click_picture(workspace: Workspace, section: int, held: Any = NONE) -> None:
    strip = workspace.docks.sections.sheet.strips[0]
    place: QPoint = strip.place_of(section).center()
    QTest.mouseClick(strip.viewport(), LEFT, held, place)


def test_a_lasso_reaches_the_pictures_that_were_clicked_with_ctrl(workspace: Workspace) -> None:
    shown = workspace.view.section
    others = [s.index for s in workspace.atlas.sections if s.index != shown][:2]
    for section in others:
        click_picture(workspace, section, CTRL)
    assert workspace.view.section == shown
    assert workspace.view.joined == tuple(others)
    press(workspace, Key.Key_S)
    path = ring(workspace)
    drag(workspace, path)
    sections = set(workspace.atlas.section_of(staged(workspace).cells).tolist())
    assert sections == {shown, *others}
    here = workspace.atlas.sections[shown]
    mine = [c for c in staged(workspace).cells.tolist() if here.start <= c < here.stop]
    assert set(mine) == seen_in(workspace, path)
    assert "on 3 sections" in workspace.docks.floating.details.text()
    press(workspace, Key.Key_Return)
    press(workspace, Key.Key_Z, CTRL)
    press(workspace, Key.Key_Escape)
    assert workspace.view.joined == ()


def test_a_click_still_goes_to_a_section(workspace: Workspace) -> None:
    click_picture(workspace, 1, CTRL)
    click_picture(workspace, 1)
    assert workspace.view.section == 1 and workspace.view.joined == (1,)
    click_picture(workspace, 1, CTRL)
    assert workspace.view.joined == ()
