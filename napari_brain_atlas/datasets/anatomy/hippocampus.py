"""The hippocampus: two rolled cell layers, one inside the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.datasets.anatomy.curves import along, curve_through, nearest_on
from napari_brain_atlas.datasets.anatomy.plane import HalfPlane, Mask, ellipse_radius

FARTHEST = 0.4
"""No layer is farther from its cell layer than this, mm."""

# Control points of the pyramidal layer, from the subiculum over CA1 to CA3,
# and of the granule layer, from the upper blade around the crest to the lower.
DORSAL_CA_X = (0.3, 1.0, 1.8, 2.6, 3.12, 2.95, 2.45, 2.0, 1.62)
DORSAL_CA_Y = (2.12, 1.86, 1.86, 2.2, 2.85, 3.28, 3.08, 2.82, 2.7)
DORSAL_DG_X = (1.95, 1.4, 0.75, 0.42, 0.75, 1.35, 1.95)
DORSAL_DG_Y = (2.46, 2.36, 2.45, 2.68, 2.93, 3.0, 3.14)
VENTRAL_CA_X = (1.1, 2.2, 3.0, 3.5, 3.55, 3.2, 2.85, 2.72, 2.7)
VENTRAL_CA_Y = (1.95, 2.15, 2.75, 3.7, 4.7, 5.55, 5.45, 4.9, 4.4)
VENTRAL_DG_X = (3.1, 3.1, 2.9, 2.55, 2.4, 2.4, 2.42)
VENTRAL_DG_Y = (4.9, 4.1, 3.3, 2.85, 3.3, 4.1, 4.85)
DORSAL = (
    np.column_stack([DORSAL_CA_X, DORSAL_CA_Y]),
    np.column_stack([DORSAL_DG_X, DORSAL_DG_Y]),
)
VENTRAL = (
    np.column_stack([VENTRAL_CA_X, VENTRAL_CA_Y]),
    np.column_stack([VENTRAL_DG_X, VENTRAL_DG_Y]),
)


def paint_hippocampus(plane: HalfPlane, inside: Mask) -> None:
    """Paint Ammon's horn, dentate gyrus, subiculum and fimbria inside the hemisphere."""
    if not plane.within(-0.75, -4.1):
        return
    ca, dg = _control_points(plane.ap)
    scale = along(plane.ap, (-0.75, -1.9), (0.5, 1.0))
    low, high = np.minimum(ca.min(0), dg.min(0)) - 0.35, np.maximum(ca.max(0), dg.max(0)) + 0.35
    box = (plane.x > low[0]) & (plane.x < high[0]) & (plane.y > low[1]) & (plane.y < high[1])
    box &= inside
    part = HalfPlane(plane.x[box], plane.y[box], plane.ap, plane.codes[box])
    _paint_fimbria(part)
    _paint_horn(part, ca, scale)
    _paint_dentate(part, dg, scale)
    plane.codes[box] = part.codes


def _control_points(ap: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ventral = along(ap, (-2.3, -3.3), (0.0, 1.0))
    scale = along(ap, (-0.75, -1.9), (0.45, 1.0))
    pole = np.array([0.25, 2.05])
    shapes = []
    for dorsal, other in zip(DORSAL, VENTRAL, strict=True):
        mixed = (1 - ventral) * dorsal + ventral * other
        shapes.append(pole + scale * (mixed - pole))
    return shapes[0], shapes[1]


def _paint_horn(plane: HalfPlane, points: NDArray[np.float64], scale: float) -> None:
    curve = curve_through(points)
    distance, arc, side = nearest_on(curve, plane.x, plane.y, FARTHEST)
    place, depth = arc / curve.length, np.where(side > 0, distance, -distance) / scale
    middle = (place > 0.003) & (place < 0.997)
    near = middle & (depth > -0.2) & (depth < 0.36)
    bounds = _field_bounds(plane.ap)
    start = 0.0
    for field, stop in bounds:
        here = near & (place >= start) & (place < stop)
        for acronym, shallow, deep in FIELD_LAYERS[field]:
            plane.paint(here & (depth >= shallow) & (depth < deep), acronym)
        start = stop
    plane.paint(middle & (depth <= -0.2) & (depth > -0.27) & (place > 0.2), "fi")


FIELD_LAYERS = {
    "SUB": (("PRE", -0.2, -0.1), ("SUBsp", -0.1, 0.13), ("SUBm", 0.13, 0.36)),
    "CA1": (
        ("CA1so", -0.2, -0.05),
        ("CA1sp", -0.05, 0.05),
        ("CA1sr", 0.05, 0.24),
        ("CA1slm", 0.24, 0.36),
    ),
    "CA2": (("CA3so", -0.2, -0.06), ("CA2", -0.06, 0.06), ("CA3sr", 0.06, 0.3)),
    "CA3": (("CA3so", -0.2, -0.06), ("CA3sp", -0.06, 0.06), ("CA3sr", 0.06, 0.24)),
}


def _field_bounds(ap: float) -> list[tuple[str, float]]:
    subiculum = along(ap, (-2.3, -2.7, -3.6), (0.0, 0.12, 0.28))
    return [("SUB", subiculum), ("CA1", 0.55), ("CA2", 0.63), ("CA3", 1.01)]


def _paint_dentate(plane: HalfPlane, points: NDArray[np.float64], scale: float) -> None:
    curve = curve_through(points)
    distance, arc, side = nearest_on(curve, plane.x, plane.y, FARTHEST)
    # The curve runs counterclockwise on the page: the hilus is on its left.
    depth = np.where(side < 0, distance, -distance) / scale
    place = arc / curve.length
    middle = (place > 0.002) & (place < 0.998)
    plane.paint(middle & (depth > 0.05) & (depth < 0.2), "DGpo")
    plane.paint(middle & (depth < -0.05) & (depth > -0.2), "DGmo")
    plane.paint((np.abs(depth) <= 0.05) & middle, "DGsg")


def _paint_fimbria(plane: HalfPlane) -> None:
    center = (
        along(plane.ap, (-0.75, -2.1, -3.0), (1.6, 3.35, 3.6)),
        along(plane.ap, (-0.75, -2.1, -3.0), (2.7, 3.45, 4.3)),
    )
    plane.paint(ellipse_radius(plane, center, (0.4, 0.3)) < 1, "fi")
