"""The tissue: one section as one napari image."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.layers import Image

from napari_brain_atlas.compute.raster import Raster, paint
from napari_brain_atlas.gui.coloring import Tissue, cell_colors
from napari_brain_atlas.gui.drawings import Drawings
from napari_brain_atlas.gui.scene import Scene
from napari_brain_atlas.model.atlas import Atlas

LAYER_NAME = "tissue"
MARK = "napari_brain_atlas"
"""Key in the metadata of a layer that is drawn by us."""
NEARLY = 1.5
"""Sections whose sizes differ by less than this factor are looked at with one camera."""


class TissueLayer:
    """Paints scenes into one image layer, in the unit of the atlas."""

    def __init__(self, viewer: Any, atlas: Atlas, drawings: Drawings) -> None:
        self._viewer = viewer
        self._atlas = atlas
        self._drawings = drawings
        self._layer: Image | None = None
        self._shown: Tissue | None = None
        self._raster: Raster | None = None
        self._fitted: tuple[float, ...] | None = None

    @property
    def layer(self) -> Image | None:
        """The layer that is drawn, or None before the first drawing."""
        return self._layer

    def draw(self, scene: Scene) -> None:
        """Paint the section of the scene, if it looks different from what is painted."""
        if self._lost():
            self._layer, self._shown = None, None
        if not scene.tissue.looks_like(self._shown):
            self._paint(scene.tissue)
            self._shown = scene.tissue

    def fit(self) -> None:
        """Show the whole section."""
        self._viewer.reset_view()
        self._fitted = self._camera()

    def close(self) -> None:
        """Take the layer out of the viewer."""
        if self._layer is not None and not self._lost():
            self._viewer.layers.remove(self._layer)
        self._layer = None

    def _lost(self) -> bool:
        """Whether the user has deleted the layer."""
        return self._layer is not None and self._layer not in self._viewer.layers

    def _paint(self, tissue: Tissue) -> None:
        before, raster = self._raster, self._drawings.of(tissue.section).raster
        self._raster = raster
        picture = paint(raster, *cell_colors(self._atlas, tissue))
        if self._layer is None:
            self._layer = self._adopt() or self._viewer.add_image(
                picture, **layer_options(raster, self._atlas)
            )
        if before is not raster:
            self._move(raster)
        self._layer.data = picture
        if before is not raster and (self._untouched() or not _overlap(before, raster)):
            self.fit()

    def _camera(self) -> tuple[float, ...]:
        camera = self._viewer.scene.camera
        return (camera.zoom, *camera.center)

    def _untouched(self) -> bool:
        """Whether the user has left the camera where it was put."""
        return self._fitted is None or self._fitted == self._camera()

    def _adopt(self) -> Image | None:
        """A layer that sample data or a reader made for this atlas, if there is one."""
        marked = (
            layer
            for layer in self._viewer.layers
            if layer.metadata.get(MARK) == self._atlas.fingerprint
        )
        return next(marked, None)

    def _move(self, raster: Raster) -> None:
        assert self._layer is not None
        self._layer.scale = (raster.pixel, raster.pixel)
        self._layer.translate = raster.origin[::-1]


def layer_options(raster: Raster, atlas: Atlas) -> dict[str, Any]:
    """How napari is to show a painted raster."""
    unit = "pixel" if atlas.unit.name == "px" else "um"
    return {
        "name": LAYER_NAME,
        "rgb": True,
        "scale": (raster.pixel, raster.pixel),
        "translate": raster.origin[::-1],
        "units": (unit, unit),
        "axis_labels": ("y", "x"),
        "interpolation2d": "linear",
        "metadata": {MARK: atlas.fingerprint},
    }


def _overlap(first: Raster | None, second: Raster) -> bool:
    """Whether two sections lie so alike that the camera may stay."""
    if first is None:
        return False
    (low, size), (other_low, other_size) = _box(first), _box(second)
    apart = np.abs((low + size / 2) - (other_low + other_size / 2))
    ratio = np.maximum(size / other_size, other_size / size)
    return bool((apart < size / 4).all() and (ratio < NEARLY).all())


def _box(raster: Raster) -> tuple[Any, Any]:
    size = np.array(raster.cells.shape[::-1]) * raster.pixel
    return np.array(raster.origin), size
