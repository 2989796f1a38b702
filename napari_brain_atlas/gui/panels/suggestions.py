"""What could be merged or split next: a click previews it, another takes it."""

from __future__ import annotations

from qtpy.QtCore import QSignalBlocker, QSize, Qt
from qtpy.QtGui import QIcon, QPainter, QPixmap
from qtpy.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
)

from napari_brain_atlas.gui.panels.cluster import PROGRESS_STYLE
from napari_brain_atlas.gui.panels.forms import row
from napari_brain_atlas.gui.panels.panel import Panel
from napari_brain_atlas.gui.panels.signs import SWATCH_SIZE, swatch
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.scene import Scene
from napari_brain_atlas.gui.suggestion_scene import SuggestionLine, SuggestionScene

LOOK_TIP = (
    "Compare all neighborhoods that touch, and look for parts inside each; after every step the "
    "list is read anew"
)
LIST_TIP = (
    "A click shows on the tissue what would become of it; Enter or a double click takes it. "
    "Figures of 0 to 1: how surely cells come back as a whole where half of the tissue is left "
    "out, and how far parts lie apart on the sections (0 is mixed as if by lot)"
)
DISMISS_TIP = "Never make this suggestion again; undo brings it back"
_KEY = Qt.ItemDataRole.UserRole


class SuggestionsPanel(Panel):
    """Merges, then splits, the best first, each with its reason."""

    look_asked = Signal()
    cancel_asked = Signal()
    preview_asked = Signal(str)
    take_asked = Signal()
    dismiss_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.look = QPushButton("Look for suggestions")
        self.look.setToolTip(LOOK_TIP)
        self.cancel = QPushButton("Cancel")
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.progress = QProgressBar()
        self.list = QListWidget()
        self.take = QPushButton("Take (Enter)")
        self.dismiss = QPushButton("Not this")
        self.dismiss.setToolTip(DISMISS_TIP)
        self._lines: tuple[SuggestionLine, ...] = ()
        self._lay_out()
        self.look.clicked.connect(lambda *_: self.look_asked.emit())
        self.cancel.clicked.connect(lambda *_: self.cancel_asked.emit())
        self.take.clicked.connect(lambda *_: self.take_asked.emit())
        self.dismiss.clicked.connect(lambda *_: self._dismiss())
        self.list.currentItemChanged.connect(self._preview)
        self.list.itemClicked.connect(self._preview)
        self.list.itemDoubleClicked.connect(lambda *_: self.take_asked.emit())

    def draw(self, scene: Scene) -> None:
        """Show what is suggested."""
        found = scene.suggestions
        self._fill(found)
        working = found.share is not None
        self.look.setEnabled(found.can_look)
        self.look.setText("Look again" if found.lines else "Look for suggestions")
        self.cancel.setVisible(working)
        self.progress.setVisible(working)
        self.progress.setValue(round(100 * (found.share or 0.0)))
        self.told.setText(found.told)
        self.told.setVisible(bool(found.told))
        self.list.setVisible(bool(found.lines))
        self.take.setEnabled(found.can_take)
        self.dismiss.setEnabled(bool(found.shown))
        for button in (self.take, self.dismiss):
            button.setVisible(bool(found.lines) and not working)

    def _fill(self, found: SuggestionScene) -> None:
        with QSignalBlocker(self.list):
            if found.lines != self._lines:
                self._lines = found.lines
                above = self.list.verticalScrollBar()
                place = above.value() if above is not None else 0
                self.list.clear()
                for line in found.lines:
                    self.list.addItem(_item(line))
                if above is not None:
                    above.setValue(place)
            self._mark(found.shown)

    def _mark(self, key: str) -> None:
        current = self.list.currentItem()
        if key and current is not None and current.data(_KEY) == key:
            return
        for number, line in enumerate(self._lines):
            if line.key == key:
                self.list.setCurrentRow(number)
                return
        self.list.setCurrentRow(-1)
        self.list.clearSelection()

    def _preview(self, item: QListWidgetItem | None, *_: object) -> None:
        if item is not None:
            self.preview_asked.emit(item.data(_KEY))

    def _dismiss(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.dismiss_asked.emit(item.data(_KEY))

    def _lay_out(self) -> None:
        self.list.setToolTip(LIST_TIP)
        self.list.setWordWrap(True)
        self.list.setSpacing(2)
        self.list.setIconSize(QSize(2 * SWATCH_SIZE, SWATCH_SIZE))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.progress.setStyleSheet(PROGRESS_STYLE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 2)
        layout.setSpacing(4)
        layout.addLayout(row(self.look, self.take, self.dismiss, self.cancel))
        layout.addWidget(self.progress)
        layout.addWidget(self.told)
        layout.addWidget(self.list, 1)
        layout.addStretch(0)


def _item(line: SuggestionLine) -> QListWidgetItem:
    item = QListWidgetItem(_pair(line.colors), f"{line.title}\n{line.reason}")
    item.setData(_KEY, line.key)
    item.setToolTip(f"{line.title}: {line.reason}")
    return item


def _pair(colors: tuple[str, ...]) -> QIcon:
    """Both colours of a merge side by side; one of a split."""
    wide = QPixmap(2 * SWATCH_SIZE, SWATCH_SIZE)
    wide.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wide)
    for number, color in enumerate(colors[:2]):
        painter.drawPixmap(number * SWATCH_SIZE, 0, swatch(color).pixmap(SWATCH_SIZE))
    painter.end()
    icon = QIcon(wide)
    icon.addPixmap(wide, QIcon.Mode.Selected)
    return icon
