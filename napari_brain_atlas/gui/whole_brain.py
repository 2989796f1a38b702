"""From the section to the whole brain in 3D and back; the camera of each is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from qtpy.QtCore import QObject, QTimer

from napari_brain_atlas.compute.thinning import Thinned
from napari_brain_atlas.gui.brain import (
    FROM_FRONT,
    Brain,
    Registered,
    Space,
    Where,
    placed_by_ccf,
    stacked,
    thin_animal,
)
from napari_brain_atlas.gui.docks import Docks
from napari_brain_atlas.gui.latest import Latest
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.stage import Stage
from napari_brain_atlas.io.registration import read_ccf

UP = (0.0, -1.0, 0.0)
"""Towards the top of the canvas, (z, y, x)."""
KEPT = 2
"""Animals whose cells stay chosen."""


@dataclass(frozen=True, slots=True)
class _Look:
    """Where a camera stands."""

    center: tuple[float, ...]
    zoom: float
    angles: tuple[float, ...]


def _look_of(camera: Any) -> _Look:
    center, angles = tuple(map(float, camera.center)), tuple(map(float, camera.angles))
    return _Look(center, float(camera.zoom), angles)


class WholeBrain(QObject):
    """Follows napari's own switch between 2D and 3D, and keeps what 3D shows up to date.

    Parameters
    ----------
    viewer : napari.Viewer
    stage : Stage
    docks : Docks
    """

    arrived = Signal()
    """The canvas shows the other of the two; what was under the pointer is not any more."""

    def __init__(self, viewer: Any, stage: Stage, docks: Docks) -> None:
        super().__init__(stage)
        self._viewer, self._stage, self._docks = viewer, stage, docks
        self._atlas = stage.document.session.atlas
        self._looks = {False: _look_of(viewer.scene.camera)}
        self._seen: tuple[str, Where] | None = None
        self._thinned: dict[tuple[str, bool], Thinned] = {}
        self._asked = False
        self._coming = QTimer(self)
        self._coming.setSingleShot(True)
        self._coming.timeout.connect(self.arrive)
        self._reading = Latest(self)
        self._reading.done.connect(self._registered)
        self._reading.failed.connect(lambda told: stage.tell(told, error=True))
        viewer.dims.ndisplay = 2
        # No layer may come or go before napari has told all that has changed with it.
        viewer.dims.events.ndisplay.connect(self._switched)
        camera = viewer.scene.camera
        self._events = camera.events.zoom, camera.events.center, camera.events.angles
        for event in self._events:
            event.connect(self._moved)
        stage.changed.connect(self._heard)
        docks.sections.space.switched.connect(self.switch)
        docks.sections.space.where_asked.connect(self.place_by)

    def bindings(self) -> dict[str, Callable[[], bool | None]]:
        """What its keys do."""
        return {"D": self.switch}

    def switch(self) -> None:
        """Show the whole brain, or the section again."""
        self._viewer.dims.ndisplay = 2 if self._in_space else 3
        self.arrive()

    def arrive(self) -> None:
        """Show what napari's switch says, unless it is shown."""
        self._coming.stop()
        if self._in_space == (self._stage.view.space.brain is not None):
            return
        look = self._looks.get(self._in_space)
        if self._in_space:
            self._enter(look)
        else:
            # napari moves the camera once the layer is gone; the section lies where it was.
            self._docks.cloud.leave()
            self._restore(look)
            self._stage.update(space=replace(self._stage.view.space, brain=None))
        self.arrived.emit()

    def place_by(self, where: Where) -> None:
        """Place cells by their sections, or by their CCF coordinates."""
        self._stage.update(space=replace(self._stage.view.space, where=where))

    def close(self) -> None:
        """Hear nothing more, and leave napari in 2D."""
        self._reading.stop()
        self._stage.changed.disconnect(self._heard)
        self._coming.stop()
        self._viewer.dims.events.ndisplay.disconnect(self._switched)
        for event in self._events:
            event.disconnect(self._moved)
        if self._in_space:
            self._viewer.dims.ndisplay = 2
            self._docks.cloud.leave()
            self._restore(self._looks[False])

    # -- napari's camera ---------------------------------------------------

    def _enter(self, look: _Look | None) -> None:
        self._stage.update(tool="pan", space=self._with_brain())
        if not self._asked:
            self._asked = True
            self._reading.ask(lambda: read_ccf(self._atlas.measurements))
        before, self._seen = self._seen, self._key()
        if before != self._seen or not self._restore(look):
            self._look_at_all()

    def _switched(self, _event: Any = None) -> None:
        self._coming.start()

    def _moved(self, _event: Any = None) -> None:
        """Keep where the camera stands, but not where napari puts it on the way."""
        if self._in_space == (self._stage.view.space.brain is not None):
            self._looks[self._in_space] = _look_of(self._viewer.scene.camera)

    @property
    def _in_space(self) -> bool:
        return bool(self._viewer.dims.ndisplay == 3)

    def _restore(self, look: _Look | None) -> bool:
        camera = self._viewer.scene.camera
        if look is not None:
            camera.angles, camera.zoom, camera.center = look.angles, look.zoom, look.center
        return look is not None

    def _look_at_all(self) -> None:
        """The whole brain, from a side that shows how sections lie."""
        layer, brain = self._docks.cloud.layer, self._stage.view.space.brain
        if layer is not None and brain is not None:
            self._viewer.scene.camera.set_view_direction(FROM_FRONT[brain.where], UP)
            self._viewer.fit_to_view(layers=[layer])

    # -- what is shown -----------------------------------------------------

    def _heard(self) -> None:
        """Another animal, other turns or another way to place cells ask for another brain."""
        shown = self._stage.view.space.brain
        if shown is None:
            return
        space = self._with_brain()
        if space.brain is shown:
            return
        self._stage.update(space=space)
        before, self._seen = self._seen, self._key()
        if before != self._seen:
            self._look_at_all()

    def _key(self) -> tuple[str, Where] | None:
        brain = self._stage.view.space.brain
        return None if brain is None else (brain.animal, brain.where)

    def _with_brain(self) -> Space:
        view = self._stage.view
        space, animal = view.space, self._atlas.sections[view.section].animal
        wanted = (animal, space.where, view.turns)
        shown = space.brain
        if shown is not None and (shown.animal, shown.where, shown.turns) == wanted:
            return space
        return replace(space, brain=self._made(animal, space.where))

    def _made(self, animal: str, where: Where) -> Brain:
        turns, registered = self._stage.view.turns, self._stage.view.space.registered
        if where == "ccf" and registered is not None:
            thinned = self._thin(animal, registered)
            return placed_by_ccf(self._atlas, animal, thinned, turns, registered)
        return stacked(self._atlas, animal, self._thin(animal, None), turns)

    def _thin(self, animal: str, registered: Registered | None) -> Thinned:
        key = animal, registered is not None
        if key not in self._thinned:
            while len(self._thinned) >= 2 * KEPT:
                del self._thinned[next(iter(self._thinned))]
            self._thinned[key] = thin_animal(self._atlas, animal, registered)
        return self._thinned[key]

    def _registered(self, ccf: Any) -> None:
        if ccf is not None:
            space = self._stage.view.space
            self._stage.update(space=replace(space, registered=Registered(ccf)))
