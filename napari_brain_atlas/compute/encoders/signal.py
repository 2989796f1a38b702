"""Axes along which surroundings differ by more than chance.

The minimum noise fraction transform (Green, Berman, Switzer & Craig 1988): axes of the
largest ratio of variance to noise instead of the largest variance, so that views of any
unit and any worth can be laid side by side. A view that says little of where a cell lies
is mostly noise and weighs little; nobody has to know which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from napari_brain_atlas.compute.projection import Moments, no_moments, principal_axes

MOST_AXES_PER_SCALE = 100
FEWEST_AXES_PER_SCALE = 20
# An axis counts whose variance is so many times that of chance: in a small tissue few do,
# in whole brains a hundred.
LEAST_RATIO = 1.2
# Between counting signal as it is (1 in units of noise) and as its square.
SIGNAL_POWER = 0.75
# Anatomy differs from one section to the next as well, so half of the difference is noise.
SECTION_NOISE = 0.5
# Noise of a feature is never less than this share of the mean noise, or of the variance.
LEAST_NOISE = 0.05
LEAST_NOISE_OF_VARIANCE = 1e-3
# What varies by less than this share of its mean is rounding of float32, and no signal.
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Learned:
    """Sums over the surroundings of one section.

    Attributes
    ----------
    averages : Moments
    chance : Moments
        Of what two halves of the surroundings do not share.
    """

    averages: Moments
    chance: Moments


def signal_loadings(
    sections: list[Learned], n_features: int, weights: Sequence[float], n_dimensions: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and loadings of the embedding.

    Parameters
    ----------
    sections : list of Learned
        In the order of the atlas.
    n_features : int
        Of all scales.
    weights : sequence of float
        Of the scales, in their order; scales of the same weight are given the same total
        variance.
    n_dimensions : int
        At most this many.

    Returns
    -------
    mean : (n_features,) float64
    loadings : (n_features, n_dimensions) float64
        At least one column, of zeros where nothing varies.
    """
    averages = sum((s.averages for s in sections), no_moments(n_features))
    chance = sum((s.chance for s in sections), no_moments(n_features))
    variance, noise = averages.covariance, chance.gram / max(chance.count, 1)
    noise += SECTION_NOISE * between_sections([s.averages for s in sections], n_features)
    still = np.diag(variance) <= (ROUNDING * averages.mean) ** 2
    variance[still], variance[:, still] = 0, 0
    width = n_features // len(weights)
    columns = [np.zeros((n_features, 0))]
    for scale, weight in enumerate(weights):
        part = slice(scale * width, (scale + 1) * width)
        axes = signal_axes(variance[part, part], noise[part, part], MOST_AXES_PER_SCALE)
        whole = np.zeros((n_features, axes.shape[1]))
        whole[part] = weight * axes
        columns.append(whole)
    scales = np.hstack(columns)
    axes, _ = principal_axes(scales.T @ variance @ scales, n_dimensions)
    # All surroundings alike: one dimension of zeros, so that the shape stays honest.
    loadings = scales @ axes if axes.shape[1] else np.zeros((n_features, 1))
    return averages.mean, loadings


def signal_axes(
    variance: NDArray[np.float64], noise: NDArray[np.float64], n_axes: int
) -> NDArray[np.float64]:
    """Axes of the largest ratio of variance to noise.

    Parameters
    ----------
    variance, noise : (p, p) float64
        Covariances; the variance contains the noise.
    n_axes : int
        At most this many; directions that do not vary are left out, and after the first
        few those that vary little more than chance.

    Returns
    -------
    (p, k) float64
        Scaled so that projections have as variance a power of their ratio, and all
        together the variance 1.
    """
    p = len(variance)
    total = float(np.trace(variance))
    if not p or total <= 0:
        return np.zeros((p, 0))
    ridge = LEAST_NOISE * np.trace(noise) + LEAST_NOISE_OF_VARIANCE * total
    ratios, axes = eigh(variance, noise + ridge / p * np.eye(p))
    ratios, axes = ratios[::-1][:n_axes], axes[:, ::-1][:, :n_axes]
    kept = ratios > 1e-10 * ratios[0]
    kept[FEWEST_AXES_PER_SCALE:] &= ratios[FEWEST_AXES_PER_SCALE:] > LEAST_RATIO
    ratios, axes = ratios[kept], axes[:, kept]
    # `eigh` gives projections the variance `ratios`.
    scaled = axes * ratios ** (SIGNAL_POWER - 0.5)
    return np.asarray(scaled / np.sqrt((ratios ** (2 * SIGNAL_POWER)).sum()))


def between_sections(sections: list[Moments], n_features: int) -> NDArray[np.float64]:
    """Covariance of the difference between a section's mean and the next one's.

    Sections that follow each other hold nearly the same anatomy, so what their means do
    not share is mostly how they were treated; small sections count little.
    """
    filled = [s for s in sections if s.count]
    total, weights = np.zeros((n_features, n_features)), 0.0
    for one, other in pairwise(filled):
        weight = one.count * other.count / (one.count + other.count)
        difference = one.mean - other.mean
        total += weight * np.outer(difference, difference) / 2
        weights += weight
    return total / max(weights, 1.0)
