"""Which pixel of the canvas shows which point of the section, as the camera stands."""

from __future__ import annotations

from typing import Any

import numpy as np
from qtpy.QtCore import QPointF
from qtpy.QtWidgets import QWidget

from napari_brain_atlas.compute.view import View
from napari_brain_atlas.gui.layers.tissue import TissueLayer
from napari_brain_atlas.gui.tool import Point

_FIRST = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))


class Sight:
    """Goes from the section to the canvas and back.

    Parameters
    ----------
    viewer : napari.Viewer
        With one canvas in two dimensions.
    canvas : QWidget
    tissue : TissueLayer
    """

    def __init__(self, viewer: Any, canvas: QWidget, tissue: TissueLayer) -> None:
        self.camera = viewer.scene.camera
        self._canvas, self._tissue = canvas, tissue

    def view(self) -> View:
        """Points of the section to pixels of the canvas, of which Qt counts the corners."""
        origin, right, down = (self._pixel(self._tissue.world_place(p)) for p in _FIRST)
        (a, d), (b, e) = (right - origin).tolist(), (down - origin).tolist()
        c, f = origin.tolist()
        return View((a, b, c, d, e, f), self._canvas.height(), self._canvas.width())

    def point(self, pixel: QPointF) -> Point:
        """The point of the section that a pixel shows."""
        _, row, column = (float(v) for v in self.camera.center)
        zoom = float(self.camera.zoom)
        x = column + (pixel.x() - self._canvas.width() / 2) / zoom
        y = row + (pixel.y() - self._canvas.height() / 2) / zoom
        return self._tissue.tissue_place((x, y))

    def length(self, pixels: float) -> float:
        """A length on the section, in the unit of the atlas."""
        return pixels / self.view().scale

    def _pixel(self, world: Point) -> Any:
        _, row, column = (float(v) for v in self.camera.center)
        zoom = float(self.camera.zoom)
        right = (world[0] - column) * zoom + self._canvas.width() / 2
        return np.array([right, (world[1] - row) * zoom + self._canvas.height() / 2])
