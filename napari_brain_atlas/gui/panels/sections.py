"""The way through the sections, and the line that says what is under the pointer."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QVBoxLayout

from napari_brain_atlas.gui.panels.panel import Panel
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.scene import Scene

SAVED_TIP = (
    "Every decision is kept in the journal beside the file at once; Save writes names and cells "
    "of all neighborhoods into the file itself"
)


class SectionsPanel(Panel):
    """Previous and next section, front to back, and a slider over all of them."""

    section_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.previous = _arrow("◀", "Previous section, towards the front (PageUp)")
        self.next = _arrow("▶", "Next section, towards the back (PageDown)")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setToolTip("Sections of each animal from front (anterior) to back (posterior)")
        self.place = QLabel()
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.status = QLabel()
        self.saved = QLabel()
        self._lay_out()
        self.slider.valueChanged.connect(self.section_asked)
        self.previous.clicked.connect(lambda: self.slider.setValue(self.slider.value() - 1))
        self.next.clicked.connect(lambda: self.slider.setValue(self.slider.value() + 1))

    def draw(self, scene: Scene) -> None:
        """Show which section is drawn."""
        self.slider.setRange(0, scene.n_sections - 1)
        self.slider.setPageStep(1)
        self.slider.setValue(scene.section)
        self.previous.setEnabled(scene.section > 0)
        self.next.setEnabled(scene.section < scene.n_sections - 1)
        self.place.setText(scene.section_names[scene.section])
        self.saved.setText(scene.saved)
        self.saved.setToolTip(SAVED_TIP)

    def tell(self, text: str) -> None:
        """Show what is under the pointer."""
        self.status.setText(text)

    def _lay_out(self) -> None:
        # A long text must not push the window wider.
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        way, line = QHBoxLayout(), QHBoxLayout()
        way.addWidget(self.previous)
        way.addWidget(self.slider, 1)
        way.addWidget(self.next)
        way.addWidget(self.place)
        line.addWidget(self.status, 1)
        line.addWidget(self.saved)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(2)
        layout.addLayout(way)
        layout.addLayout(line)


def _arrow(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAutoRepeat(True)
    return button
