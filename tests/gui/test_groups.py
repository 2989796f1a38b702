from __future__ import annotations

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
    group_two,
    index_of,
    open_menu,
    pixel_at,
    press,
    sentence,
    type_name,
)
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_brain_atlas.gui.guide import canvas_pixel
from napari_brain_atlas.gui.panels.neighborhood_model import SWATCH
from napari_brain_atlas.gui.view_state import Merging
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.commands import Merge

SEVERAL = 1
"""A section with at least three neighborhoods."""


def shown_color(workspace: Workspace, identity: int) -> str:
    place = canvas_pixel(workspace, *loneliest_cell(workspace, identity))
    return "#{:02x}{:02x}{:02x}".format(*pixel_at(workspace, place)[:3])


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
    workspace.stage.show_section(SEVERAL)
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
    workspace.stage.show_section(SEVERAL)
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
    workspace.stage.show_section(SEVERAL)
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


# -- the menu, delete --------------------------------------------------------


def test_the_menu_says_what_it_would_do_and_does_it(workspace: Workspace) -> None:
    first, second = largest_here(workspace)
    click_row(workspace, second)
    menu = open_menu(workspace, first)
    assert workspace.view.selection == (first,)
    assert [e.text().split("\t")[0] for e in menu.actions() if not e.isSeparator()] == [
        "Go to largest section",
        "Merge", "Split", "Rename", "Color", "Group", "Ungroup",
            "Belong together", "Must stay apart", "Unlink", "Lock", "Delete",
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
