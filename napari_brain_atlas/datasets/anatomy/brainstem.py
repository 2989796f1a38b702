"""Midbrain, pons and medulla: an outline, a layered tectum, nuclei inside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.datasets.anatomy.curves import along, curve_through, nearest_on
from napari_brain_atlas.datasets.anatomy.nuclei import paint_nuclei
from napari_brain_atlas.datasets.anatomy.plane import HalfPlane, Mask, ellipse_radius

FRONT, BACK = -2.65, -7.8
AP = (-2.65, -3.0, -3.35, -4.0, -4.6, -5.2, -5.45, -5.75, -6.0, -6.8, -7.8)
WIDTH = (2.25, 2.2, 2.2, 2.4, 2.45, 2.5, 2.5, 2.45, 2.4, 2.1, 1.4)
TOP = (2.9, 2.0, 1.5, 1.3, 1.35, 1.45, 2.2, 3.5, 3.9, 4.1, 4.7)
BOTTOM = (7.2, 7.0, 6.75, 6.9, 7.1, 7.1, 7.1, 7.15, 7.2, 7.2, 6.9)
COLLICULUS = (("SCdg", 1.45), ("SCig", 1.05), ("SCop", 0.52), ("SCsg", 0.32))
AQUEDUCT = (0.0, 3.05)


def paint_brainstem(plane: HalfPlane) -> None:
    """Paint the brainstem and leave its ventricle open."""
    if not plane.within(FRONT, BACK):
        return
    upper, lower = _outline(plane.ap)
    inside = _inside(plane, upper, lower)
    paint_nuclei(plane, inside)
    if plane.within(-2.95, -5.5):
        _paint_tectum(plane, inside, upper)
    if plane.within(-2.75, -5.35):
        _paint_central_gray(plane, inside)
    if plane.ap < -5.5:
        _open_fourth_ventricle(plane)


def _outline(ap: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Upper and lower rim, (m, 2), both from the midline to the side."""
    width, top, bottom = (along(ap, AP, values) for values in (WIDTH, TOP, BOTTOM))
    turn = np.linspace(0.0, np.pi / 2, 150)
    x, middle = width * np.sin(turn) ** 0.85, 0.55 * top + 0.45 * bottom
    upper = middle - (middle - top) * np.cos(turn) ** 0.9
    # The colliculi are two, with a furrow between them.
    furrow = along(ap, (-2.9, -3.3, -5.2, -5.5), (0.0, 0.25, 0.3, 0.0))
    upper += furrow * np.exp(-((x / 0.35) ** 2))
    # The pontine gray and the pyramids stand out from the ventral surface.
    taper = along(ap, (-2.65, -3.35, -4.2, -4.6), (1.2, 1.5, 1.2, 0.9))
    lower = middle + (bottom - middle) * np.cos(turn) ** taper
    return np.column_stack([x, upper]), np.column_stack([x, lower])


def _inside(plane: HalfPlane, upper: NDArray[np.float64], lower: NDArray[np.float64]) -> Mask:
    top, bottom = np.interp(plane.x, *upper.T), np.interp(plane.x, *lower.T)
    inside: Mask = (plane.x < upper[-1, 0]) & (plane.y > top) & (plane.y < bottom)
    return inside


def _paint_tectum(plane: HalfPlane, inside: Mask, surface: NDArray[np.float64]) -> None:
    roof = inside & (plane.y < 3.35 - 0.45 * np.maximum(plane.x - 0.6, 0) ** 1.3)
    depth = np.full(len(plane.x), np.inf)
    curve = curve_through(surface, smooth=False)
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
    floor = along(plane.ap, AP, TOP) + 0.08 + 0.1 * plane.x
    height = 0.4 * np.sqrt(np.maximum(1 - (plane.x / 1.3) ** 2, 0))
    above = floor - plane.y
    near = (plane.x < 1.3) & (above < height)
    plane.paint(near & (above > -0.05), "V3")
    plane.erase(near & (above > 0))
