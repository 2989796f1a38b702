"""Lay a section on the next one by the neighborhoods that they share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ENOUGH_LANDMARKS = 3
_FLAT = 0.2
"""Landmarks with less spread across than this, of that along, cannot tell a mirror image."""
_EXACT = 1e-6
"""Landmarks that meet their partners to this share of their extent need no second fit."""

Places = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pose:
    """A rotation or mirror image, and a shift; nothing is stretched.

    Attributes
    ----------
    turn : (2, 2) float64
        Orthogonal.
    shift : (2,) float64, µm
    """

    turn: Places
    shift: Places

    def lay(self, xy: Places) -> Places:
        """Places on the next section, (n, 2) float64 µm."""
        return np.asarray(xy @ self.turn.T + self.shift)


def pose_by_landmarks(here: Places, there: Places, weights: Places) -> Pose | None:
    """The pose that brings landmarks nearest to their partners (Kabsch 1976).

    Landmarks that lie far off their partner after a first fit count less in a second
    one, as a neighborhood may really have moved.

    Parameters
    ----------
    here, there : (n, 2) float64, µm, (x, y)
        Centers of the same neighborhoods on two sections.
    weights : (n,) float64
        Above 0.

    Returns
    -------
    Pose or None
        None with fewer than three landmarks.
    """
    if len(here) < ENOUGH_LANDMARKS:
        return None
    pose = _fitted(here, there, weights)
    distance = np.linalg.norm(pose.lay(here) - there, axis=1)
    usual = float(np.median(distance))
    if usual > _EXACT * float(np.ptp(there, axis=0).max()):
        pose = _fitted(here, there, weights / (1 + np.square(distance / usual)))
    return pose


def _fitted(here: Places, there: Places, weights: Places) -> Pose:
    share = (weights / weights.sum())[:, None]
    center_here, center_there = (share * here).sum(axis=0), (share * there).sum(axis=0)
    covariance = (share * (here - center_here)).T @ (there - center_there)
    left, spread, right = np.linalg.svd(covariance)
    mirror = float(np.sign(np.linalg.det(left @ right)))
    if mirror < 0 and spread[1] < _FLAT * spread[0]:
        left = left * np.array([1.0, -1.0])
    turn = (left @ right).T
    return Pose(turn, center_there - turn @ center_here)
