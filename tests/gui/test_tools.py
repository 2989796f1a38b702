"""The tools in the window, with real mouse events and keys."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from conftest_window import largest_here
from hands import CTRL, LEFT, SHIFT, Key, click_row, press, sentence
from mouse import (
    ALT,
    MOVE,
    NO_BUTTON,
    PRESS,
    RELEASE,
    TWICE,
    at,
    click,
    drag,
    ring,
    seen_in,
    send,
    staged,
    turn_wheel,
)
from qtpy.QtCore import QPoint, QPointF
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_brain_atlas.compute.cell_grid import grid_cells
from napari_brain_atlas.compute.selecting import cells_in_polygon
from napari_brain_atlas.gui.tool import KINDS
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.commands import Lock

# -- drawing ---------------------------------------------------------------


def test_a_lasso_chooses_what_lies_in_it_and_the_camera_stays(workspace: Workspace) -> None:
    camera = workspace.viewer.scene.camera
    before, start = (camera.zoom, camera.center), workspace.stage.curation
    press(workspace, Key.Key_S)
    path = ring(workspace)
    drag(workspace, path)
    assert (camera.zoom, camera.center) == before
    inside = seen_in(workspace, path)
    assert set(staged(workspace).cells.tolist()) == inside
    assert workspace.stage.curation is start
    assert not workspace.docks.floating.strip.isHidden()
    assert f"{len(staged(workspace).cells):,} cells" in workspace.docks.floating.details.text()
    press(workspace, Key.Key_Return)
    born = start.next_id
    assert set(workspace.stage.curation.cells_of(born).tolist()) == inside
    press(workspace, Key.Key_Z, CTRL)
    assert born not in workspace.stage.curation.neighborhoods


@pytest.mark.parametrize(
    ("held", "combine"),
    [
        pytest.param(SHIFT, set.union, id="shift"),
        pytest.param(ALT, set.difference, id="alt"),
        pytest.param(CTRL, set.difference, id="ctrl"),
        pytest.param(SHIFT | ALT, set.intersection, id="shift and alt"),
    ],
)
def test_keys_add_take_away_and_intersect(workspace: Workspace, held: Any, combine: Any) -> None:
    press(workspace, Key.Key_S)
    one, other = ring(workspace, 0.5), ring(workspace, 0.6)
    drag(workspace, one)
    drag(workspace, other, held)
    known = combine(seen_in(workspace, one), seen_in(workspace, other))
    assert known and set(staged(workspace).cells.tolist()) == known


def test_a_polygon_is_clicked_corner_by_corner(workspace: Workspace) -> None:
    press(workspace, Key.Key_P)
    corners = [at(workspace, *p) for p in ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.3, 0.3))]
    for place in corners:
        click(workspace, place)
    press(workspace, Key.Key_Backspace)
    last = at(workspace, 0.4, 0.6)
    click(workspace, last)
    assert workspace.view.staged is None
    press(workspace, Key.Key_Return)
    assert set(staged(workspace).cells.tolist()) == seen_in(workspace, [*corners[:3], last])
    # The next Enter takes it.
    press(workspace, Key.Key_Return)
    assert workspace.view.staged is None and len(workspace.stage.history.past) == 1


@pytest.mark.parametrize("way", ["double click", "first corner"])
def test_a_polygon_is_closed_by_the_mouse(workspace: Workspace, way: str) -> None:
    press(workspace, Key.Key_P)
    corners = [at(workspace, *p) for p in ((0.4, 0.4), (0.6, 0.4), (0.5, 0.6))]
    for place in corners:
        click(workspace, place)
    if way == "double click":
        send(workspace, TWICE, corners[-1], LEFT, LEFT)
        send(workspace, RELEASE, corners[-1], LEFT)
    else:
        click(workspace, corners[0] + QPoint(3, 2))
    assert set(staged(workspace).cells.tolist()) == seen_in(workspace, corners)
    assert workspace.choosing.sketch.draft is None


def test_a_corner_stays_on_the_tissue_when_the_wheel_zooms(
    workspace: Workspace, qtbot: Any
) -> None:
    press(workspace, Key.Key_P)
    corners = [at(workspace, *p) for p in ((0.4, 0.4), (0.6, 0.4), (0.5, 0.6))]
    for place in corners:
        click(workspace, place)
    known, zoom = seen_in(workspace, corners), workspace.viewer.scene.camera.zoom
    turn_wheel(workspace, corners[0])
    qtbot.waitUntil(lambda: workspace.viewer.scene.camera.zoom != zoom)
    press(workspace, Key.Key_Return)
    assert set(staged(workspace).cells.tolist()) == known


def test_a_cut_splits_the_smaller_side_off(workspace: Workspace) -> None:
    largest = largest_here(workspace)[0]
    before = workspace.stage.curation
    click_row(workspace, largest)
    press(workspace, Key.Key_X)
    section = workspace.atlas.sections[workspace.view.section]
    mine = before.owners_on(section.index) == largest
    x, y = np.quantile(workspace.atlas.xy[section.cells][mine], 0.3, axis=0).tolist()
    pixel = QPointF(*workspace.choosing.sketch._sight.view().place([(x, y)])[0].tolist()).toPoint()
    drag(workspace, [pixel + QPoint(0, step) for step in range(-30, 31, 5)])
    assert staged(workspace).splits == largest
    press(workspace, Key.Key_Return)
    assert sentence(workspace).startswith("Split ")
    after = workspace.stage.curation
    assert 0 < after.n_cells(before.next_id) < after.n_cells(largest)


def test_a_cut_without_a_neighborhood_says_what_it_needs(workspace: Workspace) -> None:
    press(workspace, Key.Key_X)
    drag(workspace, [at(workspace, 0.3, 0.5), at(workspace, 0.5, 0.5), at(workspace, 0.7, 0.5)])
    assert "select one neighborhood" in workspace.docks.floating.notice.text()
    assert workspace.view.staged is None


def test_a_brush_has_the_size_that_is_seen(workspace: Workspace) -> None:
    press(workspace, Key.Key_B)
    press(workspace, Key.Key_BracketRight)
    radius, center = workspace.view.brush, at(workspace, 0.5, 0.5)
    assert radius == 30
    click(workspace, center)
    turns = np.linspace(0, 2 * math.pi, 720, endpoint=False)
    sheet = workspace.choosing.sketch
    rim = [
        sheet._sight.point(QPointF(center) + QPointF(radius * math.cos(t), radius * math.sin(t)))
        for t in turns
    ]
    section = workspace.atlas.sections[workspace.view.section]
    known = cells_in_polygon(grid_cells(workspace.atlas.xy[section.cells]), rim) + section.start
    # A polygon of 720 corners is nearly a circle.
    assert len(set(staged(workspace).cells.tolist()) ^ set(known.tolist())) <= 1


def test_on_a_turned_section_the_outline_is_turned_back(workspace: Workspace) -> None:
    press(workspace, Key.Key_R)
    press(workspace, Key.Key_F)
    press(workspace, Key.Key_E)
    corners = [at(workspace, 0.4, 0.45), at(workspace, 0.5, 0.5), at(workspace, 0.65, 0.6)]
    drag(workspace, corners)
    one, other = corners[0], corners[-1]
    known = seen_in(
        workspace, [one, QPoint(other.x(), one.y()), other, QPoint(one.x(), other.y())]
    )
    assert known and set(staged(workspace).cells.tolist()) == known


# -- scope and outcome -----------------------------------------------------


def test_with_a_selection_only_its_cells_are_chosen(workspace: Workspace) -> None:
    largest = largest_here(workspace)[0]
    click_row(workspace, largest)
    press(workspace, Key.Key_S)
    path = ring(workspace, radius=0.3)
    drag(workspace, path)
    owners = workspace.stage.curation.owners_of_cells()
    known = {c for c in seen_in(workspace, path) if owners[c] == largest}
    assert known and set(staged(workspace).cells.tolist()) == known


def test_chosen_cells_go_into_the_one_selected_by_key_and_button(workspace: Workspace) -> None:
    press(workspace, Key.Key_S)
    drag(workspace, ring(workspace, radius=0.3))
    cells, owners = staged(workspace).cells, staged(workspace).owners
    assert len(owners) > 1
    assert workspace.docks.floating.other.isHidden()
    into = owners[-1]
    click_row(workspace, into)
    assert not workspace.docks.floating.other.isHidden()
    press(workspace, Key.Key_M)
    assert staged(workspace).becomes.id == into
    QTest.mouseClick(workspace.docks.floating.other, LEFT)
    assert staged(workspace).becomes.id not in workspace.stage.curation.neighborhoods
    QTest.mouseClick(workspace.docks.floating.other, LEFT)
    press(workspace, Key.Key_Return)
    assert (workspace.stage.curation.owners_of_cells()[cells] == into).all()
    assert sentence(workspace).startswith("Moved ")


def test_the_strip_has_room_for_its_words_beside_three_buttons(workspace: Workspace) -> None:
    press(workspace, Key.Key_S)
    drag(workspace, ring(workspace, radius=0.3))
    into = staged(workspace).owners[-1]
    workspace.stage.select((into,))
    floating = workspace.docks.floating
    # A canvas as it is beside docks in the smallest window.
    floating._wrap_strip(430)
    floating.strip.resize(430, floating.strip.heightForWidth(430))
    QApplication.processEvents()
    assert floating.details.wordWrap()
    for words in (floating.said, floating.details):
        assert words.height() >= words.heightForWidth(words.width())
    assert not floating.said.geometry().intersects(floating.details.geometry())


def test_a_lock_refuses_and_offers_the_remedy(workspace: Workspace) -> None:
    largest = largest_here(workspace)[0]
    workspace.curator.do(Lock(neighborhoods=(largest,)))
    click_row(workspace, largest)
    press(workspace, Key.Key_S)
    drag(workspace, ring(workspace, radius=0.15))
    press(workspace, Key.Key_Return)
    notice = workspace.view.notice
    assert notice is not None and notice.error and notice.remedy is not None
    press(workspace, Key.Key_Return, SHIFT)
    assert workspace.stage.curation.lock_on(largest) is None
    assert "split" in sentence(workspace)


# -- tools -----------------------------------------------------------------


def test_every_tool_has_a_button_a_key_and_a_tip(workspace: Workspace) -> None:
    for tool, kind in KINDS.items():
        press(workspace, Key[f"Key_{kind.key}"])
        assert workspace.view.tool == tool
        assert workspace.choosing.tools.buttons[tool].isChecked()
        press(workspace, Key.Key_V)
        button = workspace.choosing.tools.buttons[tool]
        QTest.mouseClick(button, LEFT)
        assert workspace.view.tool == tool
        assert f"({kind.key})" in button.toolTip()


def test_escape_leaves_the_outline_before_what_is_staged(workspace: Workspace) -> None:
    press(workspace, Key.Key_S)
    drag(workspace, ring(workspace))
    kept = staged(workspace)
    press(workspace, Key.Key_P)
    click(workspace, at(workspace, 0.5, 0.5))
    press(workspace, Key.Key_Escape)
    assert workspace.choosing.sketch.draft is None and workspace.view.staged is kept
    press(workspace, Key.Key_Escape)
    assert workspace.view.staged is None
    assert workspace.view.tool == "polygon"


def test_a_click_with_a_lasso_selects_as_ever_and_pan_pans(
    workspace: Workspace, qtbot: Any
) -> None:
    press(workspace, Key.Key_S)
    click(workspace, at(workspace, 0.5, 0.5))
    assert len(workspace.view.selection) == 1 and workspace.view.staged is None
    press(workspace, Key.Key_V)
    before = workspace.viewer.scene.camera.center
    drag(workspace, [at(workspace, 0.5, 0.5), at(workspace, 0.55, 0.55), at(workspace, 0.6, 0.6)])
    qtbot.waitUntil(lambda: workspace.viewer.scene.camera.center != before)


def test_what_is_under_the_pointer_is_told_with_a_tool_in_hand(workspace: Workspace) -> None:
    press(workspace, Key.Key_S)
    send(workspace, MOVE, at(workspace, 0.49, 0.49))
    send(workspace, MOVE, at(workspace, 0.5, 0.5))
    assert "cell " in workspace.docks.sections.status.text()


def test_the_outline_is_seen_while_it_is_drawn(workspace: Workspace) -> None:
    press(workspace, Key.Key_E)
    one, other = at(workspace, 0.4, 0.4), at(workspace, 0.6, 0.6)
    send(workspace, PRESS, one, LEFT, LEFT)
    send(workspace, MOVE, at(workspace, 0.5, 0.5), NO_BUTTON, LEFT)
    send(workspace, MOVE, other, NO_BUTTON, LEFT)
    picture = workspace.choosing.sketch.grab().toImage()
    side = QPoint(one.x(), (one.y() + other.y()) // 2)
    assert picture.pixelColor(side).lightness() > 150
    assert workspace.view.staged is None
    send(workspace, RELEASE, other, LEFT)
    assert staged(workspace)
