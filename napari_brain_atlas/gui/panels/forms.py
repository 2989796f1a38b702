"""How panels lay out what belongs together."""

from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget


def row(*widgets: QWidget) -> QHBoxLayout:
    """Side by side; tool buttons and what has a fixed width keep it."""
    line = QHBoxLayout()
    line.setSpacing(4)
    for widget in widgets:
        fixed = isinstance(widget, QToolButton) or widget.minimumWidth() == widget.maximumWidth()
        line.addWidget(widget, 0 if fixed else 1)
    return line


def caption(text: str, tip: str) -> QLabel:
    """A word before a control, with the same tip."""
    label = QLabel(text)
    label.setToolTip(tip)
    label.setFixedWidth(70)
    return label
