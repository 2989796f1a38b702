from __future__ import annotations

from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pytest
from conftest_window import largest_here
from hands import CTRL, LEFT, SHIFT, Key, click_row, index_of, press
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QLineEdit

from napari_brain_atlas.gui.panels.neighborhood_model import SWATCH
from napari_brain_atlas.gui.view_state import Merging
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.commands import Merge

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
    assert index_of(workspace, identity).data() == "GKL layer"


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
    index = index_of(workspace, identity, SWATCH)
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
