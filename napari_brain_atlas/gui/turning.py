"""Sections turned and flipped for display, never in the data. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_QUARTER = np.array([[0.0, -1.0], [1.0, 0.0]])
"""A quarter turn clockwise, as seen: y points down."""
_MIRROR = np.array([[-1.0, 0.0], [0.0, 1.0]])


@dataclass(frozen=True, slots=True)
class Turn:
    """How a section is laid: flipped left to right or not, then turned clockwise.

    Attributes
    ----------
    quarters : int
        Quarter turns, 0 to 3.
    flipped : bool
    """

    quarters: int = 0
    flipped: bool = False

    @property
    def matrix(self) -> NDArray[np.float64]:
        """What is done to (x, y), (2, 2)."""
        turned = np.linalg.matrix_power(_QUARTER, self.quarters)
        return turned @ _MIRROR if self.flipped else turned

    def turned(self, by: int = 1) -> Turn:
        """The same after some quarter turns clockwise; backwards where negative."""
        return Turn((self.quarters + by) % 4, self.flipped)

    def mirrored(self) -> Turn:
        """The same with what is seen on the left brought to the right."""
        return Turn(-self.quarters % 4, not self.flipped)

    def about(self, xy: ArrayLike, center: ArrayLike) -> NDArray[np.float64]:
        """Where points (n, 2) come to lie when the section is turned about its center."""
        middle = np.asarray(center, np.float64)
        return (np.asarray(xy, np.float64) - middle) @ self.matrix.T + middle

    def affine(self, center: ArrayLike) -> NDArray[np.float64]:
        """The same as a matrix over (y, x, 1), (3, 3), as napari has its coordinates."""
        middle = np.asarray(center, np.float64)[::-1]
        matrix = np.eye(3)
        matrix[:2, :2] = self.matrix[::-1, ::-1]
        matrix[:2, 2] = middle - matrix[:2, :2] @ middle
        return matrix

    def size(self, width: float, height: float) -> tuple[float, float]:
        """Width and height of what it shows of a rectangle."""
        return (height, width) if self.quarters % 2 else (width, height)


UPRIGHT = Turn()


@dataclass(frozen=True, slots=True)
class Turns:
    """The sections that are laid otherwise than in the file.

    Attributes
    ----------
    of_sections : tuple of (int, Turn)
        Index of each such section, rising, and how it is laid.
    """

    of_sections: tuple[tuple[int, Turn], ...] = ()

    def of(self, section: int) -> Turn:
        """How a section is laid."""
        return dict(self.of_sections).get(section, UPRIGHT)

    def with_turn(self, section: int, turn: Turn) -> Turns:
        """The same but for one section."""
        laid = {**dict(self.of_sections), section: turn}
        others = [s for s in sorted(laid) if laid[s] != UPRIGHT]
        return Turns(tuple((s, laid[s]) for s in others))


AS_MEASURED = Turns()
"""All sections as they lie in the file."""
