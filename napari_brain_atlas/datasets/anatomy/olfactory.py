"""Olfactory bulb, anterior olfactory nucleus and olfactory tubercle."""

from __future__ import annotations

from napari_brain_atlas.datasets.anatomy.cerebrum import Mantle, area_bounds
from napari_brain_atlas.datasets.anatomy.curves import along
from napari_brain_atlas.datasets.anatomy.plane import HalfPlane, ellipse_radius

BULB_LAYERS = (
    ("MOBgl", 1.0),
    ("MOBopl", 0.82),
    ("MOBmi", 0.66),
    ("MOBgr", 0.58),
    ("SEZ", 0.1),
)


def paint_bulb(plane: HalfPlane) -> None:
    """Paint the bulb as nested shells."""
    if not plane.within(4.45, 2.75):
        return
    knots = (4.45, 4.1, 3.5, 2.75)
    radii = (
        along(plane.ap, knots, (0.25, 0.7, 0.85, 0.35)),
        along(plane.ap, knots, (0.35, 1.1, 1.35, 0.5)),
    )
    center = (radii[0] + 0.06, along(plane.ap, knots, (4.0, 4.2, 4.5, 5.0)))
    radius = ellipse_radius(plane, center, radii)
    for acronym, rim in BULB_LAYERS:
        plane.paint(radius < rim, acronym)


def paint_anterior_nucleus(plane: HalfPlane) -> None:
    """Paint the anterior olfactory nucleus around its commissural fibers."""
    if not plane.within(3.15, 1.85):
        return
    knots = (3.15, 2.7, 2.2, 1.85)
    radii = (
        along(plane.ap, knots, (0.3, 1.05, 1.0, 0.15)),
        along(plane.ap, knots, (0.4, 1.1, 0.9, 0.15)),
    )
    radius = ellipse_radius(plane, (1.15, along(plane.ap, knots, (5.1, 4.95, 5.1, 5.2))), radii)
    for acronym, rim in (("AON1", 1.0), ("AON2", 0.72), ("ac", 0.22)):
        plane.paint(radius < rim, acronym)


def paint_tubercle(plane: HalfPlane, mantle: Mantle) -> None:
    """Paint the olfactory tubercle along the ventral surface."""
    if not plane.within(2.0, -0.25):
        return
    end = area_bounds(plane.ap)[-1][1]
    here = mantle.inside & (mantle.around >= end) & (mantle.around < 0.93)
    plane.paint(here & (mantle.depth < 0.62), "OT2")
    plane.paint(here & (mantle.depth < 0.2), "OT1")
