"""Going to places and back: section and camera together, and how sections are laid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtpy.QtCore import QEvent, QObject, Qt, QTimer
from qtpy.QtGui import QMouseEvent

from napari_brain_atlas.gui.docks import Docks
from napari_brain_atlas.gui.finding import cells_on, largest_section
from napari_brain_atlas.gui.keeping import kept_to_turns, turns_to_kept
from napari_brain_atlas.gui.places import Places, Visit
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.stage import Stage
from napari_brain_atlas.gui.turning import Turn
from napari_brain_atlas.workflow.kept_view import keep_view, read_view

SETTLED_MS = 900
"""Who stays so long has visited a place; sections that are only passed are none."""
FILLED = 0.8
"""Of the canvas, by what is gone to."""
CLOSEST = 24.0
"""Spacing of cells in pixels: nearer than this nothing small is gone to."""
_SIDE_BUTTONS = (Qt.MouseButton.BackButton, Qt.MouseButton.ForwardButton)


class Wayfinding(QObject):
    """Moves the camera from section to section, and remembers where it was.

    Parameters
    ----------
    viewer : napari.Viewer
    stage : Stage
        Gets the turns that were kept beside the file.
    docks : Docks
    """

    ways = Signal(bool, bool)
    """Whether there is a place to go back to, and one to go forward to."""

    def __init__(self, viewer: Any, stage: Stage, docks: Docks) -> None:
        super().__init__(stage)
        self._camera = viewer.scene.camera
        self._stage, self._docks = stage, docks
        self._canvas = docks.canvas
        self.places = Places()
        self._section = stage.view.section
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self.settle)
        self._kept = read_view(stage.document.folder)
        stage.update(turns=kept_to_turns(self._kept, stage.document.atlas), sheet=self._kept.sheet)
        stage.changed.connect(self._heard)
        docks.sections.section_asked.connect(stage.show_section)
        docks.sections.sheet_asked.connect(self.fold_sheet)
        docks.sections.back_asked.connect(self.back)
        docks.sections.forward_asked.connect(self.forward)
        docks.neighborhoods.visited.connect(self.visit)
        self.ways.connect(docks.sections.show_ways)
        for event in (self._camera.events.zoom, self._camera.events.center):
            event.connect(self._moved)
        self._canvas.installEventFilter(self)

    def bindings(self) -> dict[str, Callable[[], bool | None]]:
        """What its keys do."""
        return {
            "J": self.visit_selected,
            "Ctrl+[": self.back,
            "Ctrl+]": self.forward,
            "R": self.turn,
            "Shift+R": lambda: self.turn(-1),
            "F": self.flip,
            "Shift+C": self.fold_sheet,
        }

    # -- going -------------------------------------------------------------

    def visit_selected(self) -> None:
        """Go to the largest section of the selected neighborhoods, and show them whole."""
        if self._stage.can("visit"):
            self.visit(self._stage.view.selection)

    def visit(self, identities: tuple[int, ...]) -> None:
        """Go to the largest section of some neighborhoods; nowhere if they have no cell."""
        section = largest_section(self._stage.curation, identities)
        if section is None:
            return
        self.settle()
        self._stage.show_section(section)
        self._show_whole(section, identities)
        self.settle()

    def back(self) -> None:
        """Return to the place before this one."""
        self._go(Places.back, "This is the first place visited")

    def forward(self) -> None:
        """Go again to the place that was left by going back."""
        self._go(Places.forward, "This is the last place visited")

    def settle(self) -> None:
        """The user is where they wanted to be."""
        self._settled.stop()
        if self._in_space:
            # A place is one on a section.
            return
        self._set(self.places.arrive(self.here()))

    def here(self) -> Visit:
        """What is looked at now."""
        _, row, column = (float(v) for v in self._camera.center)
        center = self._docks.tissue.tissue_place((column, row))
        return Visit(self._stage.view.section, center, self._half() / float(self._camera.zoom))

    # -- laying ------------------------------------------------------------

    def turn(self, by: int = 1) -> None:
        """Turn the section by quarters, clockwise."""
        self._lay(self._laid().turned(by))

    def flip(self) -> None:
        """Exchange left and right."""
        self._lay(self._laid().mirrored())

    def fold_sheet(self) -> None:
        """Fold the contact sheet away, or show it again."""
        self._stage.update(sheet=not self._stage.view.sheet)

    # -- life --------------------------------------------------------------

    def close(self) -> None:
        """Hear nothing more, and keep how sections are laid."""
        self._settled.stop()
        self._keep()
        self._stage.changed.disconnect(self._heard)
        for event in (self._camera.events.zoom, self._camera.events.center):
            event.disconnect(self._moved)
        self._canvas.removeEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Take the two buttons at the side of a mouse."""
        if not isinstance(event, QMouseEvent) or event.button() not in _SIDE_BUTTONS:
            return False
        if event.type() == QEvent.Type.MouseButtonPress:
            back = event.button() == Qt.MouseButton.BackButton
            self.back() if back else self.forward()
        return True

    def _go(self, step: Callable[[Places], Places], at_the_end: str) -> None:
        self.settle()
        gone = step(self.places)
        if gone == self.places or gone.present is None:
            self._stage.tell(at_the_end)
            return
        # Set before the window hears of another section and asks where it is.
        self._set(gone)
        self._stage.show_section(gone.present.section)
        self._look(self._docks.tissue.world_place(gone.present.center), gone.present.reach)

    def _show_whole(self, section: int, identities: tuple[int, ...]) -> None:
        """Bring all cells of the neighborhoods into the middle of the canvas."""
        atlas, tissue = self._stage.document.atlas, self._docks.tissue
        mine = cells_on(self._stage.curation, section, identities)
        xy = atlas.xy[atlas.sections[section].cells][mine]
        first, last = (tissue.world_place(xy_end) for xy_end in _ends(xy))
        middle = (first[0] + last[0]) / 2, (first[1] + last[1]) / 2
        width, height = abs(last[0] - first[0]), abs(last[1] - first[1])
        sizes = ((width, self._canvas.width()), (height, self._canvas.height()))
        closest = CLOSEST / self._docks.drawings.of(section).spacing
        zoom = min([closest, *(FILLED * pixels / max(size, 1e-9) for size, pixels in sizes)])
        self._look(middle, self._half() / zoom)

    @property
    def _in_space(self) -> bool:
        return self._stage.view.space.brain is not None

    def _look(self, world: tuple[float, float], reach: float) -> None:
        if self._in_space:
            return
        depth = float(self._camera.center[0])
        self._camera.center = (depth, world[1], world[0])
        self._camera.zoom = self._half() / reach

    def _half(self) -> float:
        return max(min(self._canvas.width(), self._canvas.height()) / 2, 1.0)

    def _laid(self) -> Turn:
        return self._stage.view.turns.of(self._stage.view.section)

    def _lay(self, turn: Turn) -> None:
        view, here = self._stage.view, self.here()
        fitted = self._docks.tissue.fitted
        self._stage.update(turns=view.turns.with_turn(view.section, turn))
        if not fitted:
            # What was in the middle stays there.
            self._look(self._docks.tissue.world_place(here.center), here.reach)

    def _set(self, places: Places) -> None:
        self.places = places
        self.ways.emit(bool(places.past), bool(places.future))

    def _moved(self, _event: Any = None) -> None:
        self._settled.start()

    def _heard(self) -> None:
        if self._stage.view.section != self._section:
            self._section = self._stage.view.section
            self._settled.start()

    def _keep(self) -> None:
        view, document = self._stage.view, self._stage.document
        kept = turns_to_kept(view.turns, document.atlas, view.sheet)
        if kept != self._kept and keep_view(document.folder, kept):
            self._kept = kept


def _ends(xy: Any) -> tuple[tuple[float, float], tuple[float, float]]:
    low, high = xy.min(axis=0), xy.max(axis=0)
    return (float(low[0]), float(low[1])), (float(high[0]), float(high[1]))
