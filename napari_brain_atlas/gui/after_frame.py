"""What can wait until the tissue is on the screen."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QObject, QTimer
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtWidgets import QWidget

PATIENCE_MS = 50
"""A canvas that is hidden presents no frame: then nothing is waited for longer than this."""


class AfterFrame(QObject):
    """Calls once the next frame of a canvas has been presented.

    Parameters
    ----------
    canvas : QWidget
    call : callable
    """

    def __init__(self, canvas: QWidget, call: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._call = call
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.now)
        self._waits = False
        if isinstance(canvas, QOpenGLWidget):
            canvas.frameSwapped.connect(self._presented)

    def wait(self) -> None:
        """Call after the next frame; once, however often this is asked for."""
        self._waits = True
        if not self._timer.isActive():
            self._timer.start(PATIENCE_MS)

    def now(self) -> None:
        """Call at once, if anything waits."""
        self._timer.stop()
        if self._waits:
            self._waits = False
            self._call()

    def stop(self) -> None:
        """Forget what waits."""
        self._timer.stop()
        self._waits = False

    def _presented(self) -> None:
        # Not inside Qt's drawing of the frame.
        if self._waits:
            self._timer.start(0)
