from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest_window import largest_here, loneliest_cell, settle
from hands import (
    CTRL,
    LEFT,
    NONE,
    SHIFT,
    Key,
    choose,
    click_cell,
    click_row,
    index_of,
    open_menu,
    pixel_at,
    place_of,
    press,
)
from qtpy.QtCore import QPoint, Qt
from qtpy.QtGui import QContextMenuEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_brain_atlas.gui.guide import canvas_pixel
from napari_brain_atlas.gui.panels.neighborhood_model import LOCK, LOCK_ROLE, SWATCH
from napari_brain_atlas.gui.view_state import Merging
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.commands import Group, Lock, Merge


def type_name(workspace: Workspace, name: str) -> None:
    line = workspace.docks.floating.asking.line
    assert line.isVisible() and workspace.docks.window.focusWidget() is line
    line.selectAll()
    QTest.keyClicks(line, name)
    QTest.keyClick(line, Key.Key_Return)


def group_two(workspace: Workspace, name: str = "HPF") -> tuple[int, int, int]:
    first, second = largest_here(workspace)
    click_row(workspace, first)
    click_row(workspace, second, CTRL)
    press(workspace, Key.Key_G, SHIFT)
    type_name(workspace, name)
    return workspace.view.selection[0], first, second


def shown_color(workspace: Workspace, identity: int) -> str:
    place = canvas_pixel(workspace, *loneliest_cell(workspace, identity))
    return "#{:02x}{:02x}{:02x}".format(*pixel_at(workspace, place)[:3])


def sentence(workspace: Workspace) -> str:
    return workspace.document.session.sentences[-1]


# -- groups ------------------------------------------------------------------


def test_grouping_asks_a_name_and_is_one_step(workspace: Workspace) -> None:
    group, first, second = group_two(workspace, "GKL group")
    curation = workspace.stage.curation
    assert curation.neighborhood(group).name == "GKL group"
    assert {curation.neighborhood(i).parent for i in (first, second)} == {group}
    assert len(workspace.stage.history.past) == 1
    assert workspace.docks.floating.asking.isHidden()
    assert workspace.docks.window.focusWidget() is workspace.docks.canvas
    assert index_of(workspace, first).parent().data() is not None
    assert workspace.docks.actions.button("undo").text() == "Undo group"


def test_nothing_is_grouped_before_enter(workspace: Workspace) -> None:
    first, second = largest_here(workspace)
    click_row(workspace, first)
    click_row(workspace, second, CTRL)
    QTest.mouseClick(workspace.docks.actions.button("group"), LEFT)
    line = workspace.docks.floating.asking.line
    QTest.keyClicks(line, "x")
    QTest.keyClick(line, Key.Key_Escape)
    assert workspace.docks.floating.asking.isHidden()
    assert workspace.view.selection == (first, second)
    press(workspace, Key.Key_G, SHIFT)
    click_row(workspace, first)
    assert workspace.docks.floating.asking.isHidden()
    assert workspace.stage.history.past == ()


def test_a_selected_group_lights_its_members_in_their_colors(workspace: Workspace) -> None:
    group, first, second = group_two(workspace)
    click_row(workspace, group)
    settle(workspace)
    other = largest_here(workspace, 3)[2]
    color_of = {i: workspace.stage.curation.neighborhood(i).color for i in (first, second, other)}
    assert [shown_color(workspace, i) for i in (first, second)] == [
        color_of[first], color_of[second],
    ]  # fmt: skip
    assert shown_color(workspace, other) != color_of[other]
    assert "HPF" not in workspace.docks.floating.legend.text()


def test_a_group_is_folded_by_its_arrow_and_stays_so(workspace: Workspace) -> None:
    group, first, _ = group_two(workspace)
    table = workspace.docks.neighborhoods.table
    row = table.visualRect(index_of(workspace, group))
    QTest.mouseClick(table.view(), LEFT, NONE, QPoint(row.left() - 7, row.center().y()))
    assert not table.isExpanded(index_of(workspace, group, SWATCH))
    # Rows come and go; what was folded stays folded, and a filter looks into it.
    workspace.curator.do(Merge(neighborhoods=tuple(largest_here(workspace, 4)[2:]), into=(
        largest_here(workspace, 4)[2])))  # fmt: skip
    assert not table.isExpanded(index_of(workspace, group, SWATCH))
    name = workspace.stage.curation.neighborhood(first).name
    QTest.keyClicks(workspace.docks.neighborhoods.filter, name)
    assert table.isExpanded(index_of(workspace, group, SWATCH))
    workspace.docks.neighborhoods.filter.clear()
    assert not table.isExpanded(index_of(workspace, group, SWATCH))
    # A click on the tissue shows its row.
    click_cell(workspace, first)
    assert table.isExpanded(index_of(workspace, group, SWATCH))


def test_a_group_is_renamed_and_recolored_like_others(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qtpy.QtGui import QColor
    from qtpy.QtWidgets import QColorDialog, QLineEdit

    group, first, _ = group_two(workspace)
    before = workspace.stage.curation.neighborhood(first).color
    click_row(workspace, group)
    press(workspace, Key.Key_F2)
    editor = workspace.docks.neighborhoods.table.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "Hippocampus")
    QTest.keyClick(editor, Key.Key_Return)
    QApplication.processEvents()
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor("#12ab34"))
    choose(open_menu(workspace, group), workspace.docks.neighborhoods.menu.entries["color"])
    curation = workspace.stage.curation
    assert curation.neighborhood(group).name == "Hippocampus"
    assert curation.neighborhood(group).color == "#12ab34"
    assert curation.neighborhood(first).color == before


def test_what_is_added_goes_under_the_group_selected_first(workspace: Workspace) -> None:
    group, *_ = group_two(workspace)
    third = largest_here(workspace, 3)[2]
    click_row(workspace, group)
    click_row(workspace, third, CTRL)
    press(workspace, Key.Key_G, SHIFT)
    assert workspace.stage.curation.neighborhood(third).parent == group
    assert workspace.view.selection == (group,)
    click_row(workspace, third)
    press(workspace, Key.Key_U, SHIFT)
    assert workspace.stage.curation.neighborhood(third).parent is None
    click_row(workspace, group)
    press(workspace, Key.Key_U, SHIFT)
    assert group not in workspace.stage.curation.neighborhoods
    assert not workspace.docks.neighborhoods.model.has_groups


def test_a_merged_group_becomes_one_neighborhood(workspace: Workspace) -> None:
    group, first, second = group_two(workspace)
    cells = workspace.stage.curation.n_cells(first, second)
    click_row(workspace, group)
    press(workspace, Key.Key_G)
    assert workspace.view.staged == Merging((group, *sorted((first, second))))
    press(workspace, Key.Key_Return)
    assert workspace.stage.curation.n_cells(group) == cells
    assert first not in workspace.stage.curation.neighborhoods


# -- locks -------------------------------------------------------------------


def test_lock_is_a_toggle_that_is_seen(workspace: Workspace) -> None:
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


# -- the menu, delete --------------------------------------------------------


def test_the_menu_says_what_it_would_do_and_does_it(workspace: Workspace) -> None:
    first, second = largest_here(workspace)
    click_row(workspace, second)
    menu = open_menu(workspace, first)
    assert workspace.view.selection == (first,)
    assert [e.text().split("\t")[0] for e in menu.actions() if not e.isSeparator()] == [
        "Merge", "Split", "Rename", "Color", "Group", "Ungroup", "Lock", "Delete",
    ]  # fmt: skip
    assert not menu.entries["merge"].isEnabled()
    assert "select two or more" in menu.entries["merge"].toolTip()
    choose(menu, menu.entries["lock"])
    assert workspace.stage.curation.neighborhood(first).locked
    assert open_menu(workspace, first).entries["lock"].text() == "Unlock\tCtrl+Shift+L"
    menu.close()


def test_a_right_click_on_one_of_several_keeps_them(workspace: Workspace) -> None:
    first, second = largest_here(workspace)
    click_row(workspace, first)
    click_row(workspace, second, CTRL)
    menu = open_menu(workspace, second)
    assert set(workspace.view.selection) == {first, second}
    choose(menu, menu.entries["group"])
    type_name(workspace, "HPF")
    assert sentence(workspace).startswith("Grouped")


def test_delete_unassigns_and_undo_brings_back(workspace: Workspace) -> None:
    first = largest_here(workspace)[0]
    before = workspace.stage.curation
    click_row(workspace, first)
    press(workspace, Key.Key_Delete)
    assert workspace.stage.curation.n_cells(0) == before.n_cells(0) + before.n_cells(first)
    assert "Ctrl+Z brings it back" in workspace.docks.floating.notice.text()
    press(workspace, Key.Key_Z, CTRL)
    np.testing.assert_array_equal(workspace.stage.curation.owners, before.owners)


@pytest.mark.parametrize(
    ("key", "held", "told"),
    [
        pytest.param(Key.Key_G, SHIFT, "select two or more", id="group"),
        pytest.param(Key.Key_U, SHIFT, "select a group", id="ungroup"),
        pytest.param(Key.Key_L, CTRL | SHIFT, "select a neighborhood", id="lock"),
        pytest.param(Key.Key_Delete, NONE, "select a neighborhood", id="delete"),
    ],
)
def test_a_key_of_groups_that_can_do_nothing_says_what_it_needs(
    workspace: Workspace, key: Qt.Key, held: Qt.KeyboardModifier, told: str
) -> None:
    press(workspace, key, held)
    assert told in workspace.docks.floating.notice.text()
    assert workspace.stage.history.past == ()


# -- snapshots ---------------------------------------------------------------


def listed(workspace: Workspace) -> list[str]:
    shown = workspace.docks.history.list
    return [shown.item(i).text() for i in range(shown.count())]


def take_snapshot(workspace: Workspace, name: str) -> None:
    workspace.docks.show_history(True)
    settle(workspace)
    QTest.mouseClick(workspace.docks.history.snapshot, LEFT)
    type_name(workspace, name)


def test_a_snapshot_is_named_listed_and_restored(workspace: Workspace) -> None:
    workspace.curator.do(Group(neighborhoods=(1, 2), name="HPF"))
    take_snapshot(workspace, "first pass")
    workspace.curator.do(Lock(neighborhoods=(3,)))
    workspace.curator.undo()
    assert [text.split(" ")[0] for text in listed(workspace)] == ["undone:", "⚑", "Grouped"]
    workspace.curator.do(Merge(neighborhoods=(1, 2), into=1))
    shown = workspace.docks.history.list
    place = shown.visualItemRect(shown.item(1)).center()
    viewport = shown.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.RightButton, NONE, place)
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, viewport.mapToGlobal(place))
    QApplication.sendEvent(viewport, asked)
    choose(workspace.docks.history.menu, workspace.docks.history.restore)
    assert {1, 2} <= set(workspace.stage.curation.neighborhoods)
    assert workspace.docks.actions.button("undo").text() == "Undo restore"
    assert listed(workspace)[0].startswith("Restored the snapshot 'first pass'")


def test_a_name_that_is_taken_can_be_mended(workspace: Workspace) -> None:
    take_snapshot(workspace, "one")
    take_snapshot(workspace, "one")
    assert "choose another name" in workspace.docks.floating.notice.text()
    assert workspace.docks.floating.asking.isVisible()
    type_name(workspace, "two")
    assert set(workspace.stage.history.snapshots) == {"one", "two"}


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_what_was_undone_can_be_read_and_told_apart(workspace: Workspace, theme: str) -> None:
    workspace.viewer.theme = theme
    workspace.curator.do(Lock(neighborhoods=(3,)))
    workspace.docks.show_history(True)
    settle(workspace)
    shown = workspace.docks.history.list
    darkest = {True: 0.0, False: 0.0}
    for undone in (False, True):
        if undone:
            workspace.curator.undo()
            settle(workspace)
        image = shown.viewport().grab(shown.visualItemRect(shown.item(0))).toImage()
        lights = [
            _luminance(image.pixelColor(x, y))
            for x in range(image.width()) for y in range(image.height())
        ]  # fmt: skip
        darkest[undone] = (max(lights) + 0.05) / (min(lights) + 0.05)
    assert darkest[True] > 4.5
    assert darkest[False] > darkest[True]
    assert shown.item(0).font().italic()
    workspace.viewer.theme = "dark"


def _luminance(color: Any) -> float:
    """Relative luminance, as WCAG 2.1 defines it."""
    channels = np.array(color.getRgbF()[:3])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
