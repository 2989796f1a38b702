"""k-means that gives the same result whatever the number of cores."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from napari_brain_atlas.model.progress import Share, unheard

CHUNK = 65_536


def kmeans_centers(
    points: NDArray[np.float32],
    k: int,
    *,
    seed: int,
    n_init: int = 1,
    weights: NDArray[np.int64] | None = None,
    max_iter: int = 300,
    report: Share = unheard,
) -> NDArray[np.float32]:
    """Centers of k-means (Lloyd, k-means++ start), best of `n_init`.

    Parameters
    ----------
    points : (n, d) float32
    k : int
        Lowered to the number of distinct points.
    weights : (n,) float64, optional
        How many cells each point stands for.
    report : callable
        Told the share of the starts that are done.

    Returns
    -------
    (k, d) float32
    """
    distinct = np.unique(points, axis=0)
    if len(distinct) <= k:
        return np.asarray(distinct, np.float32)
    rng, fits = np.random.RandomState(seed), []
    # Sums over threads come in any order: one thread makes runs repeatable to the last bit.
    # Points that all but coincide may leave a center without any, which is no error.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for start in range(n_init):
            model = KMeans(k, n_init=1, random_state=rng, max_iter=max_iter)
            fits.append(model.fit(points, sample_weight=weights))
            report((start + 1) / n_init)
    best = min(fits, key=lambda fit: float(fit.inertia_))
    return np.asarray(best.cluster_centers_, np.float32)


def nearest_center(
    points: NDArray[np.float32], centers: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Nearest center of every point.

    Returns
    -------
    labels : (n,) int32
    margins : (n,) float32
        ``1 - nearest / second nearest`` distance: 0 on a border, 1 on a center.
    """
    labels = np.zeros(len(points), np.int32)
    margins = np.ones(len(points), np.float32)
    for start in range(0, len(points), CHUNK):
        chunk = slice(start, start + CHUNK)
        squared = squared_distances(points[chunk], centers)
        labels[chunk] = squared.argmin(axis=1)
        if len(centers) > 1:
            two = np.sqrt(np.partition(squared, 1, axis=1)[:, :2])
            margins[chunk] = 1 - np.divide(
                two[:, 0], two[:, 1], out=np.ones_like(two[:, 0]), where=two[:, 1] > 0
            )
    return labels, margins


def squared_distances(
    points: NDArray[np.float32], centers: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Squared Euclidean distances, (n_points, n_centers), never below 0."""
    result: NDArray[np.float32] = points @ (-2 * centers.T)
    result += np.einsum("ij,ij->i", points, points)[:, None]
    result += np.einsum("ij,ij->i", centers, centers)[None, :]
    np.maximum(result, 0, out=result)
    return result
