"""The tissue as napari layers: images of a section and of a brain, drawn sharp at every zoom.

The only file that uses what napari keeps to itself: a visual of our own needs
`VispyBaseLayer` and the registry of visuals, for which there is no public way
(napari issues 3253 and 4121). docs/decisions/0008 says what else was tried.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from napari._vispy.layers.base import VispyBaseLayer
from napari._vispy.utils.visual import layer_to_visual
from napari.layers import Image
from numpy.typing import NDArray

from napari_brain_atlas.compute.view import View
from napari_brain_atlas.gui.layers.cloud_visual import CloudNode, DrawInSpace
from napari_brain_atlas.gui.layers.picture_visual import PictureNode

Draw = Callable[[View], NDArray[np.uint8]]


class TissueImage(Image):  # type: ignore[misc]
    """An RGBA image of a section, for thumbnail and extent; the canvas shows more than it holds.

    Parameters
    ----------
    overview : (height, width, 4) uint8
        The whole section, some hundred pixels wide.
    draw : callable
        Paints a view of the section, in the pixels of the overview as units:
        pixel (i, j) covers ``[j, j + 1) × [i, i + 1)``.
    **options
        As of napari's image layer.
    """

    _type_string = "image"

    def __init__(self, overview: NDArray[np.uint8], draw: Draw, **options: Any) -> None:
        self.draw = draw
        self.beyond = 0.0
        """How far what `draw` paints goes beyond the overview, in its pixels."""
        super().__init__(overview, rgb=True, **options)

    def lay(self, overview: NDArray[np.uint8], scale: Any, translate: Any, affine: Any) -> None:
        """Show another section at another place; napari is told once, not four times."""
        events = self.events
        with events.data.blocker(), events.scale.blocker(), events.translate.blocker():
            self.data, self.scale, self.translate = overview, scale, translate
        self.affine = affine

    def renew(self) -> None:
        """What `draw` paints has changed."""
        self.events.set_data()


class VispyTissueImage(VispyBaseLayer):  # type: ignore[misc]
    """What napari draws for a `TissueImage`: a visual for the pixels of the canvas."""

    def __init__(self, layer: TissueImage, *args: Any, **options: Any) -> None:
        super().__init__(layer, PictureNode(layer.draw), *args, **options)
        self.reset()
        self._on_data_change()

    def _on_data_change(self) -> None:
        (height, width), beyond = self.layer.data.shape[:2], self.layer.beyond
        self.node.set_bounds((-beyond, -beyond), (width + beyond, height + beyond))

    def close(self) -> None:
        """Leave the canvas."""
        self.node.let_go()
        super().close()

    def _on_matrix_change(self) -> None:
        super()._on_matrix_change()
        # napari's data begin half a pixel before the centre of the first one.
        shift = np.eye(4)
        shift[3, :2] = -0.5
        self._master_transform.matrix = shift @ self._master_transform.matrix


layer_to_visual[TissueImage] = VispyTissueImage


class CloudImage(Image):  # type: ignore[misc]
    """A coarse RGBA volume of a brain, for thumbnail and extent; the canvas shows its cells.

    Parameters
    ----------
    volume : (depth, height, width, 4) uint8
    draw : callable
        Paints points in space, in the voxels of the volume as units: the centre
        of voxel (i, j, k) is at (k, j, i).
    **options
        As of napari's image layer.
    """

    _type_string = "image"

    def __init__(self, volume: NDArray[np.uint8], draw: DrawInSpace, **options: Any) -> None:
        self.draw = draw
        super().__init__(volume, rgb=True, **options)

    def renew(self) -> None:
        """What `draw` paints has changed."""
        self.events.set_data()

    def get_value(self, *_: Any, **__: Any) -> None:
        """Nothing: a voxel is no cell, and the window tells what is under the pointer."""


class VispyCloudImage(VispyBaseLayer):  # type: ignore[misc]
    """What napari draws for a `CloudImage`: a visual for the pixels of the canvas."""

    def __init__(self, layer: CloudImage, *args: Any, **options: Any) -> None:
        super().__init__(layer, CloudNode(layer.draw), *args, **options)
        self.reset()
        self._on_data_change()

    def _on_data_change(self) -> None:
        depth, height, width = self.layer.data.shape[:3]
        self.node.set_box((-0.5, -0.5, -0.5), (width - 0.5, height - 0.5, depth - 0.5))

    def close(self) -> None:
        """Leave the canvas."""
        self.node.let_go()
        super().close()


layer_to_visual[CloudImage] = VispyCloudImage
