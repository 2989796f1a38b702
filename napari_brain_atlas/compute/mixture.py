"""Groups whose shape is learned: k-means thinks them round and equally wide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.model.progress import Share, unheard

# Half the shape that the groups show and half a ball: with few points a learned shape
# alone follows chance, and directions in which no group spreads would decide everything.
LEARNED_SHAPE = 0.5
ROUNDS = 100
SETTLED = 1e-4
LEAST_VARIANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Shape:
    """A space in which groups are round, and their centers in it.

    Attributes
    ----------
    origin : (d,) float64
    rounding : (d, d) float64
        What takes a point, less the origin, into that space.
    centers : (n_groups, d) float32
        In that space.
    """

    origin: NDArray[np.float64]
    rounding: NDArray[np.float64]
    centers: NDArray[np.float32]


def shape_of(
    points: NDArray[np.float32],
    weights: NDArray[np.int64],
    labels: NDArray[np.int32],
    n_groups: int,
    report: Share = unheard,
) -> Shape:
    """Find the space in which groups are round.

    Expectation maximisation of a mixture of normal distributions that share one
    covariance (McLachlan & Peel 2000), shrunk half-way to a sphere as in regularised
    discriminant analysis (Friedman 1989).

    Parameters
    ----------
    points : (n, d) float32
    weights : (n,) int64
        How many cells each point stands for.
    labels : (n,) int32
        Groups to start from, 0 to `n_groups` - 1.
    n_groups : int
    report : callable
        Told how much of the way to rest is gone.

    Returns
    -------
    Shape
    """
    x, w = points.astype(np.float64), weights / weights.sum()
    origin = w @ x
    x = x - origin
    least = LEAST_VARIANCE * float(w @ (x**2).sum(axis=1)) / x.shape[1]
    if least <= 0:
        d = points.shape[1]
        return Shape(origin, np.eye(d), np.zeros((n_groups, d), np.float32))
    share = np.zeros((len(x), n_groups))
    share[np.arange(len(x)), labels] = 1.0
    gone = 0.0
    for _ in range(ROUNDS):
        sizes, centers, rounding = _maximize(x, w, share, least)
        before, share = share, _expect(x @ rounding, centers @ rounding, sizes)
        moved = float(w @ np.abs(share - before).sum(axis=1))
        if moved < SETTLED:
            break
        # What moves shrinks by about the same factor in most rounds.
        gone = max(gone, float(np.log(min(moved, 1.0)) / np.log(SETTLED)))
        report(gone)
    _, centers, rounding = _maximize(x, w, share, least)
    return Shape(origin, rounding, (centers @ rounding).astype(np.float32))


def _maximize(
    x: NDArray[np.float64], w: NDArray[np.float64], share: NDArray[np.float64], least: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Sizes and centers of the groups, and the map that makes them round."""
    weighted = share * w[:, None]
    sizes = np.maximum(weighted.sum(axis=0), 1e-12)
    centers = (weighted.T @ x) / sizes[:, None]
    within = (x.T * w) @ x - (centers.T * sizes) @ centers
    ball = np.trace(within) / len(within)
    shape = LEARNED_SHAPE * within + ((1 - LEARNED_SHAPE) * ball + least) * np.eye(len(within))
    return sizes, centers, np.linalg.cholesky(np.linalg.inv(shape))


def _expect(
    x: NDArray[np.float64], centers: NDArray[np.float64], sizes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of each group in each point, (n, n_groups)."""
    likely = x @ centers.T - 0.5 * (centers**2).sum(axis=1) + np.log(sizes)
    likely -= likely.max(axis=1, keepdims=True)
    share = np.exp(likely)
    return np.asarray(share / share.sum(axis=1, keepdims=True))
