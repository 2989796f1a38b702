"""One strip of the contact sheet: the sections of an animal, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qtpy.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
)
from qtpy.QtGui import QColor, QFont, QPainter, QPen, QWheelEvent
from qtpy.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from napari_brain_atlas.gui.contact_sheet import SheetItem
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.thumbnails import Thumbnails

WIDTH, HEIGHT = 96, 66
"""Of a picture."""
CAPTION = 16
_GAP = 3
_SCROLL_BAR = 9
SECTION_ROLE = int(Qt.ItemDataRole.UserRole)
_PRESENT, _COUNTERPART = QColor("#8b97ff"), QColor("#66707e")
_STYLE = f"""
QListView {{ background: #15161b; }}
QScrollBar:horizontal {{ height: {_SCROLL_BAR}px; min-height: {_SCROLL_BAR}px;
                         max-height: {_SCROLL_BAR}px; margin: 0px; border: none; }}
QScrollBar::add-line:horizontal, QScrollBar::sub-line:horizontal {{ width: 0px; }}
"""


class StripModel(QAbstractListModel):
    """The sections of one animal."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.items: tuple[SheetItem, ...] = ()

    def show_items(self, items: Sequence[SheetItem]) -> None:
        """Show the sections of another animal."""
        if self.items != tuple(items):
            self.beginResetModel()
            self.items = tuple(items)
            self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        """How many sections there are."""
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: QModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Name, tip or index of a section."""
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(filter(None, (item.name, item.position)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return item.tip
        return item.section if role == SECTION_ROLE else None

    def row_of(self, section: int) -> int | None:
        """Where a section is; None if it is of another animal."""
        return next((i for i, item in enumerate(self.items) if item.section == section), None)


class ContactStrip(QListView):
    """Pictures from front to back; those that are seen are painted, and no others."""

    section_asked = Signal(int)
    join_asked = Signal(int)
    """Ctrl and a click: tools are to draw on this section too, or not any more."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.strip = StripModel(self)
        self._pictures = _Pictures(thumbnails, self)
        self.setModel(self.strip)
        self.setItemDelegate(self._pictures)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet(_STYLE)
        self.setFixedHeight(HEIGHT + CAPTION + _GAP + _SCROLL_BAR)
        self.clicked.connect(self._click)
        thumbnails.drawn.connect(self._renew)

    def show_sections(
        self, items: Sequence[SheetItem], middle: int, present: int, joined: tuple[int, ...] = ()
    ) -> None:
        """Show an animal.

        Parameters
        ----------
        items : sequence of SheetItem
        middle : int
            Index of the section that is brought into sight.
        present : int
            Index of the section on the canvas, of this animal or of another one.
        joined : tuple of int
            Indexes of the sections that tools draw on, too.
        """
        if joined != self._pictures.joined:
            self._pictures.joined = joined
            self.renew_all()
        new = self.strip.items != tuple(items)
        self.strip.show_items(items)
        if new or (middle, present) != self._pictures.marked:
            self._pictures.marked = middle, present
            self._bring(middle)
            self.renew_all()

    def renew_all(self) -> None:
        """What the pictures show has changed."""
        self._viewport().update()

    def place_of(self, section: int) -> QRect:
        """Where a section is on the strip; may be out of sight."""
        row = self.strip.row_of(section)
        return self.visualRect(self.strip.index(row)) if row is not None else QRect()

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:  # noqa: N802
        """Ask for the section that the arrow keys went to."""
        super().currentChanged(current, previous)
        window = self.window()
        # Asked of the window, which knows it even while another window is in front.
        if window is not None and window.focusWidget() is self and not _with_control():
            self._ask(current)

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        """Go along the strip with the one wheel that a mouse has."""
        bar = self.horizontalScrollBar()
        if event is not None and bar is not None:
            turned = event.angleDelta()
            bar.setValue(bar.value() - (turned.y() or turned.x()) * WIDTH // 120)
            event.accept()

    def _bring(self, section: int) -> None:
        row = self.strip.row_of(section)
        if row is None:
            return
        index = self.strip.index(row)
        with QSignalBlocker(self):
            if self.currentIndex() != index:
                self._moved_by_hand(index)
        place = self.visualRect(index).adjusted(-WIDTH, 0, WIDTH, 0)
        seen = self._viewport().rect()
        if place.left() < seen.left() or place.right() > seen.right():
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def _moved_by_hand(self, index: QModelIndex) -> None:
        """Make an index the current one without asking for its section."""
        chosen = self.selectionModel()
        assert chosen is not None
        chosen.setCurrentIndex(index, chosen.SelectionFlag.NoUpdate)

    def _click(self, index: QModelIndex) -> None:
        if _with_control():
            self.join_asked.emit(int(index.data(SECTION_ROLE)))
        else:
            self._ask(index)

    def _ask(self, index: QModelIndex) -> None:
        if index.isValid():
            self.section_asked.emit(int(index.data(SECTION_ROLE)))

    def _renew(self, section: int) -> None:
        place = self.place_of(section)
        if place.isValid():
            self._viewport().update(place)

    def _viewport(self) -> QWidget:
        viewport = self.viewport()
        assert viewport is not None
        return viewport


def _with_control() -> bool:
    return bool(QApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier)


class _Pictures(QStyledItemDelegate):
    """Paints a picture with what is written under it; only what is in sight is asked for."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.marked = (-1, -1)
        self.joined: tuple[int, ...] = ()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        return QSize(WIDTH + 2 * _GAP, HEIGHT + CAPTION + _GAP)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        model = index.model()
        if painter is None or not isinstance(model, StripModel):
            return
        item = model.items[index.row()]
        place: QRect = option.rect
        box = QRect(place.left() + _GAP, place.top() + _GAP, WIDTH, HEIGHT)
        painter.save()
        image = self._thumbnails.picture(item.section)
        if image is not None:
            painter.drawImage(box, image)
        self._mark(painter, item.section, box)
        self._write(painter, item, box)
        painter.restore()

    def _mark(self, painter: QPainter, section: int, box: QRect) -> None:
        middle, present = self.marked
        if section == present:
            painter.setPen(QPen(_PRESENT, 2))
        elif section in self.joined:
            painter.setPen(QPen(_PRESENT, 2, Qt.PenStyle.DotLine))
        elif section == middle:
            painter.setPen(QPen(_COUNTERPART, 1, Qt.PenStyle.DashLine))
        else:
            return
        painter.drawRect(box.adjusted(-1, -1, 1, 1))

    def _write(self, painter: QPainter, item: SheetItem, box: QRect) -> None:
        font = QFont(painter.font())
        font.setPixelSize(10)
        painter.setFont(font)
        line = QRect(box.left(), box.bottom() + 2, box.width(), CAPTION - 2)
        painter.setPen(QColor("#f0f1f2" if item.section == self.marked[1] else "#a9b0ba"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, right, item.position)
        metrics = painter.fontMetrics()
        taken = metrics.horizontalAdvance(item.position) + 4 if item.position else 0
        # The end of a name tells sections apart.
        name = metrics.elidedText(item.name, Qt.TextElideMode.ElideLeft, line.width() - taken)
        painter.drawText(line, left, name)
