"""What all panels share."""

from __future__ import annotations

from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QWidget

from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.scene import Scene


class Panel(QWidget):
    """A part of the window that draws scenes.

    A panel that is not visible is not drawn; it says `shown` when it comes
    back, and is drawn then. The first drawing and every later one take the
    same path.
    """

    shown = Signal()

    def draw(self, scene: Scene) -> None:
        """Show the scene; must not change anything else."""
        raise NotImplementedError

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802
        """Ask to be drawn."""
        super().showEvent(event)
        self.shown.emit()
