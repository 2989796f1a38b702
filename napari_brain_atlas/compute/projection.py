"""Principal components from sums that are gathered block by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS = 16_384


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over rows from which means and covariances follow; they add up.

    Attributes
    ----------
    count : int
    total : (p,) float64
    gram : (p, p) float64
        Sum of the outer products of the rows.
    """

    count: int
    total: NDArray[np.float64]
    gram: NDArray[np.float64]

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.count + other.count, self.total + other.total, self.gram + other.gram)

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean of the rows, (p,)."""
        return self.total / max(self.count, 1)

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Covariance of the columns, (p, p)."""
        return self.gram / max(self.count, 1) - np.outer(self.mean, self.mean)


def moments_of(block: NDArray[Any]) -> Moments:
    """Gather the sums of one block of rows, (n, p)."""
    total = no_moments(block.shape[1])
    for start in range(0, len(block), ROWS):
        # Double precision only for some rows at a time: sections may be large.
        rows = np.asarray(block[start : start + ROWS], np.float64)
        total += Moments(len(rows), rows.sum(axis=0), rows.T @ rows)
    return total


def no_moments(width: int) -> Moments:
    """Sums over no rows of `width` columns."""
    return Moments(0, np.zeros(width), np.zeros((width, width)))


def principal_axes(
    covariance: NDArray[np.float64], n_components: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Axes of largest variance.

    Parameters
    ----------
    covariance : (p, p) float64
    n_components : int
        At most this many; directions without variance are left out.

    Returns
    -------
    axes : (p, k) float64
        Columns of unit length; the largest entry of each is positive, so that the
        result does not depend on the linear algebra library.
    variances : (k,) float64
        Descending.
    """
    if not len(covariance):
        return covariance, np.zeros(0)
    variances, axes = np.linalg.eigh((covariance + covariance.T) / 2)
    variances, axes = variances[::-1][:n_components], axes[:, ::-1][:, :n_components]
    kept = variances > 1e-10 * max(float(np.trace(covariance)), 1e-300)
    axes, variances = axes[:, kept], variances[kept]
    largest = np.abs(axes).argmax(axis=0)
    signs = np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    return axes * signs, variances
