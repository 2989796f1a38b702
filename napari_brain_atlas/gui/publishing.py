"""Figures on the user's wish: asks where, writes, and says what was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.gui.docks import Docks
from napari_brain_atlas.gui.figure import Figure, write_figure
from napari_brain_atlas.gui.figures import FINER, brain_figure, sheet_figure, view_figure
from napari_brain_atlas.gui.scene import Scene, present
from napari_brain_atlas.gui.sight import Sight
from napari_brain_atlas.gui.stage import Stage

FORMATS = "PDF (*.pdf);;SVG (*.svg);;PNG (*.png)"


class Publishing(QObject):
    """Saves figures of what the window shows.

    Parameters
    ----------
    stage : Stage
    docks : Docks
    viewer : napari.Viewer
    """

    def __init__(self, stage: Stage, docks: Docks, viewer: Any, parent: QObject) -> None:
        super().__init__(parent)
        self._stage, self._docks = stage, docks
        self._sight = Sight(viewer, docks.canvas, docks.tissue)
        docks.actions.figure_asked.connect(self.save)

    def bindings(self) -> dict[str, Callable[[], bool | None]]:
        """Keys, and what they do."""
        return {"Ctrl+E": lambda: self.save("view")}

    def save(self, what: str) -> None:
        """Save a figure of the ``view``, or of the ``sheet`` of all sections of the animal."""
        scene = self._scene()
        path = ask_path(self._docks.window, self._suggested(scene, what))
        if path is None:
            return
        try:
            write_figure(self._figure(scene, what), path)
        except BrainAtlasError as error:
            self._stage.tell(str(error), error=True)
        else:
            self._stage.tell(f"Saved the figure {path.name}.")

    def _scene(self) -> Scene:
        return present(self._stage.document.atlas, self._stage.history, self._stage.view)

    def _figure(self, scene: Scene, what: str) -> Figure:
        atlas, tissue = self._stage.document.atlas, scene.tissue
        if what == "sheet":
            return sheet_figure(atlas, tissue, self._stage.view.turns, scene.legend)
        if scene.space.brain is not None:
            picture, scale = self._docks.cloud.picture(FINER)
            return brain_figure(atlas, picture, scale, scene.title, scene.legend)
        grid = self._docks.drawings.of(tissue.section)
        return view_figure(atlas, grid, tissue, self._sight.view(), scene.legend)

    def _suggested(self, scene: Scene, what: str) -> Path:
        document = self._stage.document
        section = document.atlas.sections[scene.section]
        name = section.animal if what == "sheet" else section.name
        safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in name)
        return document.path.with_name(f"{document.path.stem}-{safe}.pdf")


def ask_path(parent: QWidget, suggested: Path) -> Path | None:
    """Where to write a figure; None if the user leaves it."""
    name, kind = QFileDialog.getSaveFileName(parent, "Save figure", str(suggested), FORMATS)
    if not name:
        return None
    path = Path(name)
    # What is typed without an end gets that of the kind that is chosen.
    return path if path.suffix else path.with_suffix("." + kind.split("*.")[-1].rstrip(")"))
