"""The only place that knows how napari's window is put together.

napari gives plugins docks, layers and mouse callbacks; what lies under them is
reached through Qt's own public interfaces, never through private attributes.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtWidgets import QDockWidget, QLabel, QMainWindow, QToolBar, QWidget

_TITLE_STYLE = "QLabel#dock-title { padding: 5px 6px 3px 6px; font-weight: bold; }"
NAPARI_DOCKS = ("layer list", "layer controls")


def add_dock(
    viewer: Any, panel: QWidget, name: str, area: str, tabify: bool = False
) -> QDockWidget:
    """Dock a panel and return its dock."""
    dock: QDockWidget = viewer.window.add_dock_widget(
        panel, name=name, area=area, tabify=tabify, add_vertical_stretch=False
    )
    return dock


def remove_dock(viewer: Any, panel: QWidget) -> None:
    """Take a panel out of the window and delete it."""
    # Somebody may have removed all docks before.
    with suppress(LookupError):
        viewer.window.remove_dock_widget(panel)
    panel.deleteLater()


def entitle(dock: QDockWidget, title: str) -> None:
    """Give a dock a plain title, or none, in place of napari's.

    A dock that is closed by napari's button is in no menu, and so lost.
    """
    label = QLabel(title.upper()) if title else QWidget()
    label.setObjectName("dock-title")
    label.setStyleSheet(_TITLE_STYLE)
    dock.setTitleBarWidget(label)


def window_of(dock: QWidget) -> QMainWindow:
    """The main window that a dock belongs to."""
    widget: Any = dock
    while widget is not None and not isinstance(widget, QMainWindow):
        widget = widget.parent()
    assert isinstance(widget, QMainWindow)
    return widget


def canvas_of(window: QMainWindow) -> QWidget:
    """The widget that napari draws on."""
    center = window.centralWidget()
    assert center is not None
    canvas = center.findChild(QOpenGLWidget)
    return canvas if isinstance(canvas, QWidget) else center


def add_toolbar(window: QMainWindow, bar: QToolBar) -> None:
    """Put a toolbar at the top."""
    window.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)


def remove_toolbar(window: QMainWindow, bar: QToolBar) -> None:
    """Take a toolbar out of the window and delete it."""
    window.removeToolBar(bar)
    bar.deleteLater()


def give_right_side_its_corner(window: QMainWindow) -> None:
    """The docks on the right reach to the bottom of the window."""
    window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)


def size_docks(window: QMainWindow, docks: dict[QDockWidget, int], vertical: bool) -> None:
    """Give docks their sizes in pixels."""
    orientation = Qt.Orientation.Vertical if vertical else Qt.Orientation.Horizontal
    window.resizeDocks(list(docks), list(docks.values()), orientation)


def size_dock_of(panel: QWidget, height: int) -> None:
    """Make the dock of a panel as high as the panel needs."""
    dock: Any = panel.parent()
    while dock is not None and not isinstance(dock, QDockWidget):
        dock = dock.parent()
    if dock is not None:
        # napari's docks have a least size of their own, and so Qt lets that only grow.
        dock.setMinimumSize(0, 0)
        size_docks(window_of(dock), {dock: height}, vertical=True)


def show_napari_docks(window: QMainWindow, shown: bool) -> None:
    """Show or hide napari's layer list and controls; the Window menu brings them back."""
    for dock in window.findChildren(QDockWidget):
        if dock.objectName() in NAPARI_DOCKS:
            dock.setVisible(shown)


def hide_status_bar(window: QMainWindow) -> None:
    """Hide napari's status line, where a line of our own says more."""
    bar = window.statusBar()
    if bar is not None:
        bar.hide()
