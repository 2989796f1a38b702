"""Hands and eyes of a visitor: real mouse and key events, and pictures of what they do."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QLineEdit, QWidget
from scipy.spatial import cKDTree

from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.gui.application import SMALLEST
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.neighborhood import UNASSIGNED

LARGE = (1680, 1050)
PATIENCE_S = 240.0
# The stubs of PyQt take these functions for methods.
hands: Any = QTest
_REFERENCES = ("reference_region", "parcellation_structure", "region")
_KEY = Qt.Key
_NO_KEY = Qt.KeyboardModifier.NoModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier


class Guide:
    """Hands and eyes of a visitor: no call into the workspace, only events on widgets."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self._workspace = workspace
        self._docks = workspace.docks
        self._folder = folder
        self.pictures: list[Path] = []
        self._pause(0.6)

    def walk(self) -> None:
        """Go through sections, merge, split, rename, undo, redo, find, save."""
        self._shoot("opened", large=True)
        self._go_through_sections()
        self._merge_two()
        self._split_one()
        self._rename()
        self._undo_and_redo()
        self._find_all()
        self._save()

    def leave(self) -> None:
        """Close the window."""
        self._workspace.viewer.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _go_through_sections(self) -> None:
        present = self._workspace.document.session.curation.counts > 0
        richest = int(present.sum(axis=0).argmax())
        for _ in range(richest - 1):
            self._press(_KEY.Key_PageDown)
        hands.mouseClick(self._docks.sections.next, Qt.MouseButton.LeftButton)
        self._shoot("another section")
        self._press(_KEY.Key_D)
        self._expect(lambda: self._workspace.view.space.brain is not None, "show the whole brain")
        self._shoot("whole brain", large=True)
        self._press(_KEY.Key_D)

    def _merge_two(self) -> None:
        first = self._largest_here()
        second = self._neighbor_of(first)
        self._click_tissue(first)
        self._shoot("selected")
        self._click_tissue(second, _SHIFT)
        self._press(_KEY.Key_G)
        self._shoot("merge proposed", large=True)
        self._press(_KEY.Key_Return)
        self._expect(lambda: self._told("Merged"), "merge")
        self._shoot("merged")

    def _split_one(self) -> None:
        self._click_row(self._largest_here())
        self._press(_KEY.Key_K)
        self._expect(lambda: self._workspace.view.staged is not None, "find parts")
        slider, before = self._docks.cluster.size_slider, self._workspace.view.staged
        for _ in range(3):
            hands.keyClick(slider, _KEY.Key_Left)
        self._expect(lambda: self._workspace.view.staged is not before, "cut again")
        self._pause(0.5)
        self._shoot("split proposed", large=True)
        self._press(_KEY.Key_Return)
        self._expect(lambda: self._told("Split"), "split")
        self._shoot("split")

    def _rename(self) -> None:
        largest = self._largest_here()
        self._click_row(largest)
        self._press(_KEY.Key_F2)
        editor = self._docks.neighborhoods.table.findChild(QLineEdit)
        assert editor is not None
        editor.selectAll()
        hands.keyClicks(editor, self._fitting_name(largest))
        hands.keyClick(editor, _KEY.Key_Return)
        self._expect(lambda: self._told("Renamed"), "rename")
        self._shoot("renamed")

    def _fitting_name(self, identity: int) -> str:
        """What the reference calls most of the cells, where the file has one."""
        document = self._workspace.document
        measured = document.atlas.measurements
        known = [name for name in _REFERENCES if name in measured.column_names]
        if not known:
            return "Named in the tour"
        column = measured.column(known[0])
        codes = column.codes[document.session.curation.cells_of(identity)]
        codes = codes[codes >= 0]
        return column.names[int(np.bincount(codes).argmax())] if len(codes) else "Unknown"

    def _undo_and_redo(self) -> None:
        done = len(self._workspace.document.session.history.past)
        self._press(_KEY.Key_Z, _CTRL)
        self._press(_KEY.Key_Z, _CTRL)
        self._press(_KEY.Key_Y, _CTRL)
        history = self._workspace.document.session.history
        self._expect(lambda: len(history.past) == done - 1, "undo and redo")
        self._docks.show_history(True)
        self._shoot("history")
        self._docks.show_history(False)
        self._press(_KEY.Key_Z, _CTRL | _SHIFT)

    def _find_all(self) -> None:
        self._press(_KEY.Key_Escape)
        self._docks.cluster.scope.setCurrentIndex(0)
        hands.mouseClick(self._docks.cluster.search, Qt.MouseButton.LeftButton)
        self._pause(0.3)
        self._shoot("looking for neighborhoods")
        self._expect(lambda: self._workspace.view.staged is not None, "find neighborhoods")
        self._shoot("proposal", large=True)
        self._press(_KEY.Key_Escape)

    def _save(self) -> None:
        self._press(_KEY.Key_S, _CTRL)
        self._expect(lambda: self._workspace.view.saved, "save")
        self._shoot("saved", large=True)

    # -- hands -------------------------------------------------------------

    def _press(self, key: Qt.Key, held: Qt.KeyboardModifier = _NO_KEY) -> None:
        hands.keyClick(self._docks.canvas, key, held)
        self._pause(0.05)

    def _click_row(self, identity: int) -> None:
        table = self._docks.neighborhoods.table
        index = self._docks.neighborhoods.index_of(identity)
        table.scrollTo(index)
        place = table.visualRect(index).center()
        hands.mouseClick(table.view(), Qt.MouseButton.LeftButton, _NO_KEY, place)
        self._pause(0.05)

    def _click_tissue(self, identity: int, held: Qt.KeyboardModifier = _NO_KEY) -> None:
        place = self._pixel_in(identity)
        canvas = self._docks.canvas
        move_mouse(canvas, place)
        hands.mouseClick(canvas, Qt.MouseButton.LeftButton, held, place)
        self._pause(0.1)

    # -- eyes --------------------------------------------------------------

    def _largest_here(self) -> int:
        """The largest neighborhood of the section shown."""
        curation = self._workspace.document.session.curation
        here = curation.counts[:, self._workspace.view.section].copy()
        here[curation.ids == UNASSIGNED] = 0
        return int(curation.ids[here.argmax()])

    def _neighbor_of(self, identity: int) -> int:
        """The neighborhood that touches another one most on the section shown."""
        section = self._workspace.view.section
        owners = self._workspace.document.session.curation.owners_on(section)
        xy = self._workspace.atlas.xy[self._workspace.atlas.sections[section].cells]
        nearest = np.asarray(cKDTree(xy).query(xy[owners == identity], k=6)[1])
        touching = np.bincount(owners[nearest].ravel(), minlength=identity + 1)
        touching[[UNASSIGNED, identity]] = 0
        return int(touching.argmax())

    def _pixel_in(self, identity: int) -> QPoint:
        """A pixel of the canvas in the middle of a neighborhood."""
        workspace = self._workspace
        section = workspace.atlas.sections[workspace.view.section]
        mine = workspace.document.session.curation.owners_on(section.index) == identity
        xy = workspace.atlas.xy[section.cells][mine]
        # The cell nearest to the median lies inside even of a bent neighborhood.
        middle = np.abs(xy - np.median(xy, axis=0)).sum(axis=1).argmin()
        return canvas_pixel(workspace, *(float(v) for v in xy[middle]))

    def _told(self, start: str) -> bool:
        return self._workspace.document.session.sentences[-1].startswith(start)

    def _expect(self, happened: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not happened():
            if time.monotonic() > end:
                notice = self._workspace.view.notice
                told = f": {notice.text}" if notice else ""
                raise BrainAtlasError(f"the window did not {what}{told}")
            self._pause(0.05)
        self._pause(0.1)

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            QApplication.processEvents()
            time.sleep(0.005)

    def _shoot(self, name: str, large: bool = False) -> None:
        self._shoot_at(name, SMALLEST)
        if large:
            self._shoot_at(f"{name} large", LARGE)
            self._resize(SMALLEST)

    def _shoot_at(self, name: str, size: tuple[int, int]) -> None:
        self._resize(size)
        path = self._folder / f"{len(self.pictures) + 1:02d} {name}.png".replace(" ", "-")
        self._workspace.viewer.screenshot(path, canvas_only=False, flash=False)
        self.pictures.append(path)

    def _resize(self, size: tuple[int, int]) -> None:
        window = self._docks.window
        if (window.width(), window.height()) != size:
            window.resize(*size)
            self._pause(0.3)
            self._docks.tissue.fit()
        self._pause(0.25)


def canvas_pixel(workspace: Workspace, x: float, y: float) -> QPoint:
    """The pixel of the canvas that shows a point of the section."""
    viewer, canvas = workspace.viewer, workspace.docks.canvas
    x, y = workspace.docks.tissue.world_place((x, y))
    camera = viewer.scene.camera
    _, row, column = (float(v) for v in camera.center)
    right = (x - column) * camera.zoom + canvas.width() / 2
    down = (y - row) * camera.zoom + canvas.height() / 2
    return QPoint(round(right), round(down))


def move_mouse(
    canvas: QWidget, place: QPoint, held: Qt.MouseButton = Qt.MouseButton.NoButton
) -> None:
    """Move the mouse over the canvas; Qt's own test function would move the user's pointer."""
    there = QPointF(place)
    event = QMouseEvent(
        QEvent.Type.MouseMove, there, QPointF(canvas.mapToGlobal(place)),
        Qt.MouseButton.NoButton, held, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)
