"""The cerebellum: folia are the walls of sulci cut into a smooth outline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.datasets.anatomy.curves import Curve, along, curve_through, nearest_on
from napari_brain_atlas.datasets.anatomy.plane import HalfPlane, ellipse_radius

FRONT, BACK = -5.05, -7.75
AP = (-5.05, -5.5, -6.2, -6.8, -7.4, -7.75)
WIDTH = (2.6, 3.5, 3.95, 3.5, 2.3, 1.1)
TOP = (1.9, 1.2, 0.9, 1.0, 1.5, 2.3)
BOTTOM = (3.9, 4.3, 4.4, 4.45, 4.4, 4.0)
N_SULCI = 8
VERMIS = 0.95
MOLECULAR, PURKINJE, GRANULE = 0.13, 0.17, 0.38


def paint_cerebellum(plane: HalfPlane) -> None:
    """Paint three cortical layers along every folium, white matter and nuclei."""
    if not plane.within(FRONT, BACK):
        return
    center, radii = _frame(plane.ap)
    radius = ellipse_radius(plane, center, radii)
    inside = radius < 1
    part = HalfPlane(plane.x[inside], plane.y[inside], plane.ap, plane.codes[inside])
    rim, sulci = _surface(plane.ap)
    cleft = nearest_on(sulci, part.x, part.y, GRANULE)[0]
    depth = np.minimum(cleft, nearest_on(rim, part.x, part.y, GRANULE)[0])
    vermis = part.x < VERMIS + 0.08 * np.sin(6 * part.y)
    part.paint(depth >= GRANULE, "arb")
    for side, where in (("v", vermis), ("h", ~vermis)):
        part.paint(where & (depth < GRANULE), "CBgr" + side)
        part.paint(where & (depth < MOLECULAR), "CBmo" + side)
    part.paint((depth >= MOLECULAR) & (depth < PURKINJE), "CBpk")
    if plane.within(-5.7, -6.75):
        size = along(plane.ap, (-5.7, -6.2, -6.75), (0.3, 1.0, 0.3))
        core = ellipse_radius(part, (1.15, 3.55), (1.0 * size, 0.36 * size)) < 1
        part.paint(core & (depth > PURKINJE), "CBN")
    # Sulci gape towards the surface.
    part.erase(cleft < 0.07 * np.clip((radius[inside] - 0.65) / 0.35, 0, 1))
    plane.codes[inside] = part.codes


def _frame(ap: float) -> tuple[tuple[float, float], tuple[float, float]]:
    width, top, bottom = (along(ap, AP, values) for values in (WIDTH, TOP, BOTTOM))
    return (0.0, (top + bottom) / 2), (width, (bottom - top) / 2)


def _surface(ap: float) -> tuple[Curve, Curve]:
    """Outer rim, and all sulci as one set of points."""
    center, radii = _frame(ap)
    turn = np.linspace(0.0, np.pi, 200)
    rim = curve_through(
        np.column_stack([center[0] + radii[0] * np.sin(turn), center[1] - radii[1] * np.cos(turn)])
    )
    parts = []
    for index, angle in enumerate(np.linspace(0.46, 2.25, N_SULCI) + 0.05 * np.sin(3 * ap)):
        parts.append(_sulcus(angle, index, ap, center, radii))
    vermis_x = VERMIS + 0.06 * np.sin(5 * np.linspace(0, 1, 20))
    parts.append(np.column_stack([vermis_x, center[1] - radii[1] * np.linspace(0.97, 0.3, 20)]))
    parts.extend(_vermis_sulci(ap, center[1], radii[1]))
    points = np.concatenate([_dense(part) for part in parts])
    return rim, Curve(points, np.arange(len(points), dtype=np.float64))


def _sulcus(
    angle: float, index: int, ap: float, center: tuple[float, float], radii: tuple[float, float]
) -> NDArray[np.float64]:
    deepest = (0.42, 0.68)[index % 2] + 0.06 * np.sin(2.4 * index + 3 * ap)
    radius = np.linspace(1.0, deepest, 30)
    bent = angle + 0.22 * np.sin(2.2 * (1 - radius) * 3 + index)
    return np.column_stack(
        [
            center[0] + radii[0] * radius * np.sin(bent),
            center[1] - radii[1] * radius * np.cos(bent),
        ]
    )


def _vermis_sulci(ap: float, middle: float, height: float) -> list[NDArray[np.float64]]:
    # The vermis is cut across its lobules, which lie on each other like shelves.
    x = np.linspace(0.0, 0.72, 15)
    levels = (0.62 + 0.08 * np.sin(4 * ap), 0.2 + 0.08 * np.sin(4 * ap + 1))
    return [np.column_stack([x, middle - height * level + 0.12 * x**2]) for level in levels]


def _dense(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return curve_through(points, smooth=False).points
