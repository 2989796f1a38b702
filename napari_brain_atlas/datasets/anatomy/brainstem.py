"""Midbrain, pons and medulla: an outline, a layered tectum, nuclei inside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.datasets.anatomy.curves import along, curve_through, nearest_on
from napari_brain_atlas.datasets.anatomy.nuclei import paint_nuclei
from napari_brain_atlas.datasets.anatomy.plane import HalfPlane, Mask, ellipse_radius

FRONT, BACK = -2.65, -7.8
AP = (-2.65, -3.0, -3.35, -4.0, -4.6, -5.35, -5.6, -6.0, -6.8, -7.8)
WIDTH = (2.3, 2.35, 2.4, 2.45, 2.45, 2.5, 2.5, 2.4, 2.1, 1.4)
TOP = (2.9, 2.0, 1.5, 1.3, 1.35, 1.5, 3.8, 3.9, 4.1, 4.7)
BOTTOM = (7.2, 7.0, 6.75, 6.9, 7.1, 7.1, 7.15, 7.2, 7.2, 6.9)
COLLICULUS = (("SCdg", 1.45), ("SCig", 1.05), ("SCop", 0.52), ("SCsg", 0.32))
AQUEDUCT = (0.0, 3.05)


def paint_brainstem(plane: HalfPlane) -> None:
    """Paint the brainstem and leave its ventricle open."""
    if not plane.within(FRONT, BACK):
        return
    outline = _outline(plane.ap)
    inside = _inside(plane, outline)
    paint_nuclei(plane, inside)
    if plane.within(-2.95, -5.5):
        _paint_tectum(plane, inside, outline)
    if plane.within(-2.75, -5.35):
        _paint_central_gray(plane, inside)
    if plane.ap < -5.5:
        _open_fourth_ventricle(plane)


def _outline(ap: float) -> NDArray[np.float64]:
    width, top, bottom = (along(ap, AP, values) for values in (WIDTH, TOP, BOTTOM))
    turn = np.linspace(0.0, np.pi, 300)
    x = width * np.sin(turn) ** 0.85
    y = (top + bottom) / 2 - (bottom - top) / 2 * np.sign(np.cos(turn)) * np.abs(
        np.cos(turn)
    ) ** 0.9
    if ap > -5.5:
        # Two colliculi with a furrow between them.
        y = y + 0.25 * np.exp(-((x / 0.3) ** 2)) * (turn < 1)
    return np.column_stack([x, y])


def _inside(plane: HalfPlane, outline: NDArray[np.float64]) -> Mask:
    order = np.argsort(outline[:, 1], kind="stable")
    rim = np.interp(plane.y, outline[order, 1], outline[order, 0], left=0.0, right=0.0)
    return plane.x < rim


def _paint_tectum(plane: HalfPlane, inside: Mask, outline: NDArray[np.float64]) -> None:
    roof = inside & (plane.y < 3.4) & (plane.x < 2.1)
    curve = curve_through(outline[outline[:, 1] < 3.6], smooth=False)
    depth = np.full(len(plane.x), np.inf)
    depth[roof] = nearest_on(curve, plane.x[roof], plane.y[roof])[0]
    if plane.ap > -4.65:
        for acronym, rim in COLLICULUS:
            plane.paint(depth < rim, acronym)
    else:
        plane.paint(depth < 1.5, "ICc")
        plane.paint(depth < 0.38, "ICe")


def _paint_central_gray(plane: HalfPlane, inside: Mask) -> None:
    radius = ellipse_radius(plane, AQUEDUCT, (0.8, 0.85))
    gray = inside & (radius < 1)
    plane.paint(gray, "PAGl")
    plane.paint(gray & (AQUEDUCT[1] - plane.y > 0.7 * plane.x + 0.1), "PAGd")
    plane.paint(gray & (plane.y - AQUEDUCT[1] > 0.7 * plane.x + 0.1), "PAGv")
    plane.paint(radius < 0.17, "V3")
    plane.erase(radius < 0.12)


def _open_fourth_ventricle(plane: HalfPlane) -> None:
    floor = along(plane.ap, AP, TOP) + 0.05 + 0.12 * plane.x
    near = (plane.x < 1.2) & (plane.y > floor - 0.7)
    plane.paint(near & (plane.y < floor + 0.14), "V3")
    plane.erase(near & (plane.y < floor + 0.1))
