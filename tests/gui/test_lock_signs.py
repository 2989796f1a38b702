from __future__ import annotations

from typing import Any

import pytest
from conftest_window import largest_here, settle
from hands import (
    CTRL,
    LEFT,
    SHIFT,
    Key,
    click_row,
    group_two,
    index_of,
    place_of,
    press,
    sentence,
)
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_brain_atlas.gui.panels.neighborhood_model import LOCK, LOCK_ROLE
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.commands import Lock


def test_lock_is_a_toggle_that_is_seen(workspace: Workspace) -> None:
    # A section of many neighborhoods.
    workspace.stage.show_section(1)
    group, first, _ = group_two(workspace)
    table = workspace.docks.neighborhoods.table
    assert table.isColumnHidden(LOCK)
    click_row(workspace, group)
    QTest.mouseClick(workspace.docks.actions.button("lock"), LEFT)
    assert not table.isColumnHidden(LOCK)
    assert index_of(workspace, group, LOCK).data(LOCK_ROLE) == "own"
    tip = index_of(workspace, first, LOCK).data(Qt.ItemDataRole.ToolTipRole)
    assert "'HPF' above it: refuses every change" in tip
    settle(workspace)
    assert len(_colors_at(workspace, first, LOCK)) > len(_colors_at(workspace, largest_here(
        workspace, 3)[2], LOCK))  # fmt: skip
    click_row(workspace, first)
    press(workspace, Key.Key_L, CTRL | SHIFT)
    assert "the lock is on 'HPF' above it" in workspace.docks.floating.notice.text()
    click_row(workspace, group)
    press(workspace, Key.Key_L, CTRL | SHIFT)
    assert table.isColumnHidden(LOCK)
    assert sentence(workspace).startswith("Unlocked 'HPF'")


def _colors_at(workspace: Workspace, identity: int, column: int) -> set[int]:
    table = workspace.docks.neighborhoods.table
    place_of(workspace, identity)
    rect = table.visualRect(index_of(workspace, identity, column))
    image = table.view().grab(rect).toImage()
    return {image.pixel(x, y) for x in range(image.width()) for y in range(2, image.height() - 2)}


@pytest.mark.parametrize("way", ["key", "button"])
def test_a_remedy_is_offered_and_undone_with_the_merge(workspace: Workspace, way: str) -> None:
    first, second = largest_here(workspace)
    workspace.curator.do(Lock(neighborhoods=(first,)))
    click_row(workspace, first)
    click_row(workspace, second, CTRL)
    press(workspace, Key.Key_G)
    press(workspace, Key.Key_Return)
    notice = workspace.docks.floating.notice
    name = workspace.stage.curation.neighborhood(first).name
    assert second in workspace.stage.curation.neighborhoods
    assert f"Unlock '{name}' and merge" in notice.button.text() and notice.button.isVisible()
    if way == "key":
        press(workspace, Key.Key_Return, SHIFT)
    else:
        place = notice.mapTo(workspace.docks.canvas, notice.button.geometry().center())
        assert workspace.docks.canvas.childAt(place) is notice.button
        QTest.mouseClick(notice.button, LEFT)
    assert second not in workspace.stage.curation.neighborhoods
    assert notice.isHidden() and workspace.view.staged is None
    assert workspace.docks.actions.button("undo").text() == "Undo 2 edits"
    press(workspace, Key.Key_Z, CTRL)
    assert second in workspace.stage.curation.neighborhoods
    assert workspace.stage.curation.neighborhood(first).locked


def test_a_remedy_goes_with_what_it_was_offered_for(workspace: Workspace) -> None:
    first, second = largest_here(workspace)
    workspace.curator.do(Lock(neighborhoods=(first,)))
    workspace.curator.rename(first, "CA1")
    assert "and rename" in workspace.docks.floating.notice.button.text()
    press(workspace, Key.Key_Escape)
    assert workspace.docks.floating.notice.isHidden()
    press(workspace, Key.Key_Return, SHIFT)
    workspace.curator.rename(first, "CA1")
    click_row(workspace, second)
    assert workspace.docks.floating.notice.isHidden()
    press(workspace, Key.Key_Return, SHIFT)
    assert len(workspace.stage.history.past) == 1


def test_looking_into_what_is_locked_is_offered_after_unlocking(
    workspace: Workspace, qtbot: Any
) -> None:
    first = largest_here(workspace)[0]
    workspace.curator.do(Lock(neighborhoods=(first,)))
    click_row(workspace, first)
    press(workspace, Key.Key_K)
    assert workspace.view.work is None
    assert "and look for parts" in workspace.docks.floating.notice.button.text()
    press(workspace, Key.Key_Return, SHIFT)
    assert not workspace.stage.curation.neighborhood(first).locked
    assert workspace.view.work is not None
    workspace.curator.cancel()
