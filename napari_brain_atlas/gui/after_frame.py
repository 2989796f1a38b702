"""What can wait until the tissue is on the screen."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QEvent, QObject, QTimer
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtWidgets import QApplication, QWidget

PATIENCE_MS = 50
"""A canvas that is hidden presents no frame: then nothing is waited for longer than this."""
_INPUT = (
    QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride, QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick, QEvent.Type.Wheel,
)  # fmt: skip


class AfterFrame(QObject):
    """Calls once the next frame of a canvas has been presented, or when the user acts.

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
        if not self._waits:
            self._waits = True
            self._timer.start(PATIENCE_MS)
            _application().installEventFilter(self)

    def now(self) -> None:
        """Call at once, if anything waits."""
        if self._waits:
            self.stop()
            self._call()

    def stop(self) -> None:
        """Forget what waits."""
        self._timer.stop()
        self._waits = False
        _application().removeEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Nobody acts on a panel that tells of a state before: it is drawn first."""
        if event is not None and event.type() in _INPUT:
            self.now()
        return False

    def _presented(self) -> None:
        # Not inside Qt's drawing of the frame.
        if self._waits:
            self._timer.start(0)


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
