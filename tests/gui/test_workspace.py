from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pytest
from conftest_window import largest_here, loneliest_cell, settle
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QDockWidget, QLineEdit

from napari_brain_atlas.gui.demo import canvas_pixel, move_mouse
from napari_brain_atlas.gui.panels.neighborhood_model import COLOR_ROLE, ID_ROLE, NAME
from napari_brain_atlas.gui.view_state import Merging
from napari_brain_atlas.gui.workspace import Workspace, workspace_of
from napari_brain_atlas.model.commands import Merge
from napari_brain_atlas.workflow.document import open_document

Key = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


def press(workspace: Workspace, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(workspace.docks.canvas, key, held)


def click_cell(workspace: Workspace, identity: int, held: Qt.KeyboardModifier = NONE) -> None:
    place = canvas_pixel(workspace, *loneliest_cell(workspace, identity))
    move_mouse(workspace.docks.canvas, place)
    QTest.mouseClick(workspace.docks.canvas, LEFT, held, place)


def row_of(workspace: Workspace, identity: int) -> int:
    proxy = workspace.docks.neighborhoods.proxy
    return next(r for r in range(proxy.rowCount()) if proxy.index(r, 0).data(ID_ROLE) == identity)


def click_row(workspace: Workspace, identity: int, held: Qt.KeyboardModifier = NONE) -> None:
    table = workspace.docks.neighborhoods.table
    index = table.model().index(row_of(workspace, identity), NAME)
    table.scrollTo(index)
    QTest.mouseClick(table.viewport(), LEFT, held, table.visualRect(index).center())


def pixel_at(workspace: Workspace, place: QPoint) -> tuple[int, ...]:
    """What the canvas shows, read back from the framebuffer."""
    picture = workspace.viewer.screenshot(canvas_only=True, flash=False)
    scale = picture.shape[1] / workspace.docks.canvas.width()
    return tuple(int(v) for v in picture[round(place.y() * scale), round(place.x() * scale)])


# -- what is seen ----------------------------------------------------------


def test_a_lonely_cell_is_shown_where_it_is_in_the_color_of_its_row(workspace: Workspace) -> None:
    for identity in largest_here(workspace, 3):
        place = canvas_pixel(workspace, *loneliest_cell(workspace, identity))
        proxy = workspace.docks.neighborhoods.proxy
        swatch = proxy.index(row_of(workspace, identity), 0).data(COLOR_ROLE)
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
    layer = workspace.docks.tissue.layer
    assert layer.data.shape[:2] == workspace.docks.drawings.of(4).raster.cells.shape


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


# -- edits -----------------------------------------------------------------


@pytest.mark.parametrize("place", ["canvas", "table"])
def test_merge_by_keys_changes_nothing_before_enter(workspace: Workspace, place: str) -> None:
    first, second = largest_here(workspace)
    click_row(workspace, second)
    click_row(workspace, first, CTRL)
    focus = {"canvas": workspace.docks.canvas, "table": workspace.docks.neighborhoods.table}[place]
    before = workspace.stage.curation
    QTest.keyClick(focus, Key.Key_G)
    assert workspace.view.staged == Merging((second, first))
    assert workspace.stage.curation is before
    assert not workspace.docks.floating.strip.isHidden()
    QTest.keyClick(focus, Key.Key_Escape)
    assert workspace.view.staged is None
    assert workspace.view.selection == (second, first)
    QTest.keyClick(focus, Key.Key_G)
    QTest.keyClick(focus, Key.Key_Return)
    after = workspace.stage.curation
    assert first not in after.neighborhoods
    assert after.n_cells(second) == before.n_cells(first) + before.n_cells(second)
    assert workspace.view.selection == (second,)
    assert workspace.docks.floating.strip.isHidden()


def test_undo_and_redo_by_keys_and_buttons(workspace: Workspace) -> None:
    start = workspace.stage.curation
    workspace.curator.do(Merge(neighborhoods=(1, 2), into=1))
    merged = workspace.stage.curation
    press(workspace, Key.Key_Z, CTRL)
    np.testing.assert_array_equal(workspace.stage.curation.owners, start.owners)
    press(workspace, Key.Key_Z, CTRL | SHIFT)
    np.testing.assert_array_equal(workspace.stage.curation.owners, merged.owners)
    button = workspace.docks.actions.button("undo")
    assert button.text() == "Undo merge"
    QTest.mouseClick(button, LEFT)
    press(workspace, Key.Key_Y, CTRL)
    assert 2 not in workspace.stage.curation.neighborhoods


def test_a_name_is_typed_in_the_table_and_its_letters_are_no_keys(
    workspace: Workspace, qtbot: Any
) -> None:
    identity = largest_here(workspace)[0]
    click_row(workspace, identity)
    press(workspace, Key.Key_F2)
    editor = workspace.docks.neighborhoods.table.findChild(QLineEdit)
    editor.selectAll()
    # G, K and L mean something elsewhere in the window.
    QTest.keyClicks(editor, "GKL layer")
    QTest.keyClick(editor, Key.Key_Return)
    qtbot.waitUntil(lambda: bool(workspace.stage.history.past), timeout=3000)
    assert workspace.stage.curation.neighborhood(identity).name == "GKL layer"
    assert workspace.view.work is None and workspace.view.staged is None
    proxy = workspace.docks.neighborhoods.proxy
    assert proxy.index(row_of(workspace, identity), NAME).data() == "GKL layer"


def test_escape_leaves_a_name_as_it_was(workspace: Workspace) -> None:
    identity = largest_here(workspace)[0]
    click_row(workspace, identity)
    press(workspace, Key.Key_L)
    editor = workspace.docks.neighborhoods.table.findChild(QLineEdit)
    QTest.keyClicks(editor, "x")
    QTest.keyClick(editor, Key.Key_Escape)
    assert workspace.stage.history.past == ()
    assert workspace.view.selection == (identity,)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        pytest.param(Key.Key_G, "select two or more", id="merge"),
        pytest.param(Key.Key_K, "select one neighborhood", id="split"),
        pytest.param(Key.Key_F2, "select one neighborhood", id="rename"),
    ],
)
def test_a_key_that_can_do_nothing_says_what_it_needs(
    workspace: Workspace, key: Qt.Key, told: str
) -> None:
    press(workspace, key)
    assert told in workspace.docks.floating.notice.text()
    assert workspace.stage.history.past == ()


def test_a_refused_command_is_one_line_and_changes_nothing(workspace: Workspace) -> None:
    before = workspace.stage.curation
    workspace.curator.do(Merge(neighborhoods=(1, 99), into=1))
    assert workspace.stage.curation is before
    assert "there is no neighborhood 99" in workspace.docks.floating.notice.text()
    assert not workspace.docks.floating.notice.isHidden()
    press(workspace, Key.Key_Escape)
    assert workspace.docks.floating.notice.isHidden()


def test_a_color_is_chosen_by_its_swatch_and_never_grey(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qtpy.QtGui import QColor
    from qtpy.QtWidgets import QColorDialog

    identity = largest_here(workspace)[0]
    table = workspace.docks.neighborhoods.table
    index = table.model().index(row_of(workspace, identity), 0)
    for chosen in ("#777777", "#12ab34"):
        monkeypatch.setattr(QColorDialog, "getColor", lambda *_, c=chosen: QColor(c))
        table.doubleClicked.emit(index)
    assert workspace.stage.curation.neighborhood(identity).color == "#12ab34"
    assert len(workspace.stage.history.past) == 1


def test_save_writes_what_is_seen(workspace: Workspace, qtbot: Any) -> None:
    workspace.curator.rename(1, "CA1")
    assert workspace.docks.sections.saved.text() == "not saved yet"
    press(workspace, Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: workspace.view.saved and workspace.view.work is None, timeout=30_000)
    assert workspace.docks.sections.saved.text() == "saved ✓"
    assert "CA1" in set(anndata.read_h5ad(workspace.document.path).obs["neighborhood"])
    workspace.curator.undo()
    assert not workspace.view.saved


def test_a_save_that_fails_is_told(
    workspace: Workspace, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_brain_atlas.errors import WriteError

    def fail(*_: object, **__: object) -> Path:
        raise WriteError("tissue.h5ad: the disk is full")

    monkeypatch.setattr(workspace.document, "save", fail)
    workspace.curator.rename(1, "CA1")
    press(workspace, Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: workspace.view.notice is not None, timeout=5000)
    assert workspace.docks.floating.notice.text() == "tissue.h5ad: the disk is full"
    assert not workspace.view.saved and workspace.view.work is None


# -- life ------------------------------------------------------------------


def test_a_panel_that_fails_does_not_stop_the_others(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a panel is broken")

    monkeypatch.setattr(workspace.docks.tissue, "draw", fail)
    workspace.curator.rename(1, "CA1")
    assert workspace.stage.curation.neighborhood(1).name == "CA1"
    proxy = workspace.docks.neighborhoods.proxy
    assert proxy.index(row_of(workspace, 1), NAME).data() == "CA1"
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
