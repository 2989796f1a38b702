"""The picture of a cloud of cells in space: each a small ball, what is nearer hides the rest.

Painted by the processor, as sections are: software OpenGL takes some hundred
milliseconds for so many markers, and this a few. Each pixel holds one number
that tells depth and cell, of which the smallest stays (a z-buffer); colours are
looked up afterwards, so that the cell under the pointer is known too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.bands import Buffers, in_bands
from napari_brain_atlas.compute.splatting import (
    CELLS,
    EMPTY,
    blend_sheet,
    color_pixels,
    draw_edge,
    place_points,
    stamp_points,
)

Rgba = NDArray[np.uint8]
SMALLEST, LARGEST = 0.71, 24.0
"""Radius of a cell in pixels: however small, it covers the centre of some pixel."""
FARTHEST = 1e7
"""Pixels: a sheet with a corner farther outside, or behind the eye, is left out."""
SHEET_OPACITY, EDGE_OPACITY = 0.13, 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """Cells in space.

    Attributes
    ----------
    points : (n, 3) float32
        (x, y, z) in any unit.
    radius : float
        Of a cell, in the same unit.
    low, high : (3,) float64
        Ends of the box that holds them.
    """

    points: NDArray[np.float32]
    radius: float
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Where points in space fall on a rectangle of pixels.

    Attributes
    ----------
    matrix : (4, 4) float64
        ``(x, y, z, 1) @ matrix`` is (column, row, depth, 1) times a number, which
        must be above 0 for what lies before the eye. What is nearer has less depth.
    height, width : int
        In pixels.
    """

    matrix: NDArray[np.float64]
    height: int
    width: int

    def place(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Column, row and depth of points, (n, 3); NaN behind the eye."""
        given = np.asarray(points, np.float64)
        found = given @ self.matrix[:3] + self.matrix[3]
        with np.errstate(divide="ignore", invalid="ignore"):
            placed: NDArray[np.float64] = found[:, :3] / found[:, 3:]
        placed[found[:, 3] <= 0] = np.nan
        return placed

    def scale_at(self, point: NDArray[np.floating]) -> float:
        """Pixels per unit at a point, seen face to face."""
        x, y, _, w = self.matrix[:3].T
        depth = float(np.asarray(point, np.float64) @ w + self.matrix[3, 3])
        # Across the line of sight a unit is as long as the longer of its images.
        return float(max(np.linalg.norm(x), np.linalg.norm(y)) / max(abs(depth), 1e-12))


@dataclass(frozen=True, slots=True, eq=False)
class Coats:
    """Colours of the cells of a cloud.

    Attributes
    ----------
    now : (n, 4) uint8
        RGBA. What is fainter than others is seen only where none of these is.
    proposed : (n, 4) uint8, optional
        Of diagonal stripes; a colour that is transparent leaves what is there.
    ahead : (int, int)
        First and stop of the cells that distance does not make fainter.
    """

    now: Rgba
    proposed: Rgba | None = None
    ahead: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A clear sheet in space, with an edge.

    Attributes
    ----------
    corners : (4, 3) float64
        In turn, (x, y, z).
    color : tuple of int
        RGB, 0 to 255.
    """

    corners: NDArray[np.float64]
    color: tuple[int, int, int]


class CloudPainter:
    """Draws clouds; remembers which cell the last picture shows where."""

    def __init__(self) -> None:
        self._buffers = Buffers()
        self._keys: NDArray[np.int64] | None = None

    def draw(self, cloud: Cloud, frame: Frame, coats: Coats, sheet: Sheet | None = None) -> Rgba:
        """Paint a cloud.

        Returns
        -------
        (height, width, 4) uint8
            RGBA, not premultiplied; transparent where there is nothing.
            Overwritten by the next call.
        """
        take, shape = self._buffers.take, (frame.height, frame.width)
        placed = take("placed", (len(cloud.points), 4), np.float32)
        marks = take("marks", (len(cloud.points),), np.int64)
        keys, out = take("keys", shape, np.int64), take("picture", shape, np.uint32)
        now = _packed(coats.now)
        then = now if coats.proposed is None else _packed(coats.proposed)
        near, far = _depths(cloud, frame)
        middle = (cloud.low + cloud.high) / 2
        radius = cloud.radius * frame.scale_at(middle), SMALLEST, LARGEST
        w_middle = float(middle @ frame.matrix[:3, 3] + frame.matrix[3, 3])
        matrix = np.ascontiguousarray(frame.matrix)
        given = cloud.points, matrix, (near, far), (*radius, w_middle), now
        in_bands(lambda a, b: place_points(*given, a, b, placed, marks), len(placed))
        in_bands(lambda a, b: stamp_points(placed, marks, a, b, keys), frame.height)
        colors = now, then, coats.proposed is not None, coats.ahead
        in_bands(lambda a, b: color_pixels(keys, placed, a, b, *colors, out), frame.height)
        if sheet is not None:
            _draw_sheet(sheet, frame, (near, far), keys, out)
        self._keys = keys
        return out.view(np.uint8).reshape(*shape, 4)

    def cell_at(self, column: float, row: float, reach: float = 4.0) -> int | None:
        """Which point of the cloud the last picture shows at a pixel, or nearest to it.

        Parameters
        ----------
        reach : float
            How far from the pixel, in pixels; None beyond.
        """
        keys = self._keys
        if keys is None or not np.isfinite([column, row]).all():
            return None
        top, left = max(int(row - reach), 0), max(int(column - reach), 0)
        around = keys[top : max(int(row + reach) + 1, 0), left : max(int(column + reach) + 1, 0)]
        rows, columns = np.nonzero(around != EMPTY)
        if not len(rows):
            return None
        apart = np.hypot(columns + left + 0.5 - column, rows + top + 0.5 - row)
        best = int(apart.argmin())
        if apart[best] > reach:
            return None
        return int(around[rows[best], columns[best]]) & CELLS


def cloud_of(points: NDArray[np.floating], radius: float) -> Cloud:
    """A cloud of points (n, 3)."""
    found = np.require(points, np.float32, ["C", "W"])
    low = found.min(axis=0) if len(found) else np.zeros(3)
    high = found.max(axis=0) if len(found) else np.ones(3)
    return Cloud(found, radius, low.astype(np.float64), high.astype(np.float64))


def warm() -> None:
    """Compile what drawing needs."""
    cloud = cloud_of(np.zeros((2, 3)), 1.0)
    colors = np.full((2, 4), 255, np.uint8)
    sheet = Sheet(np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float64), (9, 9, 9))
    painter = CloudPainter()
    painter.draw(cloud, Frame(np.eye(4), 32, 32), Coats(colors, colors), sheet)
    painter.cell_at(0.0, 0.0)


def _depths(cloud: Cloud, frame: Frame) -> tuple[float, float]:
    """Least and largest depth of the box of a cloud."""
    ends = np.stack([cloud.low, cloud.high])
    corners = np.array([[x, y, z] for x in ends[:, 0] for y in ends[:, 1] for z in ends[:, 2]])
    depths = frame.place(corners)[:, 2]
    known = depths[np.isfinite(depths)]
    near, far = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if len(known) < len(depths):
        # The eye is inside: nothing is nearer than the nearest that OpenGL draws.
        near = min(near, -1.0)
    return near, max(far, near + 1e-9)


def _draw_sheet(
    sheet: Sheet, frame: Frame, depths: tuple[float, float],
    keys: NDArray[np.int64], out: NDArray[np.uint32],
) -> None:  # fmt: skip
    placed = frame.place(sheet.corners)
    if not (np.abs(placed) < FARTHEST).all():
        return
    near, far = depths
    placed[:, 2] = (placed[:, 2] - near) / (far - near)
    color = np.array(sheet.color, np.float64)
    plane = _plane(placed)
    if plane is not None:
        work = placed[:, :2].copy(), plane, color, SHEET_OPACITY, keys, out
        in_bands(lambda a, b: blend_sheet(*work, a, b), frame.height)
    for here, there in zip(placed, np.roll(placed, -1, axis=0), strict=True):
        draw_edge(here.copy(), there.copy(), color, EDGE_OPACITY, keys, out)


def _plane(placed: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Depth as ``a column + b row + c`` on a sheet; None where it is seen from its side."""
    (ax, ay, az), (bx, by, bz) = placed[1] - placed[0], placed[3] - placed[0]
    area = ax * by - ay * bx
    if abs(area) < 1.0:
        return None
    a, b = (az * by - bz * ay) / area, (ax * bz - bx * az) / area
    return np.array([a, b, placed[0, 2] - a * placed[0, 0] - b * placed[0, 1]])


def _packed(colors: Rgba) -> NDArray[np.uint32]:
    return np.require(colors, np.uint8, ["C", "W"]).view(np.uint32).ravel()
