"""A line in which a name is typed, over the tissue; the window goes on meanwhile."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.view_state import Asking

_LINE_WIDTH = 190
_LONGEST_NAME = 200


class AskingPlate(QFrame):
    """Enter says `answered` with the name; Esc says `left`."""

    answered = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget, style: str) -> None:
        super().__init__(parent)
        self.setObjectName("asking")
        self.setStyleSheet(style)
        self.words = QLabel(self)
        self.line = QLineEdit(self)
        self.line.setMinimumWidth(_LINE_WIDTH)
        self.line.setMaxLength(_LONGEST_NAME)
        self.take = QPushButton("Enter  take", self)
        self.leave = QPushButton("Esc  leave", self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 5, 8, 5)
        layout.setSpacing(8)
        layout.addWidget(self.words)
        layout.addWidget(self.line, 1)
        for button in (self.take, self.leave):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setMinimumWidth(button.fontMetrics().horizontalAdvance(button.text()) + 24)
            layout.addWidget(button)
        self._asked: Asking | None = None
        self.line.installEventFilter(self)
        self.take.clicked.connect(lambda *_: self._answer())
        self.leave.clicked.connect(lambda *_: self.left.emit())
        self.hide()

    def ask(self, asking: Asking | None) -> None:
        """Ask for this name, or for none."""
        if asking is self._asked:
            return
        window = self.window()
        # Asked of the window, which knows it even while another window is in front.
        had_focus = window is not None and window.focusWidget() is self.line
        self._asked = asking
        self.setVisible(asking is not None)
        if asking is not None:
            self.words.setText(asking.words)
            self.line.setText(asking.name)
            self.line.selectAll()
            self.line.setFocus()
        elif had_focus:
            self._give_focus_back()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Hear Enter and Esc before the canvas does."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._answer()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.left.emit()
                return True
        return False

    def _answer(self) -> None:
        name = self.line.text().strip()
        if name:
            self.answered.emit(name)

    def _give_focus_back(self) -> None:
        canvas = self.parentWidget()
        if canvas is not None:
            canvas.setFocus()
