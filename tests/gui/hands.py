"""Hands on the window: real keys and mouse clicks, and eyes on its pixels."""

from __future__ import annotations

from conftest_window import largest_here, loneliest_cell
from qtpy.QtCore import QModelIndex, QPoint, Qt
from qtpy.QtGui import QAction, QContextMenuEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QMenu

from napari_brain_atlas.gui.guide import canvas_pixel, move_mouse
from napari_brain_atlas.gui.panels.neighborhood_model import NAME
from napari_brain_atlas.gui.panels.row_menu import RowMenu
from napari_brain_atlas.gui.workspace import Workspace

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


def index_of(workspace: Workspace, identity: int, column: int = NAME) -> QModelIndex:
    index = workspace.docks.neighborhoods.index_of(identity, column)
    assert index.isValid()
    return index


def place_of(workspace: Workspace, identity: int, column: int = NAME) -> QPoint:
    table = workspace.docks.neighborhoods.table
    index = index_of(workspace, identity, column)
    table.scrollTo(index)
    return table.visualRect(index).center()


def click_row(workspace: Workspace, identity: int, held: Qt.KeyboardModifier = NONE) -> None:
    place = place_of(workspace, identity)
    QTest.mouseClick(workspace.docks.neighborhoods.table.view(), LEFT, held, place)


def open_menu(workspace: Workspace, identity: int) -> RowMenu:
    """A right click on a row, as a mouse and the system say it."""
    view, place = workspace.docks.neighborhoods.table.view(), place_of(workspace, identity)
    QTest.mouseClick(view, Qt.MouseButton.RightButton, NONE, place)
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.mapToGlobal(place))
    QApplication.sendEvent(view, asked)
    return workspace.docks.neighborhoods.menu


def choose(menu: QMenu, entry: QAction) -> None:
    """A click on an entry of an open menu."""
    QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(entry).center())


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


def sentence(workspace: Workspace) -> str:
    return workspace.document.session.sentences[-1]


def pixel_at(workspace: Workspace, place: QPoint) -> tuple[int, ...]:
    """What the canvas shows, read back from the framebuffer."""
    picture = workspace.viewer.screenshot(canvas_only=True, flash=False)
    scale = picture.shape[1] / workspace.docks.canvas.width()
    return tuple(int(v) for v in picture[round(place.y() * scale), round(place.x() * scale)])
