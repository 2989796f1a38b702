"""Hands on the window: real keys and mouse clicks, and eyes on its pixels."""

from __future__ import annotations

from conftest_window import loneliest_cell
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest

from napari_brain_atlas.gui.guide import canvas_pixel, move_mouse
from napari_brain_atlas.gui.panels.neighborhood_model import ID_ROLE, NAME
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
