"""One half of a coronal plane, on which the regions are painted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.datasets.structures import NOWHERE, structure_tree

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class HalfPlane:
    """Places on one hemisphere of a section, and what was painted there.

    Attributes
    ----------
    x, y : (n,) float64
        Distance from the midline and depth from the top, mm.
    ap : float
        Position from bregma, mm.
    codes : (n,) int16
        Substructure of each place, or `NOWHERE`; painted over in place.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    ap: float
    codes: NDArray[np.int16]

    def paint(self, where: Mask, acronym: str) -> None:
        """Give places to a substructure."""
        self.codes[where] = structure_tree().code(acronym)

    def erase(self, where: Mask) -> None:
        """Leave places without cells."""
        self.codes[where] = NOWHERE

    def within(self, front: float, back: float) -> bool:
        """Whether the plane lies between two positions from bregma."""
        return front >= self.ap >= back


def ellipse_radius(
    plane: HalfPlane, center: tuple[float, float], radii: tuple[float, float]
) -> NDArray[np.float64]:
    """Distance from the center of an ellipse, 1 on its rim."""
    return np.hypot((plane.x - center[0]) / radii[0], (plane.y - center[1]) / radii[1])
