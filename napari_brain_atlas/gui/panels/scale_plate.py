"""The scale bar over the tissue."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer
from qtpy.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from qtpy.QtWidgets import QWidget

from napari_brain_atlas.gui.panels.leaving import leave_canvas
from napari_brain_atlas.gui.scale import ScaleBar, scale_bar

MARGIN = 10
LONGEST = 150.0
"""Length of the bar in pixels, at most."""
LAG_MS = 50
"""How long a bar may lag behind the tissue: Qt needs 4 ms more for a frame in which any
widget over the canvas changes, however small."""
_PADDING, _TICK, _GAP = 9.0, 4.0, 3.0
_PLATE, _INK = QColor(24, 25, 31, 238), QColor("#f0f1f2")


class ScalePlate(QWidget):
    """A bar of a round length at the lower right; gone while napari's own is shown.

    napari's own builds its OpenGL program anew at every step of a zoom, which
    takes a third as long as a whole frame of the tissue. It can be switched on
    in napari's menu, and then is part of its screenshots.

    Parameters
    ----------
    canvas : QWidget
    viewer : napari.Viewer
    unit : {"um", "mm", "px"}
        Unit of napari's world; with "px" there is no bar, as it would tell nothing.
    """

    def __init__(self, canvas: QWidget, viewer: Any, unit: str) -> None:
        super().__init__(canvas)
        self._camera, self._unit = viewer.scene.camera, unit
        self._own = viewer.canvas.overlays.scale_bar
        self._bar = ScaleBar(0.0, "")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._own.visible = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(LAG_MS)
        self._soon.timeout.connect(self._follow)
        self._camera.events.zoom.connect(self._tell)
        self._own.events.visible.connect(self._tell)
        canvas.installEventFilter(self)
        self._tell()
        self._follow()

    @property
    def bar(self) -> ScaleBar:
        """What is shown; its text is empty where nothing is."""
        return self._bar

    def close_plate(self) -> None:
        """Remove it from the canvas."""
        self._camera.events.zoom.disconnect(self._tell)
        self._own.events.visible.disconnect(self._tell)
        leave_canvas(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Follow the canvas."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draw the length in words, and the bar below it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_PLATE)
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setPen(QPen(_INK, 2))
        words = QRectF(0, _PADDING / 2, self.width(), self._metrics().height())
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self._bar.text)
        left, y = (self.width() - self._bar.length) / 2, self.height() - _PADDING
        right = left + self._bar.length
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        for x in (left, right):
            painter.drawLine(QPointF(x, y - _TICK), QPointF(x, y + _TICK))
        painter.end()

    def _tell(self) -> None:
        bar = scale_bar(float(self._camera.zoom), self._unit, LONGEST)
        self.setVisible(bool(bar.text) and not self._own.visible)
        if bar != self._bar:
            self._bar = bar
            if not self._soon.isActive():
                self._soon.start()

    def _follow(self) -> None:
        self._place()
        self.update()

    def _place(self) -> None:
        canvas, metrics = self.parentWidget(), self._metrics()
        if canvas is None:
            return
        wide = max(self._bar.length, metrics.horizontalAdvance(self._bar.text)) + 2 * _PADDING
        height = metrics.height() + 1.5 * _PADDING + _GAP + _TICK
        self.resize(round(wide), round(height))
        self.move(canvas.width() - self.width() - MARGIN, canvas.height() - self.height() - MARGIN)

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(self.font())
