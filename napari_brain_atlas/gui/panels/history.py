"""What was done, newest first."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout

from napari_brain_atlas.gui.panels.panel import Panel
from napari_brain_atlas.gui.scene import HistoryLine, Scene

EMPTY = "Nothing has been done yet. Every merge, split and name will be listed here."


class HistoryPanel(Panel):
    """Sentences of the commands; those that were undone are faint."""

    def __init__(self) -> None:
        super().__init__()
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setSpacing(3)
        self.list.setAlternatingRowColors(False)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.empty = QLabel(EMPTY)
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 2)
        layout.addWidget(self.empty)
        layout.addWidget(self.list, 1)
        self._lines: tuple[HistoryLine, ...] = ()

    def draw(self, scene: Scene) -> None:
        """Show the history."""
        self.empty.setVisible(not scene.history)
        self.list.setVisible(bool(scene.history))
        if scene.history == self._lines:
            return
        self._lines = scene.history
        self.list.clear()
        for line in reversed(scene.history):
            self.list.addItem(_item(line))
        self.list.scrollToTop()


def _item(line: HistoryLine) -> QListWidgetItem:
    item = QListWidgetItem(f"undone: {line.text}" if line.undone else line.text)
    item.setToolTip(line.text)
    if line.undone:
        item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item
