"""A vispy visual whose picture is drawn for the pixels that it is shown on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from vispy import gloo
from vispy.scene.visuals import create_visual_node
from vispy.visuals import Visual

from napari_brain_atlas.compute.view import View

_GRAIN = 64
"""The picture grows and shrinks in steps of this many pixels, so that its texture stays."""
LARGEST_TEXTURE = 8192
"""Pixels along a side of a texture that every OpenGL can hold."""
_VERTEX = """
attribute vec2 a_position;
attribute vec2 a_texture;
varying vec2 v_texture;
void main() {
    gl_Position = vec4(a_position, 0.0, 1.0);
    v_texture = a_texture;
}
"""
_FRAGMENT = """
uniform sampler2D u_picture;
varying vec2 v_texture;
void main() {
    gl_FragColor = texture2D(u_picture, v_texture);
}
"""
Draw = Callable[[View], NDArray[np.uint8]]
_programs: WeakKeyDictionary[Any, set[Any]] = WeakKeyDictionary()
"""Programs of canvases, which go with their canvas and not before: Mesa 22 ends the process
when it draws with one program after another one was deleted."""


class PictureVisual(Visual):  # type: ignore[misc]
    """Shows what `draw` paints for the part of its canvas that the data covers.

    The picture is painted while a frame is drawn, from the transforms of that
    frame. So it is right in every viewbox of a grid, in every canvas, and in
    screenshots of any size, and one frame follows a move of the camera.

    Parameters
    ----------
    draw : callable
        Paints a view in the coordinates of the visual, (height, width, 4) uint8.
    """

    def __init__(self, draw: Draw) -> None:
        Visual.__init__(self, _VERTEX, _FRAGMENT)
        self._draw = draw
        self._bounds = (0.0, 0.0, 1.0, 1.0)
        self._painted: View | None = None
        self._texture = gloo.Texture2D(
            np.zeros((1, 1, 4), np.uint8), interpolation="nearest", wrapping="clamp_to_edge"
        )
        self._corners = gloo.VertexBuffer(np.zeros((4, 2), np.float32))
        self.shared_program["u_picture"] = self._texture
        self.shared_program["a_position"] = self._corners
        self.shared_program["a_texture"] = gloo.VertexBuffer(
            np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
        )
        self._draw_mode = "triangle_strip"
        self.set_gl_state("translucent", depth_test=False, cull_face=False)
        self.freeze()

    def set_bounds(self, low: tuple[float, float], high: tuple[float, float]) -> None:
        """Say where there is anything to be drawn, (x, y) in the coordinates of the visual."""
        self._bounds = (*low, *high)
        self.renew()

    def renew(self) -> None:
        """Paint anew: what `draw` paints has changed."""
        self._painted = None
        self.update()

    def let_go(self) -> None:
        """Nothing is shown any more: give the memory of the picture back."""
        self._texture.set_data(np.zeros((1, 1, 4), np.uint8))

    def _stay_with(self, view: Any) -> None:
        _programs.setdefault(view.transforms.canvas, set()).add(view.view_program)

    def _prepare_transforms(self, view: Any) -> None:
        """Nothing: places are computed where a frame is drawn."""

    def _compute_bounds(self, axis: int, view: Any) -> tuple[float, float] | None:
        return (self._bounds[axis], self._bounds[axis + 2]) if axis < 2 else None

    def _prepare_draw(self, view: Any) -> bool:
        """Paint for the pixels of this frame. False where the data is out of sight."""
        self._stay_with(view)
        to_pixels, to_render = _to_pixels(view, self._bounds)
        seen = _seen(to_pixels, to_render, self._bounds)
        if seen is None:
            return False
        left, top, right, bottom = seen
        frame = _framed(to_pixels, seen)
        if frame != self._painted:
            self._texture.set_data(self._draw(frame))
            self._painted = frame
        corners = [[left, top], [right, top], [left, bottom], [right, bottom]]
        scale, offset = to_render
        self._corners.set_data((np.array(corners) * scale + offset).astype(np.float32))
        return True


PictureNode = create_visual_node(PictureVisual)


def pixels_of_render(view: Any) -> tuple[Any, Any]:
    """What brings pixels of the frame to coordinates of OpenGL: a factor, then what is added."""
    to_render = view.transforms.get_transform("framebuffer", "render")
    ends = np.asarray(to_render.map([[0, 0], [1000, 1000]]), np.float64)[:, :2]
    return (ends[1] - ends[0]) / 1000, ends[0]


def _to_pixels(view: Any, bounds: tuple[float, ...]) -> tuple[Any, Any]:
    """Coordinates of the visual to pixels of the frame, and pixels to those of OpenGL."""
    scale, offset = pixels_of_render(view)
    # Far points: near ones would lose digits, since vispy computes with single precision.
    x0, y0, x1, y1 = bounds
    width, height = max(x1 - x0, 1e-6), max(y1 - y0, 1e-6)
    points = [[x0, y0], [x0 + width, y0], [x0, y0 + height]]
    mapped = view.transforms.get_transform("visual", "render").map(points)
    mapped = np.asarray(mapped, np.float64)
    at = ((mapped[:, :2] / mapped[:, 3:]) - offset) / scale
    (a, d), (b, e) = (at[1] - at[0]) / width, (at[2] - at[0]) / height
    c, f = at[0] - (a * x0 + b * y0, d * x0 + e * y0)
    matrix = tuple(float(v) for v in (a, b, c, d, e, f))
    return matrix, (scale, offset)


def _framed(matrix: tuple[float, ...], seen: tuple[int, int, int, int]) -> View:
    """What is painted: the pixels that are seen, or larger ones where a texture cannot hold them.

    Figures may be asked for that are larger than any screen.
    """
    left, top, right, bottom = seen
    grain = -(-max(right - left, bottom - top) // LARGEST_TEXTURE)
    a, b, c, d, e, f = (v / grain for v in matrix)
    at = (a, b, c - left / grain, d, e, f - top / grain)
    return View(at, -(-(bottom - top) // grain), -(-(right - left) // grain))


def _seen(
    matrix: tuple[float, ...], to_render: Any, bounds: tuple[float, ...]
) -> tuple[int, int, int, int] | None:
    """The pixels of the frame that the data covers: left, top, right, bottom."""
    a, b, c, d, e, f = matrix
    x0, y0, x1, y1 = bounds
    corners = np.array([[x, y] for x in (x0, x1) for y in (y0, y1)])
    return covered(corners @ np.array([[a, d], [b, e]]) + (c, f), to_render)


def covered(at: NDArray[np.float64], to_render: Any) -> tuple[int, int, int, int] | None:
    """The pixels of the frame between points (n, 2): left, top, right, bottom; None if none."""
    scale, offset = to_render
    frame = (np.array([[-1.0, -1.0], [1.0, 1.0]]) - offset) / scale
    last = np.rint(frame.max(axis=0)).astype(int)
    if not np.isfinite(at).all():
        return None
    low = np.maximum(at.min(axis=0), 0) // _GRAIN * _GRAIN
    high = np.minimum(-(-at.max(axis=0) // _GRAIN) * _GRAIN, last)
    if (low >= high).any():
        return None
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
