"""The way through the sections, and the line that says what is under the pointer."""

from __future__ import annotations

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QVBoxLayout

from napari_brain_atlas.gui.panels.contact_sheet import ContactSheet
from napari_brain_atlas.gui.panels.panel import Panel
from napari_brain_atlas.gui.panels.space import SpaceSwitch
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.scene import Scene
from napari_brain_atlas.model.atlas import Atlas

SAVED_TIP = (
    "Every decision is kept in the journal beside the file at once; Save writes names and cells "
    "of all neighborhoods into the file itself"
)
_SHOW_TIP = "Show the contact sheet: small pictures of all sections of an animal (Shift+C)"
_FOLD_TIP = "Fold the contact sheet away (Shift+C)"


class SectionsPanel(Panel):
    """Previous and next section, front to back, a slider, and a contact sheet of all of them."""

    section_asked = Signal(int)
    sheet_asked = Signal()
    """The contact sheet is to be folded, or unfolded."""
    heightened = Signal(int)
    """It needs another height in pixels than before."""
    back_asked = Signal()
    forward_asked = Signal()

    def __init__(self, atlas: Atlas) -> None:
        super().__init__()
        self.previous = _arrow("◀", "Previous section, towards the front (PageUp)")
        self.next = _arrow("▶", "Next section, towards the back (PageDown)")
        self.back = _arrow("↶", "Back to the place visited before (Ctrl+[)")
        self.forward = _arrow("↷", "Forward to the place visited after (Ctrl+])")
        self.fold = _arrow("▾", _FOLD_TIP)
        self.fold.setAutoRepeat(False)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setToolTip("Sections of each animal from front (anterior) to back (posterior)")
        self.place = QLabel()
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.status = QLabel()
        self.saved = QLabel()
        self.sheet = ContactSheet(atlas)
        self.space = SpaceSwitch()
        self._scene: Scene | None = None
        # The window has to be told after Qt has laid it out anew.
        self._laid_out = QTimer(self)
        self._laid_out.setSingleShot(True)
        self._laid_out.timeout.connect(lambda: self.heightened.emit(self.height()))
        self._lay_out()
        self.show_ways(False, False)
        self._connect()

    def draw(self, scene: Scene) -> None:
        """Show which section is drawn."""
        self._scene = scene
        self.slider.setRange(0, scene.n_sections - 1)
        self.slider.setPageStep(1)
        self.slider.setValue(scene.section)
        self.previous.setEnabled(scene.section > 0)
        self.next.setEnabled(scene.section < scene.n_sections - 1)
        self.place.setText(scene.section_names[scene.section])
        self.saved.setText(scene.saved)
        self.saved.setToolTip(SAVED_TIP)
        self.space.draw(scene.space)
        self._draw_sheet(scene)

    def tell(self, text: str) -> None:
        """Show what is under the pointer."""
        self.status.setText(text)

    def show_ways(self, back: bool, forward: bool) -> None:
        """Show whether there is a place to go back to, and one to go forward to."""
        self.back.setEnabled(back)
        self.forward.setEnabled(forward)

    def _draw_sheet(self, scene: Scene) -> None:
        shown = scene.sheet and scene.n_sections > 1
        if shown:
            self.sheet.draw(scene)
        self.sheet.setVisible(shown)
        for choice in (self.sheet.animal, self.sheet.beside):
            choice.setVisible(shown and self.sheet.has_animals)
        self.fold.setVisible(scene.n_sections > 1)
        self.fold.setText("▾" if shown else "▴")
        self.fold.setToolTip(_FOLD_TIP if shown else _SHOW_TIP)
        # The dock is as high as it has to be: the rest is the tissue's.
        height = self.sizeHint().height()
        if height != self.maximumHeight():
            self.setFixedHeight(height)
            self._laid_out.start()

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self.section_asked)
        self.sheet.section_asked.connect(self.section_asked)
        self.sheet.rows_changed.connect(self._draw_again)
        self.previous.clicked.connect(lambda: self.slider.setValue(self.slider.value() - 1))
        self.next.clicked.connect(lambda: self.slider.setValue(self.slider.value() + 1))
        # `clicked` carries whether a button is checked, which means nothing here.
        self.back.clicked.connect(lambda *_: self.back_asked.emit())
        self.forward.clicked.connect(lambda *_: self.forward_asked.emit())
        self.fold.clicked.connect(lambda *_: self.sheet_asked.emit())

    def _draw_again(self) -> None:
        if self._scene is not None:
            self.draw(self._scene)

    def _lay_out(self) -> None:
        # A long text must not push the window wider.
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        way, line = QHBoxLayout(), QHBoxLayout()
        way.addWidget(self.previous)
        way.addWidget(self.slider, 1)
        for widget in (
            self.next, self.place, self.sheet.animal, self.sheet.beside, self.space.where,
            self.space.button, self.back, self.forward, self.fold,
        ):  # fmt: skip
            way.addWidget(widget)
        line.addWidget(self.status, 1)
        line.addWidget(self.saved)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(2)
        layout.addLayout(way)
        layout.addWidget(self.sheet)
        layout.addLayout(line)


def _arrow(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAutoRepeat(True)
    return button
