"""One line for the user, with a button where there is a remedy."""

from __future__ import annotations

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.view_state import Notice

NOTICE_MS = 9000
REMEDY_KEY = "Shift+Enter"
_PADDING = 28


class NoticePlate(QFrame):
    """Goes by itself after a while, unless it offers a remedy: that waits to be decided."""

    gone = Signal()
    remedy_asked = Signal()

    def __init__(self, parent: QWidget, style: str) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._style = style
        self.words = QLabel(self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(6)
        layout.addWidget(self.words)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self._shown: Notice | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.gone)
        self.button.clicked.connect(lambda *_: self.remedy_asked.emit())
        self.hide()

    def text(self) -> str:
        """What it says."""
        return self.words.text()

    def show_notice(self, notice: Notice | None) -> None:
        """Show this line, or none."""
        self.setVisible(notice is not None)
        if notice is None:
            self.stop()
        elif notice != self._shown:
            self._show(notice)
        self._shown = notice

    def stop(self) -> None:
        """Say nothing more."""
        self._timer.stop()

    def place(self, width: int) -> None:
        """Take the room that is needed, at most this width."""
        self.setFixedWidth(max(min(self._wanted_width(), width), 50))
        layout = self.layout()
        assert layout is not None
        self.setFixedHeight(layout.totalHeightForWidth(self.width()))

    def _show(self, notice: Notice) -> None:
        self.words.setText(notice.text)
        remedy = notice.remedy
        self.button.setVisible(remedy is not None)
        if remedy is not None:
            # What follows an ampersand would be a key of the button.
            self.button.setText(f"{REMEDY_KEY}  {remedy.text}".replace("&", "&&"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, remedy is None)
        self.setProperty("error", notice.error)
        self.setStyleSheet(self._style)
        if remedy is None:
            self._timer.start(NOTICE_MS)
        else:
            self._timer.stop()

    def _wanted_width(self) -> int:
        words = self.words.fontMetrics().horizontalAdvance(self.words.text())
        button = 0 if self.button.isHidden() else self.button.sizeHint().width()
        return max(words, button) + _PADDING
