"""How what lies over the canvas goes."""

from __future__ import annotations

from qtpy.QtWidgets import QWidget


def leave_canvas(plate: QWidget) -> None:
    """Hear nothing more of the canvas that a widget lies on, and be gone."""
    canvas = plate.parentWidget()
    if canvas is not None:
        canvas.removeEventFilter(plate)
    plate.hide()
    plate.deleteLater()
