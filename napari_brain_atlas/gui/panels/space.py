"""The way to the whole brain in 3D and back, and how its cells are placed."""

from __future__ import annotations

from qtpy.QtCore import QObject, Qt
from qtpy.QtWidgets import QComboBox, QToolButton

from napari_brain_atlas.gui.brain import Space
from napari_brain_atlas.gui.qt import Signal

TIP = "Show the whole animal in 3D (D); drag turns it, the wheel zooms, Shift+drag moves it"
BACK_TIP = "Back to the section in 2D (D)"
WHERE = {"sections": "by section", "ccf": "by CCF"}
WHERE_TIP = (
    "Place cells by their sections, one behind the other, or by the coordinates of the Common "
    "Coordinate Framework that the file has for them"
)
_STYLE = """
QToolButton { padding: 2px 9px; border: none; border-radius: 3px; background: #424a54;
              color: #f0f1f2; }
QToolButton:hover { background: #565f6c; }
QToolButton:checked { background: #4560c4; }
"""


class SpaceSwitch(QObject):
    """A button that stays down in 3D, and a choice that is there if the file has both."""

    switched = Signal()
    where_asked = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.button = QToolButton()
        self.button.setText("3D")
        self.button.setCheckable(True)
        self.button.setStyleSheet(_STYLE)
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.where = QComboBox()
        self.where.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.where.setToolTip(WHERE_TIP)
        for name, words in WHERE.items():
            self.where.addItem(words, name)
        self.where.hide()
        # `clicked` carries whether a button is checked; what is shown decides.
        self.button.clicked.connect(lambda *_: self.switched.emit())
        self.where.activated.connect(lambda i: self.where_asked.emit(self.where.itemData(i)))

    def draw(self, space: Space) -> None:
        """Show whether the brain is shown, and what can be chosen."""
        shown = space.brain is not None
        self.button.setChecked(shown)
        self.button.setToolTip(BACK_TIP if shown else TIP)
        self.where.setVisible(shown and space.registered is not None)
        self.where.setCurrentIndex(self.where.findData(space.where))
