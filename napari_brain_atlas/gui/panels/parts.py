"""The list of what a proposal found, with a tick for each that is taken."""

from __future__ import annotations

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_brain_atlas.gui.panels.signs import swatch
from napari_brain_atlas.gui.parts import Part, parts_of
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.view_state import Suggested

LIST_TIP = (
    "Tick what is to be taken; the rest stays as it is and waits on. A double click shows the "
    "section where one is largest; key N turns the tick of what is under the pointer"
)
NAME, CELLS, KIND = range(3)
LEAST_HEIGHT = 130
# napari's theme draws an open box in the colour of what is behind it.
STYLE = "QTreeView::indicator:unchecked { border: 1px solid #8b949e; border-radius: 2px; }"
_INDEX = Qt.ItemDataRole.UserRole


class PartList(QWidget):
    """What was found, the largest first."""

    left_out = Signal(object)
    visit_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.told = QLabel()
        self.all = _button("all", "Take all that was found")
        self.none = _button("none", "Leave all out, to tick a few")
        self.list = QTreeWidget()
        self.list.setToolTip(LIST_TIP)
        self.list.setStyleSheet(STYLE)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setHeaderLabels(["proposed", "cells", ""])
        self.list.itemChanged.connect(lambda *_: self._ask())
        self.list.itemDoubleClicked.connect(
            lambda item, _: self.visit_asked.emit(item.data(NAME, _INDEX))
        )
        self.all.clicked.connect(lambda: self.left_out.emit(frozenset()))
        self.none.clicked.connect(lambda: self.left_out.emit(frozenset(self._indexes())))
        self._staged: Suggested | None = None
        self._lay_out()

    def draw(self, staged: Suggested) -> None:
        """Show what was found, and what of it is taken."""
        before, self._staged = self._staged, staged
        if before is staged:
            return
        parts = parts_of(staged)
        with QSignalBlocker(self.list):
            if before is None or before.found is not staged.found:
                self.list.clear()
                self.list.addTopLevelItems([_item(part) for part in parts])
            self._tick({part.index: part.taken for part in parts})
        n_taken = sum(part.taken for part in parts)
        self.told.setText(f"{n_taken:,} of {len(parts):,} ticked")

    def forget(self) -> None:
        """Nothing is proposed any more."""
        self._staged = None
        with QSignalBlocker(self.list):
            self.list.clear()

    def _tick(self, taken: dict[int, bool]) -> None:
        for item in self._items():
            state = Qt.CheckState.Checked if taken[item.data(NAME, _INDEX)] else _OPEN
            if item.checkState(NAME) != state:
                item.setCheckState(NAME, state)

    def _ask(self) -> None:
        left = (i for i, item in zip(self._indexes(), self._items(), strict=True)
                if item.checkState(NAME) == _OPEN)  # fmt: skip
        self.left_out.emit(frozenset(left))

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.list.topLevelItem(i) for i in range(self.list.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _indexes(self) -> list[int]:
        return [item.data(NAME, _INDEX) for item in self._items()]

    def _lay_out(self) -> None:
        header = self.list.header()
        assert header is not None
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (CELLS, KIND):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.list.setMinimumHeight(LEAST_HEIGHT)
        row = QHBoxLayout()
        row.setSpacing(4)
        for widget, stretch in ((self.told, 1), (self.all, 0), (self.none, 0)):
            row.addWidget(widget, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.list, 1)


_OPEN = Qt.CheckState.Unchecked


def _button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    return button


def _item(part: Part) -> QTreeWidgetItem:
    item = QTreeWidgetItem([part.name, f"{part.n_cells:,}", "new" if part.is_new else ""])
    item.setData(NAME, _INDEX, part.index)
    item.setIcon(NAME, swatch(part.color))
    item.setCheckState(NAME, Qt.CheckState.Checked)
    item.setTextAlignment(CELLS, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item
