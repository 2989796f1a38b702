"""The tools at the left of the tissue, one under the other."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap
from qtpy.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from napari_brain_atlas.gui.panels.leaving import leave_canvas
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.tool import KINDS, MODES_TIP, SPACE_TIP, Tool

LEFT, TOP = 10, 46
"""Under the title."""
LINE = 20
"""Of the title, which has two in 3D."""
SIZE = 22
_INK = QColor("#f0f1f2")
_OFF = 0.3
"""Opacity of the sign of a tool that cannot be used."""
_STYLE = """
QFrame#tools { background-color: rgba(24, 25, 31, 238); border-radius: 4px; }
QToolButton { border: none; border-radius: 3px; padding: 4px; background: transparent; }
QToolButton:hover { background: #424a54; }
QToolButton:checked { background: #4560c4; }
QToolButton:disabled { background: transparent; }
"""
_POLYGON = ((3, 16), (6, 4), (17, 2), (20, 12), (12, 19))


class ToolRow(QFrame):
    """Buttons for the tools, of which one is always in hand.

    Parameters
    ----------
    canvas : QWidget
    """

    tool_asked = Signal(str)

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setObjectName("tools")
        self.setStyleSheet(_STYLE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3, 3, 3, 3)
        layout.setSpacing(2)
        self._off = ""
        self.buttons: dict[Tool, QToolButton] = {}
        for tool in KINDS:
            self.buttons[tool] = self._button(tool)
            layout.addWidget(self.buttons[tool])
        self.adjustSize()
        self.move(LEFT, TOP)
        self.show()
        canvas.installEventFilter(self)

    def show_tool(self, tool: Tool, off: str = "") -> None:
        """Which tool is in hand; why none can be used, where none can."""
        self.buttons[tool].setChecked(True)
        if off != self._off:
            self._off = off
            for name, button in self.buttons.items():
                button.setEnabled(not off)
                button.setToolTip(off or tool_tip(name))
            self.move(LEFT, TOP + LINE if off else TOP)
        self.raise_()

    def stop(self) -> None:
        """Leave the canvas."""
        leave_canvas(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """A canvas too low for it is left to the tissue."""
        if event is not None and event.type() == QEvent.Type.Resize:
            canvas = self.parentWidget()
            if canvas is not None:
                self.setVisible(canvas.height() > TOP + LINE + self.height() + LEFT)
        return False

    def _button(self, tool: Tool) -> QToolButton:
        kind = KINDS[tool]
        button = QToolButton(self)
        button.setObjectName(tool)
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setIcon(tool_icon(tool))
        button.setIconSize(QSize(SIZE, SIZE))
        button.setToolTip(tool_tip(tool))
        button.setAccessibleName(kind.name)
        button.clicked.connect(partial(self._ask, tool))
        return button

    def _ask(self, tool: Tool, _checked: bool = True) -> None:
        self.tool_asked.emit(tool)


def tool_tip(tool: Tool) -> str:
    """Name, key and use of a tool."""
    kind = KINDS[tool]
    more = "" if tool == "pan" else f"<br>{SPACE_TIP}"
    if tool not in ("pan", "cut"):
        more += f"<br>{MODES_TIP}"
    return f"<b>{kind.name} ({kind.key})</b><br>{kind.tip}{more}"


def tool_icon(tool: Tool) -> QIcon:
    """A picture of what a tool draws, and a faint one for where it cannot be used."""
    icon = QIcon(_drawn(tool, 1.0))
    icon.addPixmap(_drawn(tool, _OFF), QIcon.Mode.Disabled)
    return icon


def _drawn(tool: Tool, opacity: float) -> QPixmap:
    pixmap = QPixmap(2 * SIZE, 2 * SIZE)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setOpacity(opacity)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(_INK, 1.6)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    if tool in ("rectangle", "lasso"):
        pen.setDashPattern([2.0, 2.0])
    painter.setPen(pen)
    painter.drawPath(_sign(tool))
    if tool == "brush":
        painter.setBrush(QColor(240, 241, 242, 110))
        painter.drawEllipse(QRectF(4, 4, 14, 14))
    painter.end()
    return pixmap


def _sign(tool: Tool) -> QPainterPath:
    path = QPainterPath()
    if tool == "pan":
        for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            tip = QPointF(11 + 9 * x, 11 + 9 * y)
            path.moveTo(11, 11)
            path.lineTo(tip)
            for side in (-1, 1):
                path.moveTo(tip)
                path.lineTo(tip - QPointF(3 * x + 3 * side * y, 3 * y + 3 * side * x))
    elif tool == "rectangle":
        path.addRect(QRectF(3, 5, 16, 12))
    elif tool == "lasso":
        path.addEllipse(QRectF(2, 3, 18, 11))
        path.moveTo(7, 13.5)
        path.quadTo(QPointF(4, 17), QPointF(8, 20))
    elif tool == "polygon":
        path.moveTo(*_POLYGON[-1])
        for x, y in _POLYGON:
            path.lineTo(x, y)
    elif tool == "cut":
        path.moveTo(3, 19)
        path.cubicTo(QPointF(8, 10), QPointF(13, 13), QPointF(19, 3))
        path.addEllipse(QRectF(3, 4, 4, 4))
        path.addEllipse(QRectF(14, 14, 4, 4))
    return path
