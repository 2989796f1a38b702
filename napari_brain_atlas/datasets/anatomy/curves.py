"""Curves in a plane, and how far and where along them a place is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.spatial import cKDTree

STEP = 0.015
"""Spacing of the points of a curve, mm."""

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """A polyline with evenly spaced points.

    Attributes
    ----------
    points : (m, 2) float64
        mm, (x, y).
    arc : (m,) float64
        Length along the curve from its first point, mm.
    """

    points: Points
    arc: Points

    @property
    def length(self) -> float:
        """Length of the curve, mm."""
        return float(self.arc[-1])


def curve_through(points: Points, *, smooth: bool = True) -> Curve:
    """Lay a curve through a few points, as a cubic spline or as straight lines."""
    chord = np.append(0.0, np.cumsum(np.hypot(*np.diff(points, axis=0).T)))
    fine = np.linspace(0.0, chord[-1], max(int(chord[-1] / STEP) * 2, 8))
    if smooth:
        dense = CubicSpline(chord, points)(fine)
    else:
        dense = np.column_stack([np.interp(fine, chord, axis) for axis in points.T])
    arc = np.append(0.0, np.cumsum(np.hypot(*np.diff(dense, axis=0).T)))
    even = np.linspace(0.0, arc[-1], max(int(arc[-1] / STEP), 4))
    return Curve(np.column_stack([np.interp(even, arc, axis) for axis in dense.T]), even)


def nearest_on(
    curve: Curve, x: Points, y: Points, within: float = np.inf
) -> tuple[Points, Points, Points]:
    """Distance to a curve, the nearest point's place along it, and the side.

    Places farther than `within` (mm) get an infinite distance and the end of
    the curve; looking no farther is several times faster.

    Returns
    -------
    distance : (n,) float64
        mm, not negative.
    arc : (n,) float64
        Place of the nearest point along the curve, mm.
    side : (n,) float64
        Positive to the right of the direction of the curve as seen on the
        page, where y points down.
    """
    places = np.column_stack([x, y])
    tree = cKDTree(curve.points)
    found, nearest = tree.query(places, distance_upper_bound=within)
    distance = np.asarray(found, np.float64)
    index = np.minimum(nearest, len(curve.points) - 1)
    tangent = np.gradient(curve.points, axis=0)[index]
    offset = places - curve.points[index]
    side: Points = tangent[:, 0] * offset[:, 1] - tangent[:, 1] * offset[:, 0]
    return distance, curve.arc[index], side


def along(ap: float, positions: tuple[float, ...], values: tuple[float, ...]) -> float:
    """Interpolate a measure of the brain between coronal positions.

    Parameters
    ----------
    ap : float
        Position from bregma, mm.
    positions : tuple of float
        Falling from anterior to posterior.
    values : tuple of float
    """
    return float(np.interp(-ap, [-p for p in positions], values))
