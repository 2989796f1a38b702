"""The hemisphere: its outline, the layered cortex under it, the white matter below."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.datasets.anatomy.curves import Curve, along, curve_through, nearest_on
from napari_brain_atlas.datasets.anatomy.plane import HalfPlane, Mask
from napari_brain_atlas.datasets.tables import table_rows

FRONT, BACK = 3.45, -4.95
DEEPEST = 1.8
"""Cortex and white matter end before this depth, mm."""
AP = (3.45, 2.9, 1.65, 0.4, -0.85, -2.1, -3.35, -4.2, -4.95)
WIDTH = (1.0, 2.55, 3.8, 4.6, 5.0, 5.1, 5.0, 4.7, 3.5)
TOP = (2.6, 1.8, 1.15, 0.75, 0.45, 0.3, 0.3, 0.6, 1.3)
WIDEST = (3.4, 3.2, 3.8, 4.2, 4.4, 4.3, 3.9, 3.3, 2.7)
BOTTOM = (4.2, 4.7, 7.0, 7.45, 7.4, 7.4, 7.1, 6.0, 4.2)
WALL_AP = (3.45, 2.9, 1.65, 1.3, 1.1, 0.4, -0.85, -2.1, -2.7, -3.35, -4.95)
WALL_END = (3.9, 4.4, 5.1, 4.3, 2.9, 2.5, 1.75, 1.55, 1.6, 2.0, 2.4)
GAP_AP = (-2.7, -3.35, -4.0, -4.6, -4.95)
GAP = (0.03, 0.3, 0.9, 1.6, 2.1)


@dataclass(frozen=True, slots=True)
class Mantle:
    """The hemisphere on one plane, measured from its pia.

    Attributes
    ----------
    inside : (n,) bool
        Places within the outline.
    depth : (n,) float64
        Distance to the pia, mm; infinite outside, and where it is deeper than any cortex.
    around : (n,) float64
        Place around the hemisphere: 0 where the medial wall meets the dorsal
        surface, negative down the wall, 1 at the ventral midline.
    thickness : (n,) float64
        Thickness of the cortex there, mm.
    """

    inside: Mask
    depth: NDArray[np.float64]
    around: NDArray[np.float64]
    thickness: NDArray[np.float64]


def measure_mantle(plane: HalfPlane) -> Mantle:
    """Measure every place of the plane from the pia of the hemisphere."""
    upper, lower = _outline(plane.ap)
    top = np.interp(plane.x, upper[:, 0], upper[:, 1])
    bottom = np.interp(plane.x, lower[::-1, 0], lower[::-1, 1])
    wall = along(plane.ap, GAP_AP, GAP)
    inside = (plane.x < upper[-1, 0]) & (plane.y > top) & (plane.y < bottom) & (plane.x > wall)
    depth = np.full(len(plane.x), np.inf)
    around = np.zeros(len(plane.x))
    pia, corner = _pia(plane.ap, upper, lower, wall)
    distance, arc, _ = nearest_on(pia, plane.x[inside], plane.y[inside], DEEPEST)
    depth[inside], around[inside] = distance, (arc - corner) / (pia.length - corner)
    from_end = np.full(len(plane.x), np.inf)
    from_end[inside] = arc
    return Mantle(inside, depth, around, _thickness(plane.ap, around, from_end))


def paint_cortex(plane: HalfPlane, mantle: Mantle) -> None:
    """Paint areas and layers, and the white matter that carries them."""
    bounds = area_bounds(plane.ap)
    relative = mantle.depth / mantle.thickness
    white = mantle.thickness + _white_thickness(plane.ap, mantle.around)
    covered = mantle.inside & (mantle.around < bounds[-1][1])
    plane.paint(covered & (relative >= 1) & (mantle.depth < white), "cc")
    start = -np.inf
    for area, stop in bounds:
        here = covered & (mantle.around >= start) & (mantle.around < stop) & (relative < 1)
        layers, shares = LAYERS.get(area, AGRANULAR)
        edges = (0.0, *shares)
        for layer, low, high in zip(layers, edges[:-1], edges[1:], strict=True):
            plane.paint(here & (relative >= low) & (relative < high), area + layer)
        start = stop


def area_bounds(ap: float) -> list[tuple[str, float]]:
    """Areas around the hemisphere with the place where each ends, in order."""
    knots = [float(key) for key in table_rows("areas.csv")[0] if key != "area"]
    bounds = []
    for row in table_rows("areas.csv"):
        values = tuple(float(value) for key, value in row.items() if key != "area")
        bounds.append((row["area"], along(ap, tuple(knots), values)))
    return bounds


AGRANULAR = (("1", "2/3", "5", "6"), (0.13, 0.40, 0.70, 1.0))
GRANULAR = (("1", "2/3", "4", "5", "6"), (0.11, 0.33, 0.47, 0.70, 1.0))
LAYERS = {
    **dict.fromkeys(("SSp", "SSs", "AUD", "VIS"), GRANULAR),
    "PIR": (("1", "2", "3"), (0.42, 0.62, 1.0)),
    "ENT": (("1", "2", "3", "6"), (0.18, 0.38, 0.62, 1.0)),
}


def _outline(ap: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    width, top = along(ap, AP, WIDTH), along(ap, AP, TOP)
    widest, bottom = along(ap, AP, WIDEST), along(ap, AP, BOTTOM)
    turn = np.linspace(0.0, np.pi / 2, 240)
    sine, cosine = np.sin(turn), np.cos(turn)
    x = width * sine**0.92
    upper = widest - (widest - top) * cosine**0.92
    # The hemisphere rounds off towards the fissure.
    wall = along(ap, GAP_AP, GAP)
    upper += 0.55 * (1 - top / 4) * np.exp(-((np.maximum(x - wall, 0) / 0.3) ** 2))
    lower = widest + (bottom - widest) * cosine**0.85
    # The hypothalamus and the olfactory cortex bulge, with a furrow between.
    lower -= along(ap, (1.5, 0.0, -3.0, -3.6), (0.05, 0.28, 0.28, 0.0)) * np.exp(
        -(((x - 2.0) / 0.55) ** 2)
    )
    return np.column_stack([x, upper]), np.column_stack([x, lower])[::-1]


def _pia(
    ap: float, upper: NDArray[np.float64], lower: NDArray[np.float64], wall: float
) -> tuple[Curve, float]:
    corner_y = float(np.interp(wall, upper[:, 0], upper[:, 1]))
    end = max(along(ap, WALL_AP, WALL_END), corner_y + 0.05)
    medial = np.column_stack([np.full(20, wall), np.linspace(end, corner_y, 20)])
    surface = [part[part[:, 0] > wall] for part in (upper, lower)]
    points = np.concatenate([medial, *surface])
    keep = np.append(True, np.hypot(*np.diff(points, axis=0).T) > 1e-6)
    return curve_through(points[keep], smooth=False), end - corner_y


def _thickness(
    ap: float, around: NDArray[np.float64], from_end: NDArray[np.float64]
) -> NDArray[np.float64]:
    most = along(ap, (3.2, 1.0, -1.0, -3.0, -4.6), (1.2, 1.2, 1.1, 0.95, 0.8))
    share = np.interp(around, (-0.3, 0.0, 0.1, 0.45, 0.58, 0.85), (0.8, 0.85, 1.0, 1.0, 0.8, 0.6))
    # Where the callosum crosses, the medial cortex tapers off towards it.
    tapered = along(ap, (1.6, 1.1, -2.7, -3.0), (1.0, 0.25, 0.25, 0.6))
    return most * share * np.interp(from_end, (0.0, 0.6), (tapered, 1.0))


def _white_thickness(ap: float, around: NDArray[np.float64]) -> NDArray[np.float64]:
    body = along(ap, (1.4, 1.1, -2.4, -2.8), (0.1, 0.3, 0.3, 0.15))
    side = along(ap, (-2.97, -3.03, -4.0, -4.9), (0.0, 0.25, 0.25, 0.15))
    return np.interp(around, (0.0, 0.12, 0.3, 0.7), (body, body, 0.16 + side, 0.1 + side))
