"""The tissue: one section as one layer, in the unit of the atlas."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QTimer

from napari_brain_atlas.compute.cell_grid import CellGrid
from napari_brain_atlas.compute.picture import Coloring, Look, Painter
from napari_brain_atlas.compute.view import View
from napari_brain_atlas.gui.coloring import Tissue, color_section, look_of
from napari_brain_atlas.gui.drawings import Drawings
from napari_brain_atlas.gui.layers.tissue_image import TissueImage
from napari_brain_atlas.gui.overview import middle_of, overview_of
from napari_brain_atlas.gui.pointer import Place
from napari_brain_atlas.gui.scene import OnCanvas
from napari_brain_atlas.gui.turning import UPRIGHT, Turn
from napari_brain_atlas.model.atlas import Atlas

LAYER_NAME = "tissue"
MARK = "napari_brain_atlas"
"""Key in the metadata of a layer that is drawn by us."""
NEARLY = 1.5
"""Sections whose sizes differ by less than this factor are looked at with one camera."""
SETTLED_MS = 250
"""The thumbnail follows once nothing has changed for so long."""
_Box = tuple[NDArray[np.float64], NDArray[np.float64]]


class TissueLayer:
    """Paints scenes into one layer."""

    def __init__(self, viewer: Any, atlas: Atlas, drawings: Drawings) -> None:
        self._viewer = viewer
        self._atlas = atlas
        self._drawings = drawings
        self._layer: TissueImage | None = None
        self._shown: Tissue | None = None
        self._painter, self._small = Painter(), Painter()
        self._overview: View | None = None
        self._turn = UPRIGHT
        self._given: tuple[CellGrid, Coloring, Look] | None = None
        self._fitted: tuple[float, ...] | None = None
        self._was_visible: bool | None = None
        self._settled = QTimer()
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self._renew_overview)

    @property
    def layer(self) -> TissueImage | None:
        """The layer that is drawn, or None before the first drawing."""
        return self._layer

    def draw(self, scene: OnCanvas) -> bool:
        """Show the section of the scene; says whether it looks different from what was shown."""
        if self._lost():
            self._layer, self._shown = None, None
        if scene.space.brain is not None:
            self._make_room()
            return False
        self._come_back()
        if scene.tissue.looks_like(self._shown):
            return False
        self._show(scene.tissue)
        self._shown = scene.tissue
        return True

    def fit(self) -> None:
        """Show the whole section; in 3D the camera is left where it is."""
        if self._viewer.dims.ndisplay == 3:
            return
        self._viewer.reset_view()
        self._fitted = self._camera()

    @property
    def fitted(self) -> bool:
        """Whether the camera is where `fit` has put it."""
        return self._untouched()

    def tissue_place(self, world: Place) -> Place:
        """The point of the section, (x, y), that is shown at a point of napari's world.

        They differ where the section is turned or flipped. Both in the unit of the atlas.
        """
        if self._layer is None or self._overview is None:
            return world
        row, column = self._layer.world_to_data(world[::-1])
        (left, top), scale = self._overview.corner, self._overview.scale
        return left + (float(column) + 0.5) / scale, top + (float(row) + 0.5) / scale

    def world_place(self, tissue: Place) -> Place:
        """Where in napari's world, (x, y), a point of the section is shown."""
        if self._layer is None or self._overview is None:
            return tissue
        column, row = self._overview.place([tissue])[0] - 0.5
        y, x = self._layer.data_to_world((row, column))
        return float(x), float(y)

    def close(self) -> None:
        """Take the layer out of the viewer."""
        self._settled.stop()
        if self._layer is not None and not self._lost():
            self._viewer.layers.remove(self._layer)
        self._layer = None

    def _make_room(self) -> None:
        """Hide the section while the whole brain is shown."""
        if self._layer is not None and self._was_visible is None:
            self._was_visible = self._layer.visible
            self._layer.visible = False

    def _come_back(self) -> None:
        if self._layer is not None and self._was_visible is not None:
            self._layer.visible = self._was_visible
        self._was_visible = None

    def _lost(self) -> bool:
        """Whether the user has deleted the layer."""
        return self._layer is not None and self._layer not in self._viewer.layers

    def _show(self, tissue: Tissue) -> None:
        grid = self._drawings.of(tissue.section)
        look = look_of(self._atlas, tissue, grid.spacing)
        before, laid = self._overview, self._turn
        self._given = grid, color_section(self._atlas, tissue), look
        self._overview, self._turn = overview_of(grid), tissue.turn
        if self._layer is None:
            self._add()
        if before != self._overview or laid != self._turn:
            self._move(before, laid)
        else:
            self._settled.start()
        assert self._layer is not None
        self._layer.beyond = look.reach * self._overview.scale
        self._layer.renew()

    def _add(self) -> None:
        mark = self._atlas.fingerprint
        for layer in [n for n in self._viewer.layers if n.metadata.get(MARK) == mark]:
            # Sample data or a reader made it for this atlas.
            self._viewer.layers.remove(layer)
        self._layer = TissueImage(self._picture(), self._paint, **self._options())
        self._viewer.add_layer(self._layer)

    def _options(self) -> dict[str, Any]:
        assert self._overview is not None
        turned = {"affine": self._turn.affine(middle_of(self._overview))}
        return {**layer_options(self._overview, self._atlas), **turned}

    def _move(self, before: View | None, laid: Turn) -> None:
        """Put the layer where the section lies, and the camera too if it looks elsewhere."""
        assert self._layer is not None and self._overview is not None
        options = self._options()
        # The thumbnail follows; what the canvas shows is not taken from it.
        blank = np.zeros((self._overview.height, self._overview.width, 4), np.uint8)
        self._layer.lay(blank, options["scale"], options["translate"], options["affine"])
        self._settled.start()
        if self._untouched() or not _overlap(_box(before, laid), _box(self._overview, self._turn)):
            self.fit()

    def _picture(self) -> NDArray[np.uint8]:
        assert self._given is not None and self._overview is not None
        grid, coloring, look = self._given
        return self._small.draw(grid, self._overview, coloring, look).copy()

    def _renew_overview(self) -> None:
        if self._layer is not None and not self._lost():
            self._layer.data = self._picture()

    def _paint(self, view: View) -> NDArray[np.uint8]:
        """What the canvas shows; `view` is of the pixels of the overview."""
        assert self._given is not None and self._overview is not None
        grid, coloring, look = self._given
        return self._painter.draw(grid, self._overview.then(view), coloring, look)

    def _camera(self) -> tuple[float, ...]:
        camera = self._viewer.scene.camera
        return (camera.zoom, *camera.center)

    def _untouched(self) -> bool:
        """Whether the user has left the camera where it was put."""
        return self._fitted is None or self._fitted == self._camera()


def layer_options(overview: View, atlas: Atlas) -> dict[str, Any]:
    """How napari is to show an overview."""
    unit = "pixel" if atlas.unit.name == "px" else "um"
    (left, top), pixel = overview.corner, 1 / overview.scale
    return {
        "name": LAYER_NAME,
        "scale": (pixel, pixel),
        # napari places the centre of the first pixel.
        "translate": (top + pixel / 2, left + pixel / 2),
        "units": (unit, unit),
        "axis_labels": ("y", "x"),
        "metadata": {MARK: atlas.fingerprint},
    }


def _overlap(first: _Box | None, second: _Box | None) -> bool:
    """Whether two sections lie so alike that the camera may stay."""
    if first is None or second is None:
        return False
    (middle, size), (other_middle, other_size) = first, second
    apart = np.abs(middle - other_middle)
    ratio = np.maximum(size / other_size, other_size / size)
    return bool((apart < size / 4).all() and (ratio < NEARLY).all())


def _box(view: View | None, turn: Turn) -> _Box | None:
    """Middle and size of a section as it is laid."""
    if view is None:
        return None
    size = turn.size(view.width / view.scale, view.height / view.scale)
    return middle_of(view), np.array(size)
