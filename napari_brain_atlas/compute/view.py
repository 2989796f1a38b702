"""Which part of a section is looked at, and at which size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """A rectangle of pixels, and where the coordinates of the section fall on it.

    Attributes
    ----------
    matrix : tuple of float
        ``(a, b, c, d, e, f)``: a point (x, y) is at column ``a x + b y + c`` and
        row ``d x + e y + f``; pixel (i, j) covers ``[j, j + 1) × [i, i + 1)``.
    height, width : int
        In pixels.
    """

    matrix: Matrix
    height: int
    width: int

    @property
    def floats(self) -> Matrix:
        """The matrix without whole numbers, for which compiled code would be compiled anew."""
        a, b, c, d, e, f = map(float, self.matrix)
        return a, b, c, d, e, f

    @property
    def scale(self) -> float:
        """Pixels per unit of the coordinates; of a skewed view the geometric mean."""
        a, b, _, d, e, _ = self.matrix
        return float(abs(a * e - b * d) ** 0.5)

    def place(self, xy: ArrayLike) -> NDArray[np.float64]:
        """Columns and rows of points, (n, 2), not rounded; `xy` is (n, 2), (x, y)."""
        a, b, c, d, e, f = self.matrix
        x, y = np.asarray(xy, np.float64).T
        return np.stack([a * x + b * y + c, d * x + e * y + f], axis=-1)

    @property
    def corner(self) -> tuple[float, float]:
        """The point (x, y) at the corner of the first pixel."""
        a, b, c, d, e, f = self.matrix
        area = a * e - b * d
        return (b * f - c * e) / area, (c * d - a * f) / area

    def then(self, next_view: View) -> View:
        """A view of the pixels of this one, as a view of the coordinates."""
        a, b, c, d, e, f = self.matrix
        p, q, r, s, t, u = next_view.matrix
        matrix = (
            p * a + q * d, p * b + q * e, p * c + q * f + r,
            s * a + t * d, s * b + t * e, s * c + t * f + u,
        )  # fmt: skip
        return View(matrix, next_view.height, next_view.width)

    def widened(self, pixels: int) -> View:
        """The same with a margin all around."""
        a, b, c, d, e, f = self.matrix
        more = 2 * pixels
        return View((a, b, c + pixels, d, e, f + pixels), self.height + more, self.width + more)


def whole_view(
    low: tuple[float, float], high: tuple[float, float], margin: float, long_side: int
) -> View:
    """A view of all between two points, upright.

    Parameters
    ----------
    low, high : (2,) tuple of float
        Lowest and highest (x, y).
    margin : float
        What is added around, in the same unit.
    long_side : int
        Pixels along the longer side.
    """
    width, height = (max(b - a + 2 * margin, 1e-9) for a, b in zip(low, high, strict=True))
    scale = long_side / max(width, height)
    matrix = (scale, 0.0, (margin - low[0]) * scale, 0.0, scale, (margin - low[1]) * scale)
    return View(matrix, max(round(height * scale), 1), max(round(width * scale), 1))
