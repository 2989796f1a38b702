"""How an outline looks while it is drawn: a light line in a dark one, seen on any colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from napari_brain_atlas.gui.tool import Mode, Tool

LINE, HALO, INSIDE = QColor(255, 255, 255), QColor(10, 12, 18, 200), QColor(255, 255, 255, 36)
PAINT = QColor(255, 255, 255, 80)
SIGNS: dict[Mode, str] = {"new": "", "add": "+", "subtract": "−", "intersect": "∩"}
CORNER = 2.5
FAR = 1e4
"""How far the ends of a cut are drawn, in pixels."""
_Pixels = NDArray[np.float64]


def paint_draft(
    painter: QPainter, tool: Tool, pixels: _Pixels, corners: _Pixels | None, brush: float
) -> None:
    """Draw what is being drawn.

    Parameters
    ----------
    pixels : (n, 2) float64
        Its points on the canvas, up to the mouse.
    corners : (m, 2) float64, optional
        Those that were set by clicks.
    brush : float
        Radius of the brush in pixels.
    """
    points = [QPointF(x, y) for x, y in pixels.tolist()]
    if tool == "brush":
        _paint_brushed(painter, points, brush)
        return
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    if tool == "cut":
        _paint_ends(painter, pixels)
    else:
        path.closeSubpath()
        painter.fillPath(path, INSIDE)
    _paint_outline(painter, path)
    for x, y in () if corners is None else corners.tolist():
        paint_circle(painter, QPointF(x, y), CORNER)


def paint_circle(painter: QPainter, center: QPointF, radius: float) -> None:
    """Draw the size of a brush, or a corner."""
    path = QPainterPath()
    path.addEllipse(QRectF(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius))
    _paint_outline(painter, path)


def paint_sign(painter: QPainter, place: QPointF, mode: Mode) -> None:
    """Say beside the pointer what the keys that are held mean."""
    if not SIGNS[mode]:
        return
    font = painter.font()
    font.setPixelSize(20)
    font.setBold(True)
    path = QPainterPath()
    path.addText(place + QPointF(11, -7), font, SIGNS[mode])
    painter.strokePath(path, QPen(HALO, 3))
    painter.fillPath(path, LINE)


def _paint_brushed(painter: QPainter, points: list[QPointF], radius: float) -> None:
    pen = QPen(PAINT, 2 * radius)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPolyline(QPolygonF(points if len(points) > 1 else points * 2))


def _paint_ends(painter: QPainter, pixels: _Pixels) -> None:
    """How a cut goes on."""
    painter.setPen(QPen(LINE, 1.2, Qt.PenStyle.DashLine))
    for way in (pixels, pixels[::-1]):
        step = way[0] - way[1] if len(way) > 1 else np.zeros(2)
        length = float(np.hypot(*step))
        if length > 0:
            end = way[0] + step * (FAR / length)
            painter.drawLine(QPointF(*way[0].tolist()), QPointF(*end.tolist()))


def _paint_outline(painter: QPainter, path: QPainterPath) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(HALO, 3.4), QPen(LINE, 1.5)):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPath(path)
