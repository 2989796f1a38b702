"""Keys of the window. One table, for the canvas, the panels and the toolbar alike.

Keys of a plugin's manifest do nothing in napari 0.9, and keys bound to a layer
or viewer are heard by the canvas only; so they are bound to the window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakSet

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QKeyEvent, QKeySequence
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

TEXT_EDITORS = (QLineEdit, QAbstractSpinBox, QTextEdit, QPlainTextEdit)
WHILE_TYPING = ("Ctrl+S",)
"""Keys that mean the same while a name is being typed."""
_HEARD = (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)


class Keys(QObject):
    """Calls what a key is bound to, wherever in the window it is pressed.

    Parameters
    ----------
    window : QWidget
        Hears what its children let pass.
    bindings : mapping of str to callable
        By key, as Qt writes it (``Ctrl+Shift+Z``); the callable returns False
        to let the key pass on.
    """

    def __init__(
        self, window: QWidget, bindings: Mapping[str, Callable[[], bool | None]],
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._window: QWidget | None = window
        self._bindings = dict(bindings)
        self._watched: WeakSet[QWidget] = WeakSet()
        self.watch(window)

    def watch(self, widget: QWidget) -> None:
        """Hear keys before this widget does; tables and the canvas eat letters."""
        if not isinstance(widget, TEXT_EDITORS):
            widget.installEventFilter(self)
            self._watched.add(widget)

    def watch_all(self, panel: QWidget) -> None:
        """Hear keys before any widget of a panel does."""
        for widget in (panel, *panel.findChildren(QWidget)):
            # A line edit inside a spin box is typed in too.
            if not isinstance(widget.parent(), TEXT_EDITORS):
                self.watch(widget)

    def close(self) -> None:
        """Hear nothing more."""
        for widget in list(self._watched):
            widget.removeEventFilter(self)
        self._watched.clear()
        self._window = None

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Take the keys that are bound, and leave all others."""
        if event is None or event.type() not in _HEARD or not isinstance(event, QKeyEvent):
            return False
        call = self._bindings.get(key_name(event))
        if call is None or (self._typing() and key_name(event) not in WHILE_TYPING):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            # Claimed before napari's menus see it: the key press itself comes next.
            event.accept()
            return True
        return call() is not False

    def _typing(self) -> bool:
        # Asked of the window, which knows it even while another window is in front.
        window = self._window
        return window is not None and isinstance(window.focusWidget(), TEXT_EDITORS)


def key_name(event: QKeyEvent) -> str:
    """The key as Qt writes it, the number pad counting as the keyboard."""
    pressed: Any = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    sequence = QKeySequence(pressed.value | event.key())
    return str(sequence.toString(QKeySequence.SequenceFormat.PortableText))
