"""Where sections lie in space: one behind the other, and not beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UM_PER_MM = 1000.0
DEEP = 1.1
"""Depth of a stack of unknown positions, by the size of its sections: about that of a brain."""
WIDEST_GAP = 0.25
"""The same of a single gap."""
ASTRAY = 0.5
"""Sections whose middles are farther apart than this share of their size lie beside each other."""
NO_POSITION = "the file knows no positions"


@dataclass(frozen=True, slots=True, eq=False)
class Depths:
    """Where sections lie along the axis of the brain.

    Attributes
    ----------
    z : (n_sections,) float64
        Larger is more anterior, in the unit of the coordinates.
    told : str
        How that came about, in words for the user.
    """

    z: NDArray[np.float64]
    told: str


def depths_of(positions: Sequence[float | None], size: float, in_um: bool) -> Depths:
    """Where the sections of one animal lie, given from front to back.

    Parameters
    ----------
    positions : sequence of float or None
        In mm, larger is more anterior.
    size : float
        Of the sections, in the unit of the coordinates.
    in_um : bool
        Whether these are in µm; else positions cannot be compared with them.
    """
    known = [p for p in positions if p is not None]
    n = len(positions)
    if n == 1:
        return Depths(np.zeros(1), "one section")
    why = ""
    if len(known) < n:
        missing = n - len(known)
        why = NO_POSITION if not known else f"{missing:,} of {n:,} have no position"
    elif len(set(known)) < n:
        why = "several share a position"
    elif not in_um:
        why = "the unit of the coordinates is not known"
    if not why:
        return Depths(np.array(known, np.float64) * UM_PER_MM, "sections at their positions")
    gap = min(DEEP * size / (n - 1), WIDEST_GAP * size)
    return Depths(np.arange(n, dtype=np.float64)[::-1] * gap, f"sections evenly apart: {why}")


def shifts_of(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """What brings sections behind each other that lie beside each other on their slide.

    Parameters
    ----------
    low, high : (n_sections, 2) float64
        Ends of the box of each, (x, y).

    Returns
    -------
    (n_sections, 2) float64 or None
        To be added to coordinates; None where sections lie behind each other as
        they are.
    """
    middles, sizes = (low + high) / 2, high - low
    center = np.median(middles, axis=0)
    typical = np.maximum(np.median(sizes, axis=0), 1e-9)
    if not (np.abs(middles - center) > ASTRAY * typical).any():
        return None
    return center - middles


def frame_of(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners of a box in turn, (4, 2)."""
    (x0, y0), (x1, y1) = low, high
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64)


def plane_through(points: NDArray[np.floating]) -> NDArray[np.float64] | None:
    """Corners of a rectangle that lies among points as flat as they allow, (4, 3), in turn.

    The plane of least squares, by the singular vectors of the centered points;
    None for fewer than three.
    """
    given = np.asarray(points, np.float64)
    if len(given) < 3:
        return None
    middle = given.mean(axis=0)
    _, _, axes = np.linalg.svd(given - middle, full_matrices=False)
    along = _upright(axes[:2])
    spread = (given - middle) @ along.T
    flat = frame_of(spread.min(axis=0), spread.max(axis=0))
    corners: NDArray[np.float64] = flat @ along + middle
    return corners


def _upright(axes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two directions of a plane, turned within it so that the first goes as level as it can.

    The singular vectors of a round section point anywhere.
    """
    normal = np.cross(axes[0], axes[1])
    level = np.cross(np.array([0.0, 1.0, 0.0]), normal)
    if np.linalg.norm(level) < 1e-6:
        return axes
    level /= np.linalg.norm(level)
    return np.stack([level, np.cross(normal, level)])
