"""What is drawn over the tissue while a tool is in hand.

It lies over the canvas, so napari neither pans nor selects meanwhile; wheel and
hover pass through to it.
"""

from __future__ import annotations

import math

from qtpy.QtCore import QEvent, QObject, QPointF, Qt
from qtpy.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from qtpy.QtWidgets import QApplication, QWidget

from napari_brain_atlas.gui.draft import BY_CORNERS, FREEHAND, Draft, begin
from napari_brain_atlas.gui.panels.leaving import leave_canvas
from napari_brain_atlas.gui.panels.sketch_paint import paint_circle, paint_draft, paint_sign
from napari_brain_atlas.gui.pointer import STILL
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.sight import Sight
from napari_brain_atlas.gui.tool import Mode, Tool, mode_of

STEP = 2.0
"""A line drawn by hand gets a point for every so many pixels."""
CLOSE = 9.0
"""A click so near to the first corner closes a polygon, in pixels."""
BESIDE = QPointF(-1e4, -1e4)
_KEYS = Qt.KeyboardModifier
_STROKES = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)


class Sketch(QWidget):
    """A clear sheet on the canvas that takes the left button of the mouse.

    Parameters
    ----------
    canvas : QWidget
    sight : Sight
    """

    drawn = Signal(object)
    """A `Stroke` is finished."""
    clicked = Signal(object, bool)
    """A click that draws nothing: the place on the section, and whether Shift or Ctrl was held."""

    def __init__(self, canvas: QWidget, sight: Sight) -> None:
        super().__init__(canvas)
        self.setObjectName("sketch")
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.tool: Tool = "pan"
        self.brush = 24
        self.draft: Draft | None = None
        self._sight = sight
        self._pressed: QPointF | None = None
        self._pointer, self._marked = BESIDE, BESIDE
        self._mode: Mode = "new"
        self._moved = False
        for event in (sight.camera.events.zoom, sight.camera.events.center):
            event.connect(self._look)
        canvas.installEventFilter(self)
        self.hide()

    def take(self, tool: Tool, brush: int) -> None:
        """Draw with a tool from now on; what was begun with another is forgotten."""
        if tool != self.tool:
            self.cancel()
        self.tool, self.brush = tool, brush
        if (tool != "pan") == self.isHidden():
            self._cover()
            self.setVisible(tool != "pan")
            self.lower()
        self.update()

    def cancel(self) -> bool:
        """Forget what is being drawn; False if nothing is."""
        had, self.draft, self._pressed = self.draft is not None, None, None
        self.update()
        return had

    def finish(self) -> bool:
        """What is being drawn is whole; False if nothing is."""
        draft = self.draft
        if draft is None:
            return False
        stroke = draft.stroke(self._sight.length(self.brush))
        if stroke.is_whole:
            self.cancel()
            self.drawn.emit(stroke)
        return True

    def take_back(self) -> bool:
        """Take the last corner back; False if nothing is being drawn."""
        if self.draft is None:
            return False
        self.draft = self.draft.shortened()
        self.update()
        return True

    def stop(self) -> None:
        """Hear nothing more."""
        for event in (self._sight.camera.events.zoom, self._sight.camera.events.center):
            event.disconnect(self._look)
        leave_canvas(self)

    # -- mouse -------------------------------------------------------------

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Cover the canvas; while Space is held the mouse moves the tissue under the draft."""
        if event is None:
            return False
        if event.type() == QEvent.Type.Resize:
            self._cover()
        elif event.type() == QEvent.Type.FocusOut:
            # The key may be let go where nobody tells of it.
            self._let_through(False)
        elif event.type() in _STROKES and _is_space(event):
            self._let_through(event.type() == QEvent.Type.KeyPress)
        return False

    def _let_through(self, held: bool) -> None:
        if self._pressed is None:
            self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, held)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Begin, or set a corner."""
        if event is None or not self._is_mine(event):
            return
        self._focus()
        here = self._sight.point(event.position())
        self._pressed, self._moved = event.position(), False
        self._pointer, self._marked = event.position(), event.position()
        if self.draft is None:
            self.draft = begin(self.tool, self._mode, here)
        elif self._closes(event.position()):
            self.finish()
        else:
            self.draft = self.draft.with_point(here)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Draw on; without a button, show what a click would do."""
        if event is None:
            return
        self._mode = _mode(event)
        if self.draft is not None:
            self._drag(event.position())
        self._pointer = event.position()
        self.update()
        if self._pressed is None:
            # napari tells what is under the pointer.
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """A line drawn by hand ends; corners go on."""
        if event is None or not self._is_mine(event) or self._pressed is None:
            return
        pressed, self._pressed = self._pressed, None
        draft, here = self.draft, self._sight.point(event.position())
        if draft is None:
            return
        if self.tool == "polygon":
            self.draft = draft.with_point(here) if self._moved else draft
        elif self._moved or self.tool == "brush":
            self.draft = draft.with_tip(here)
            if self.finish() and self.draft is not None:
                self.cancel()
        elif self.tool not in BY_CORNERS:
            self.cancel()
            self.clicked.emit(self._sight.point(pressed), self._mode in ("add", "subtract"))
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Finish what is drawn by corners."""
        if event is not None and self._is_mine(event) and not self.finish():
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        """The wheel zooms as ever: what is drawn stays on the tissue."""
        canvas = self.parentWidget()
        if event is not None and canvas is not None:
            QApplication.sendEvent(canvas, event)

    def leaveEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """The brush is not over the tissue any more."""
        self._pointer = BESIDE
        self.update()

    def _drag(self, place: QPointF) -> None:
        assert self.draft is not None
        here = self._sight.point(place)
        self.draft = self.draft.with_tip(here)
        if self._pressed is None:
            return
        self._moved = self._moved or _apart(place, self._pressed) > STILL
        if self._moved and self.tool in FREEHAND and _apart(place, self._marked) >= STEP:
            self.draft, self._marked = self.draft.with_point(here), place

    def _is_mine(self, event: QMouseEvent) -> bool:
        """Other buttons are the canvas's."""
        self._mode = _mode(event)
        mine = event.button() == Qt.MouseButton.LeftButton
        event.setAccepted(mine)
        return mine

    def _closes(self, place: QPointF) -> bool:
        if self.draft is None or self.tool != "polygon" or len(self.draft.points) < 3:
            return False
        x, y = self._sight.view().place([self.draft.points[0]])[0]
        return _apart(place, QPointF(x, y)) < CLOSE

    def _focus(self) -> None:
        canvas = self.parentWidget()
        if canvas is not None:
            canvas.setFocus()

    def _cover(self) -> None:
        canvas = self.parentWidget()
        if canvas is not None:
            self.resize(canvas.size())

    def _look(self, _event: object = None) -> None:
        if self.isVisible():
            self.update()

    # -- drawing -----------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draw the outline and the tip of the tool."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draft = self.draft
        if draft is not None:
            view = self._sight.view()
            pixels = view.place(draft.shown)
            corners = view.place(draft.points) if self._pressed is None else None
            paint_draft(painter, draft.tool, pixels, corners, self.brush)
        if self.tool == "brush":
            paint_circle(painter, self._pointer, self.brush)
        if self.tool != "cut":
            paint_sign(painter, self._pointer, draft.mode if draft is not None else self._mode)
        painter.end()


def _is_space(event: QEvent) -> bool:
    if not isinstance(event, QKeyEvent) or event.isAutoRepeat():
        return False
    return event.key() == Qt.Key.Key_Space


def _mode(event: QMouseEvent) -> Mode:
    held = event.modifiers()
    alt = bool(held & (_KEYS.AltModifier | _KEYS.ControlModifier))
    return mode_of(bool(held & _KEYS.ShiftModifier), alt)


def _apart(one: QPointF, other: QPointF) -> float:
    return math.hypot(one.x() - other.x(), one.y() - other.y())
