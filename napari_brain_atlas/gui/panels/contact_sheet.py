"""The contact sheet: a strip of pictures for an animal, and one for another beside it."""

from __future__ import annotations

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QComboBox, QVBoxLayout, QWidget

from napari_brain_atlas.gui.contact_sheet import Rows, SheetPainter, counterpart, items_of
from napari_brain_atlas.gui.panels.contact_strip import HEIGHT, WIDTH, ContactStrip
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.scene import Scene, animal_text
from napari_brain_atlas.gui.thumbnails import Thumbnails
from napari_brain_atlas.model.atlas import Atlas

ALONE = "beside: none"
_ANIMAL_TIP = "The animal whose sections are shown; another one opens at the same position"
_BESIDE_TIP = "Shows a second animal under the first, at the same position"


class ContactSheet(QWidget):
    """Strips of one or two animals, and what chooses them.

    `animal` and `beside` are placed by the panel that the sheet lies in.
    """

    section_asked = Signal(int)
    join_asked = Signal(int)
    """Tools are to draw on a section too, or not any more."""
    rows_changed = Signal()

    def __init__(self, atlas: Atlas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._atlas = atlas
        ratio = self.devicePixelRatioF()
        painter = SheetPainter(atlas, round(WIDTH * ratio), round(HEIGHT * ratio))
        self.thumbnails = Thumbnails(painter, self)
        self.rows = Rows(atlas.sections[0].animal)
        self.strips = (ContactStrip(self.thumbnails), ContactStrip(self.thumbnails))
        self.animal, self.beside = QComboBox(), QComboBox()
        self._items = {name: items_of(atlas, name) for name in atlas.animals}
        self._section = 0
        self._lay_out()
        self._fill()
        for strip in self.strips:
            strip.section_asked.connect(self.section_asked)
            strip.join_asked.connect(self.join_asked)
        self.animal.activated.connect(self._choose_animal)
        self.beside.activated.connect(self._choose_beside)

    @property
    def has_animals(self) -> bool:
        """Whether there is one to choose."""
        return len(self._items) > 1

    def draw(self, scene: Scene) -> None:
        """Show the animals, and what looks different now."""
        self._section = scene.section
        self.rows = self.rows.showing(self._atlas.sections[scene.section].animal)
        changed = self.thumbnails.show(scene.tissue, scene.turns, self.rows.animals)
        self._draw_choice()
        for strip, animal in zip(self.strips, (*self.rows.animals, ""), strict=False):
            strip.setVisible(bool(animal))
            if animal:
                middle = counterpart(self._atlas, scene.section, animal)
                strip.show_sections(self._items[animal], middle, scene.section, scene.joined)
            if changed:
                strip.renew_all()

    def stop(self) -> None:
        """Paint nothing more."""
        self.thumbnails.stop()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for strip in self.strips:
            layout.addWidget(strip)
        self.strips[1].hide()

    def _fill(self) -> None:
        self.animal.setToolTip(_ANIMAL_TIP)
        self.beside.setToolTip(_BESIDE_TIP)
        for name in self._items:
            self.animal.addItem(animal_text(name), name)

    def _draw_choice(self) -> None:
        self._fill_beside()
        for box, name in ((self.animal, self.rows.first), (self.beside, self.rows.beside)):
            with QSignalBlocker(box):
                box.setCurrentIndex(box.findData(name))

    def _fill_beside(self) -> None:
        """Offer the animals that are not there already."""
        offered = ["", *(name for name in self._items if name != self.rows.first)]
        if offered == [self.beside.itemData(i) for i in range(self.beside.count())]:
            return
        with QSignalBlocker(self.beside):
            self.beside.clear()
            for name in offered:
                self.beside.addItem(f"beside: {animal_text(name)}" if name else ALONE, name)

    def _choose_animal(self, chosen: int) -> None:
        animal = str(self.animal.itemData(chosen))
        beside = "" if animal == self.rows.beside else self.rows.beside
        self.rows = Rows(animal, beside)
        self._go_on(animal)

    def _choose_beside(self, chosen: int) -> None:
        self.rows = self.rows.with_beside(str(self.beside.itemData(chosen)))
        here = self._atlas.sections[self._section].animal
        self._go_on(here if here in self.rows.animals else self.rows.first)

    def _go_on(self, animal: str) -> None:
        """Show the rows, with a section that is in one of them."""
        there = counterpart(self._atlas, self._section, animal)
        if there != self._section:
            self.section_asked.emit(there)
        self.rows_changed.emit()
