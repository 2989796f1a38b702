"""A vispy visual whose picture of points in space is drawn for the pixels that it is shown on."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vispy.scene.visuals import create_visual_node

from napari_brain_atlas.compute.cloud import Frame
from napari_brain_atlas.gui.layers.picture_visual import (
    LARGEST_TEXTURE,
    PictureVisual,
    covered,
    pixels_of_render,
)

Corner = tuple[int, int, int]
"""First column and first row of a picture on its canvas, and canvas pixels for each of its own."""
DrawInSpace = Callable[[Frame, Corner], NDArray[np.uint8]]
_BEYOND = 1e5
"""Pixels: what falls farther outside is not told apart."""


class CloudVisual(PictureVisual):
    """Shows what `draw` paints of points in space, as the camera of the frame sees them.

    Parameters
    ----------
    draw : callable
        Paints a frame whose points are in the coordinates of the visual, (x, y, z);
        is told where on the canvas its first pixel lies.
    """

    def __init__(self, draw: DrawInSpace) -> None:
        super().__init__(lambda view: np.zeros((1, 1, 4), np.uint8))
        self.unfreeze()
        self._draw_in_space = draw
        self._box = np.array([[0.0] * 3, [1.0] * 3])
        self._shown: tuple[Any, ...] | None = None
        self.freeze()

    def set_box(self, low: Any, high: Any) -> None:
        """Say where there is anything to be drawn, (x, y, z) in the coordinates of the visual."""
        self._box = np.array([low, high], np.float64)
        self.renew()

    def renew(self) -> None:
        """Paint anew: what `draw` paints has changed."""
        self._shown = None
        self.update()

    def _compute_bounds(self, axis: int, view: Any) -> tuple[float, float] | None:
        return (float(self._box[0, axis]), float(self._box[1, axis]))

    def _prepare_draw(self, view: Any) -> bool:
        """Paint for the pixels of this frame. False where all is out of sight."""
        self._stay_with(view)
        scale, offset = _from_the_top(*pixels_of_render(view))
        matrix = _matrix(view, scale, offset)
        seen = covered(_corners(matrix, self._box), (scale, offset))
        if seen is None:
            return False
        left, top, right, bottom = seen
        grain = -(-max(right - left, bottom - top) // LARGEST_TEXTURE)
        shown = (left, top, right, bottom, grain, matrix.tobytes())
        if shown != self._shown:
            frame = _framed(matrix, seen, grain)
            self._texture.set_data(self._draw_in_space(frame, (left, top, grain)))
            self._shown = shown
        corners = [[left, top], [right, top], [left, bottom], [right, bottom]]
        self._corners.set_data((np.array(corners) * scale + offset).astype(np.float32))
        return True


CloudNode = create_visual_node(CloudVisual)


def _from_the_top(scale: Any, offset: Any) -> tuple[Any, Any]:
    """The same with rows counted from the top of the canvas, as Qt does, whatever vispy does."""
    # The top is at 1 for OpenGL.
    return np.array([scale[0], -abs(scale[1])]), np.array([offset[0], 1.0])


def _matrix(view: Any, scale: Any, offset: Any) -> NDArray[np.float64]:
    """Coordinates of the visual to (column, row, depth, 1) times a number."""
    ends = view.transforms.get_transform("visual", "render").map(np.eye(4))
    matrix = np.array(ends, np.float64)
    # From OpenGL's -1 to 1 to pixels: an offset is a multiple of the last number.
    for axis in range(2):
        matrix[:, axis] = (matrix[:, axis] - offset[axis] * matrix[:, 3]) / scale[axis]
    return matrix


def _corners(matrix: NDArray[np.float64], box: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns and rows of the corners of a box, (8, 2)."""
    corners = np.array(list(product(*box.T)))
    placed = corners @ matrix[:3] + matrix[3]
    if (placed[:, 3] <= 0).any():
        # The eye is among the points: they may be anywhere.
        return np.array([[-_BEYOND, -_BEYOND], [_BEYOND, _BEYOND]])
    at: NDArray[np.float64] = placed[:, :2] / placed[:, 3:]
    return at


def _framed(matrix: NDArray[np.float64], seen: tuple[int, int, int, int], grain: int) -> Frame:
    """What is painted: the pixels that are seen, or larger ones where there are too many."""
    left, top, right, bottom = seen
    inside = matrix.copy()
    inside[:, 0] = (matrix[:, 0] - left * matrix[:, 3]) / grain
    inside[:, 1] = (matrix[:, 1] - top * matrix[:, 3]) / grain
    return Frame(inside, -(-(bottom - top) // grain), -(-(right - left) // grain))
