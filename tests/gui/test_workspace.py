from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest_window import largest_here, loneliest_cell, settle
from hands import CTRL, LEFT, NONE, SHIFT, Key, click_cell, click_row, index_of, pixel_at, press
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QDockWidget

from napari_brain_atlas.gui.guide import canvas_pixel, move_mouse
from napari_brain_atlas.gui.panels.neighborhood_model import COLOR_ROLE, ID_ROLE
from napari_brain_atlas.gui.workspace import Workspace, workspace_of
from napari_brain_atlas.model.commands import Merge
from napari_brain_atlas.workflow.document import open_document

# -- what is seen ----------------------------------------------------------


def test_a_lonely_cell_is_shown_where_it_is_in_the_color_of_its_row(workspace: Workspace) -> None:
    for identity in largest_here(workspace, 3):
        place = canvas_pixel(workspace, *loneliest_cell(workspace, identity))
        swatch = index_of(workspace, identity).data(COLOR_ROLE)
        shown = "#{:02x}{:02x}{:02x}".format(*pixel_at(workspace, place)[:3])
        assert shown == swatch


def test_a_merge_recolors_the_tissue(workspace: Workspace) -> None:
    into, gone = largest_here(workspace)
    place = canvas_pixel(workspace, *loneliest_cell(workspace, gone))
    before = pixel_at(workspace, place)
    workspace.curator.do(Merge(neighborhoods=(into, gone), into=into))
    settle(workspace)
    after = pixel_at(workspace, place)
    color = workspace.stage.curation.neighborhood(into).color
    assert after != before
    assert "#{:02x}{:02x}{:02x}".format(*after[:3]) == color


def test_the_layer_lies_in_micrometres(workspace: Workspace) -> None:
    layer = workspace.docks.tissue.layer
    section = workspace.atlas.sections[0]
    low, high = layer.extent.world
    xy = workspace.atlas.xy[section.cells]
    spacing = workspace.docks.drawings.of(0).spacing
    np.testing.assert_allclose(low[::-1], xy.min(axis=0), atol=2 * spacing)
    np.testing.assert_allclose(high[::-1], xy.max(axis=0), atol=2 * spacing)
    assert {str(u) for u in layer.units} == {"micrometer"}


# -- sections --------------------------------------------------------------


def test_sections_are_passed_in_order_by_keys_and_buttons(workspace: Workspace) -> None:
    press(workspace, Key.Key_PageDown)
    assert workspace.view.section == 1
    QTest.mouseClick(workspace.docks.sections.next, LEFT)
    assert workspace.view.section == 2
    QTest.mouseClick(workspace.docks.sections.previous, LEFT)
    press(workspace, Key.Key_PageUp)
    press(workspace, Key.Key_PageUp)
    assert workspace.view.section == 0
    positions = [s.position for s in workspace.atlas.sections[:3]]
    assert positions == sorted(positions, reverse=True)


def test_the_slider_shows_a_section(workspace: Workspace) -> None:
    workspace.docks.sections.slider.setValue(4)
    assert workspace.view.section == 4
    assert "section 2 of 3" in workspace.docks.floating.title.text()
    low, high = workspace.docks.tissue.layer.extent.world
    xy = workspace.atlas.xy[workspace.atlas.sections[4].cells]
    spacing = workspace.docks.drawings.of(4).spacing
    np.testing.assert_allclose(low[::-1], xy.min(axis=0), atol=2 * spacing)
    np.testing.assert_allclose(high[::-1], xy.max(axis=0), atol=2 * spacing)


# -- selection -------------------------------------------------------------


def test_one_selection_for_tissue_and_table(workspace: Workspace) -> None:
    first, second = largest_here(workspace)
    click_cell(workspace, second)
    assert workspace.view.selection == (second,)
    rows = workspace.docks.neighborhoods.table.selectionModel().selectedRows()
    assert [i.data(ID_ROLE) for i in rows] == [second]
    click_cell(workspace, first, SHIFT)
    assert workspace.view.selection == (second, first)
    click_cell(workspace, second, SHIFT)
    assert workspace.view.selection == (first,)
    click_row(workspace, second)
    assert workspace.view.selection == (second,)
    click_row(workspace, first, CTRL)
    assert workspace.view.selection == (second, first)


def test_escape_clears_and_alt_left_returns(workspace: Workspace) -> None:
    first, _ = largest_here(workspace)
    click_cell(workspace, first)
    press(workspace, Key.Key_Escape)
    assert workspace.view.selection == ()
    press(workspace, Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert workspace.view.selection == (first,)


def test_a_click_beside_the_tissue_clears(workspace: Workspace) -> None:
    click_cell(workspace, largest_here(workspace)[0])
    QTest.mouseClick(workspace.docks.canvas, LEFT, NONE, QPoint(2, 2))
    assert workspace.view.selection == ()


def test_a_drag_moves_the_tissue_and_selects_nothing(workspace: Workspace) -> None:
    canvas = workspace.docks.canvas
    start = canvas_pixel(workspace, *loneliest_cell(workspace, largest_here(workspace)[0]))
    center = workspace.viewer.scene.camera.center
    QTest.mousePress(canvas, LEFT, NONE, start)
    for step in (10, 30, 60):
        move_mouse(canvas, start + QPoint(step, 0), LEFT)
        QApplication.processEvents()
    QTest.mouseRelease(canvas, LEFT, NONE, start + QPoint(60, 0))
    assert workspace.view.selection == ()
    assert workspace.viewer.scene.camera.center != center


def test_what_the_filter_hides_stays_selected(workspace: Workspace) -> None:
    first, _ = largest_here(workspace)
    click_row(workspace, first)
    workspace.docks.neighborhoods.filter.setText("nothing is called so")
    assert workspace.view.selection == (first,)
    workspace.docks.neighborhoods.filter.clear()
    rows = workspace.docks.neighborhoods.table.selectionModel().selectedRows()
    assert [i.data(ID_ROLE) for i in rows] == [first]


def test_hovering_tells_the_cell(workspace: Workspace, qtbot: Any) -> None:
    identity = largest_here(workspace)[0]
    place = canvas_pixel(workspace, *loneliest_cell(workspace, identity))
    move_mouse(workspace.docks.canvas, place)
    name = workspace.stage.curation.neighborhood(identity).name
    qtbot.waitUntil(lambda: f" {name} (" in workspace.docks.sections.status.text(), timeout=3000)
    assert workspace.docks.sections.status.text().startswith("cell ")


def test_a_narrow_canvas_is_left_to_the_tissue(workspace: Workspace) -> None:
    floating, window = workspace.docks.floating, workspace.docks.window
    assert floating.legend.isVisible()
    window.resize(700, 600)
    settle(workspace)
    assert not floating.legend.isVisible()
    window.resize(1280, 800)
    settle(workspace)
    assert floating.legend.isVisible()
    assert not floating.legend.geometry().intersects(floating.title.geometry())


# -- life ------------------------------------------------------------------


def test_a_panel_that_fails_does_not_stop_the_others(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a panel is broken")

    monkeypatch.setattr(workspace.docks.tissue, "draw", fail)
    workspace.curator.rename(1, "CA1")
    assert workspace.stage.curation.neighborhood(1).name == "CA1"
    assert index_of(workspace, 1).data() == "CA1"
    assert "a panel is broken" in caplog.text


def test_a_hidden_panel_is_drawn_when_it_comes_back(workspace: Workspace) -> None:
    history = workspace.docks.history
    dock = workspace.docks.window.findChild(QDockWidget, "History")
    dock.close()
    workspace.curator.rename(1, "CA1")
    assert history.list.count() == 0
    dock.show()
    settle(workspace)
    assert [history.list.item(i).text() for i in range(history.list.count())] == [
        "Renamed 'N1' to 'CA1'"
    ]


def test_a_deleted_layer_comes_back_with_the_next_drawing(workspace: Workspace) -> None:
    workspace.viewer.layers.clear()
    press(workspace, Key.Key_PageDown)
    assert [layer.name for layer in workspace.viewer.layers] == ["tissue"]


def test_closing_lets_others_write_and_leaves_the_window_as_it_was(
    workspace: Workspace, tissue_file: Path
) -> None:
    viewer = workspace.viewer
    workspace.curator.rename(1, "CA1")
    workspace.close()
    assert len(viewer.layers) == 0
    assert viewer.mouse_drag_callbacks == [] or all(
        "pointer" not in c.__module__ for c in viewer.mouse_drag_callbacks
    )
    assert workspace_of(viewer) is None
    assert not viewer.window.dock_widgets
    with open_document(tissue_file) as again:
        again.lock()
        assert again.session.curation.neighborhood(1).name == "CA1"


def test_closing_the_window_closes_the_document(
    make_napari_viewer: Callable[..., Any], tissue_file: Path
) -> None:
    viewer = make_napari_viewer(show=True)
    Workspace(viewer, open_document(tissue_file)).curator.rename(1, "CA1")
    viewer.close()
    with open_document(tissue_file) as again:
        again.lock()


def test_a_second_file_takes_the_place_of_the_first(
    workspace: Workspace, phantom_file: Path
) -> None:
    second = Workspace(workspace.viewer, open_document(phantom_file))
    try:
        assert workspace_of(workspace.viewer) is second
        assert len(workspace.viewer.layers) == 1
    finally:
        second.close()


def test_what_was_replayed_is_told_when_a_file_is_opened_again(
    make_napari_viewer: Callable[..., Any], tissue_file: Path
) -> None:
    with open_document(tissue_file) as first:
        first.session.do(Merge(neighborhoods=(1, 2), into=1))
    opened = Workspace(make_napari_viewer(show=True), open_document(tissue_file))
    assert "Replayed 1 decision" in opened.docks.floating.notice.text()
    opened.close()
