"""The whole brain: the cells that stand for an animal as one layer in space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QWidget

from napari_brain_atlas.compute.cloud import Cloud, CloudPainter, Coats, Frame, Sheet
from napari_brain_atlas.gui.brain import Brain
from napari_brain_atlas.gui.coloring import Tissue
from napari_brain_atlas.gui.drawn_cells import DrawnCells, Rgba
from napari_brain_atlas.gui.layers.cloud_visual import Corner
from napari_brain_atlas.gui.layers.tissue import MARK, SETTLED_MS
from napari_brain_atlas.gui.layers.tissue_image import CloudImage
from napari_brain_atlas.gui.pointer import Place
from napari_brain_atlas.gui.scene import OnCanvas
from napari_brain_atlas.model.atlas import Atlas

LAYER_NAME = "whole brain"
VOXELS = 40
"""Along the longest side of the volume that thumbnail and extent come from."""
IN_VOLUME = 30_000
"""Cells that colour it: there are not many more voxels."""
SHEET_COLOR = (139, 151, 255)
"""As the strip of what waits for Enter: it says where the user is."""


@dataclass(frozen=True, slots=True, eq=False)
class _Box:
    """The box of a cloud in voxels, which are cubes.

    Attributes
    ----------
    low : (3,) float64
        Its corner, (x, y, z).
    side : float
        Of a voxel.
    shape : tuple of int
        Depth, height and width in voxels.
    """

    low: NDArray[np.float64]
    side: float
    shape: tuple[int, int, int]

    def to_voxels(self) -> NDArray[np.float64]:
        """What brings (x, y, z, 1) to voxels, (4, 4), applied from the right."""
        matrix = np.eye(4)
        matrix[:3, :3] /= self.side
        matrix[3, :3] = -self.low / self.side - 0.5
        return matrix


class CloudLayer:
    """Paints scenes of a whole brain into one layer, which is there in 3D only."""

    def __init__(self, viewer: Any, atlas: Atlas, canvas: QWidget) -> None:
        self._viewer, self._atlas, self._canvas = viewer, atlas, canvas
        self._layer: CloudImage | None = None
        self._brain: Brain | None = None
        self._cells: DrawnCells | None = None
        self._shown: Tissue | None = None
        self._box = _Box(np.zeros(3), 1.0, (1, 1, 1))
        self._colors: tuple[Rgba, Rgba | None] | None = None
        self._painter = CloudPainter()
        self._last: tuple[Frame, Corner] | None = None
        self._settled = QTimer()
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self._renew_volume)

    @property
    def layer(self) -> CloudImage | None:
        """The layer that is drawn; None while a section is looked at."""
        return self._layer

    def draw(self, scene: OnCanvas) -> bool:
        """Show the brain of the scene; says whether it looks different from what was shown."""
        brain = scene.space.brain
        if brain is None:
            return self.leave()
        if self._layer is not None and self._layer not in self._viewer.layers:
            self._layer, self._brain = None, None
        if brain is self._brain and scene.tissue.looks_like(self._shown):
            return False
        moved = brain is not self._brain
        if moved or self._cells is None:
            self._take(brain)
        assert self._cells is not None
        if not _colored_alike(scene.tissue, self._shown) or moved:
            self._colors = self._cells.colors(scene.tissue)
        self._shown = scene.tissue
        self._show(moved)
        return True

    def cell_at(self, place: Place) -> tuple[int, int] | None:
        """Section and rank on it of the cell that is drawn at a pixel of the canvas."""
        if self._brain is None or self._last is None:
            return None
        (left, top, grain), ratio = self._last[1], self._pixel_ratio()
        column, row = (place[0] * ratio - left) / grain, (place[1] * ratio - top) / grain
        drawn = self._painter.cell_at(column, row)
        if drawn is None:
            return None
        section = self._brain.thinned.section_of(drawn) + self._brain.first
        cell = int(self._brain.thinned.cells[drawn])
        return section, cell - self._atlas.sections[section].start

    def picture(self, finer: float) -> tuple[NDArray[np.uint8], float]:
        """What is seen now with more pixels, and the pixels of the canvas for each unit."""
        assert self._last is not None and self._brain is not None
        frame, cloud = self._last[0], self._brain.cloud
        larger = frame.matrix * np.array([finer, finer, 1.0, 1.0])
        height, width = round(finer * frame.height), round(finer * frame.width)
        scale = frame.scale_at((cloud.low + cloud.high) / 2) / self._pixel_ratio()
        fine = Frame(larger, height, width)
        return self._painted(CloudPainter(), fine).copy(), scale

    def leave(self) -> bool:
        """Take the layer out of the viewer; says whether there was one."""
        if self._layer is not None and self._layer in self._viewer.layers:
            self._viewer.layers.remove(self._layer)
        changed = self._brain is not None
        self._layer, self._brain, self._cells, self._shown = None, None, None, None
        self._colors, self._last = None, None
        return changed

    def close(self) -> None:
        """Leave for good."""
        self._settled.stop()
        self.leave()

    def _take(self, brain: Brain) -> None:
        if self._brain is None or self._brain.thinned is not brain.thinned or not self._cells:
            self._cells = DrawnCells(self._atlas, brain)
        self._brain, self._box = brain, _box_of(brain)

    def _show(self, moved: bool) -> None:
        if self._layer is None:
            self._layer = CloudImage(self._volume(), self._paint, **self._options())
            self._viewer.add_layer(self._layer)
            return
        if moved:
            options = self._options()
            self._layer.data = self._volume()
            self._layer.scale, self._layer.translate = options["scale"], options["translate"]
        else:
            self._settled.start()
        self._layer.renew()

    def _options(self) -> dict[str, Any]:
        box = self._box
        unit = "pixel" if self._atlas.unit.name == "px" else "um"
        return {
            "name": LAYER_NAME,
            "scale": (box.side,) * 3,
            "translate": tuple((box.low + box.side / 2)[::-1]),
            "units": (unit,) * 3,
            "axis_labels": ("z", "y", "x"),
            "metadata": {MARK: self._atlas.fingerprint},
        }

    def _paint(self, frame: Frame, corner: Corner) -> NDArray[np.uint8]:
        """What the canvas shows; `frame` is of the voxels of the volume."""
        matrix = self._box.to_voxels() @ frame.matrix
        inside = Frame(matrix, frame.height, frame.width)
        self._last = inside, corner
        return self._painted(self._painter, inside)

    def _painted(self, painter: CloudPainter, frame: Frame) -> NDArray[np.uint8]:
        assert self._brain is not None and self._shown is not None and self._colors is not None
        corners = self._brain.sheet_of(self._shown.section)
        sheet = None if corners is None else Sheet(corners, SHEET_COLOR)
        coats = Coats(*self._colors, ahead=self._brain.drawn_of(self._shown.section))
        return painter.draw(self._brain.cloud, frame, coats, sheet)

    def _volume(self) -> NDArray[np.uint8]:
        """The colour of some cell in each voxel."""
        assert self._brain is not None and self._colors is not None
        volume = np.zeros((*self._box.shape, 4), np.uint8)
        points, colors = self._brain.cloud.points, self._colors[0]
        step = max(len(points) // IN_VOLUME, 1)
        at = ((points[::step] - self._box.low) / self._box.side).astype(np.int64)
        x, y, z = np.clip(at, 0, np.array(self._box.shape[::-1]) - 1).T
        volume[z, y, x] = colors[::step]
        return volume

    def _renew_volume(self) -> None:
        if self._layer is not None and self._brain is not None:
            self._layer.data = self._volume()

    def _pixel_ratio(self) -> float:
        """Pixels of the frame for each pixel that Qt counts."""
        return float(self._canvas.devicePixelRatioF())


def _box_of(brain: Brain) -> _Box:
    cloud: Cloud = brain.cloud
    low, high = cloud.low - cloud.radius, cloud.high + cloud.radius
    sheets = [s for s in brain.sheets if s is not None]
    if sheets:
        corners = np.concatenate(sheets)
        low, high = np.minimum(low, corners.min(axis=0)), np.maximum(high, corners.max(axis=0))
    size = high - low
    side = float(max(size.max(), 1e-6)) / VOXELS
    width, height, depth = (int(n) for n in np.maximum(np.ceil(size / side), 1))
    return _Box(low, side, (depth, height, width))


def _colored_alike(one: Tissue, other: Tissue | None) -> bool:
    """Whether cells have the same colours, whichever section is looked at."""
    return (
        other is not None
        and one.curation is other.curation
        and one.selection == other.selection
        and one.staged is other.staged
        and one.painted is other.painted
        and one.shading == other.shading
    )
