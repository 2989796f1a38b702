"""Small pictures of the table: swatches, and padlocks in the color of the text."""

from __future__ import annotations

from functools import lru_cache

from qtpy.QtCore import QModelIndex, QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPainterPath, QPalette, QPen, QPixmap
from qtpy.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

SWATCH_SIZE = 16
_FRAME = 4
_EDGE = QColor(0, 0, 0, 110)
_LOCK_HEIGHT = 13.0


@lru_cache(maxsize=4096)
def swatch(color: str, hollow: bool = False) -> QIcon:
    """A square that keeps its colour when the row is selected: a bare colour would be tinted.

    It is hollow for a group, as no cell on the tissue has its colour.
    """
    square = QPixmap(SWATCH_SIZE, SWATCH_SIZE)
    square.fill(Qt.GlobalColor.transparent if hollow else QColor(color))
    if hollow:
        painter = QPainter(square)
        pen = QPen(QColor(color), _FRAME)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        half = _FRAME / 2
        painter.drawRect(QRectF(square.rect()).adjusted(half, half, -half, -half))
        # A pale frame is seen on a pale row, too.
        painter.setPen(QPen(_EDGE, 1))
        painter.drawRect(QRectF(square.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
    icon = QIcon(square)
    icon.addPixmap(square, QIcon.Mode.Selected)
    return icon


class LockDelegate(QStyledItemDelegate):
    """A padlock: filled where the lock is, in outline where it is above.

    Parameters
    ----------
    role : int
        Under which an index says "own", "above" or nothing.
    """

    def __init__(self, role: int) -> None:
        super().__init__()
        self._role = role

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Draw the row's background, and the padlock over it."""
        super().paint(painter, option, index)
        sign = index.data(self._role)
        if painter is not None and sign:
            widget = option.widget
            palette = option.palette if widget is None else widget.palette()
            color = palette.color(QPalette.ColorRole.Text)
            paint_padlock(painter, QRectF(option.rect).center(), color, filled=sign == "own")


def paint_padlock(painter: QPainter, center: QPointF, color: QColor, *, filled: bool) -> None:
    """Draw a padlock around a point."""
    height = _LOCK_HEIGHT
    width, body = height * 0.8, height * 0.58
    left, top = center.x() - width / 2, center.y() - height / 2
    case = QRectF(left, top + height - body, width, body)
    shackle = QRectF(left + width * 0.2, top, width * 0.6, (height - body) * 2)
    path = QPainterPath()
    path.moveTo(shackle.left(), case.top())
    path.arcTo(shackle, 180, -180)
    path.lineTo(shackle.right(), case.top())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    if filled:
        painter.setBrush(color)
    painter.drawRoundedRect(case, 1.5, 1.5)
    painter.restore()
