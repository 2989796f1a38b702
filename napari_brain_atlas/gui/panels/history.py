"""What was done, newest first; snapshots are marked, and every state can be brought back."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtGui import QBrush, QPalette
from qtpy.QtWidgets import QLabel, QListWidget, QListWidgetItem, QMenu, QPushButton, QVBoxLayout

from napari_brain_atlas.gui.lines import HistoryLine
from napari_brain_atlas.gui.panels.panel import Panel
from napari_brain_atlas.gui.qt import QAction, Signal
from napari_brain_atlas.gui.scene import Scene

EMPTY = "Nothing has been done yet. Every merge, split and name will be listed here."
SNAPSHOT_TIP = (
    "Give the present state a name. No undo takes it away, and a right click brings the state back"
)
RESTORE_TIP = "As a new step: nothing that came after it is lost, and undo takes it back"
_UNDONE_OPACITY = 190
"""Of 255: fainter than what counts, and still read without effort."""
_MARK = "⚑"
_RESTYLED = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange)


class HistoryPanel(Panel):
    """Sentences of the commands; those that were undone are slanted and fainter."""

    snapshot_asked = Signal()
    restore_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setSpacing(3)
        self.list.setAlternatingRowColors(False)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.empty = QLabel(EMPTY)
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.snapshot = QPushButton("Take a snapshot")
        self.snapshot.setToolTip(SNAPSHOT_TIP)
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.restore = QAction("Restore this state", self.menu)
        self.restore.setToolTip(RESTORE_TIP)
        self.menu.addAction(self.restore)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 2)
        for widget, stretch in ((self.empty, 1), (self.list, 1), (self.snapshot, 0)):
            layout.addWidget(widget, stretch)
        self._lines: tuple[HistoryLine, ...] = ()
        self.snapshot.clicked.connect(lambda *_: self.snapshot_asked.emit())
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.restore.triggered.connect(self._restore)

    def draw(self, scene: Scene) -> None:
        """Show the history."""
        self.empty.setVisible(not scene.history)
        self.list.setVisible(bool(scene.history))
        if scene.history != self._lines:
            self._lines = scene.history
            self._fill()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Take the colors of another theme."""
        super().changeEvent(event)
        if event is not None and event.type() in _RESTYLED and self.list.count():
            self._color()

    def _fill(self) -> None:
        self.list.clear()
        for line in reversed(self._lines):
            self.list.addItem(_item(line))
        self._color()
        self.list.scrollToTop()

    def _color(self) -> None:
        color = self.list.palette().color(QPalette.ColorRole.Text)
        color.setAlpha(_UNDONE_OPACITY)
        for row, line in enumerate(reversed(self._lines)):
            item = self.list.item(row)
            if line.undone and item is not None:
                item.setForeground(QBrush(color))

    def _open_menu(self, place: QPoint) -> None:
        viewport = self.list.viewport()
        if self.list.itemAt(place) is not None and viewport is not None:
            self.menu.popup(viewport.mapToGlobal(place))

    def _restore(self) -> None:
        row = self.list.currentRow()
        if row >= 0:
            self.restore_asked.emit(self._lines[::-1][row].restoring)


def _item(line: HistoryLine) -> QListWidgetItem:
    item = QListWidgetItem(_text(line))
    item.setToolTip(f"{line.text} · right click: Restore this state")
    font = item.font()
    font.setItalic(line.undone)
    font.setBold(bool(line.snapshot))
    item.setFont(font)
    return item


def _text(line: HistoryLine) -> str:
    if line.snapshot:
        return f"{_MARK} {line.text}"
    return f"undone: {line.text}" if line.undone else line.text
