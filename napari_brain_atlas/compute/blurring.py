"""Drawing points together, so that branches of a density tree are domains, not ripples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

SMALLEST_SHARE = 50


def blur_points(
    points: NDArray[np.float32],
    weights: NDArray[np.int64],
    *,
    n_neighbors: int = 10,
    rounds: int = 10,
) -> NDArray[np.float32]:
    """Move every point to the mean of its nearest points, several times.

    A blurring mean shift (Fukunaga & Hostetler 1975) with nearest neighbors in place of
    a fixed radius.

    Parameters
    ----------
    points : (n, d) float32
    weights : (n,) int64
        How many cells each point stands for.
    n_neighbors : int
        The point itself included; at most a fiftieth of the points.

    Returns
    -------
    (n, d) float32
    """
    k = min(n_neighbors, len(points) // SMALLEST_SHARE)
    if k < 2:
        return points
    for _ in range(rounds):
        points = _mean_of_nearest(points, weights, k)
    return points


def _mean_of_nearest(
    points: NDArray[np.float32], weights: NDArray[np.int64], k: int
) -> NDArray[np.float32]:
    nearest = nearest_points(points, points, k)
    n = len(points)
    share = weights[nearest].astype(np.float32)
    share /= share.sum(axis=1, keepdims=True)
    starts = np.arange(0, n * k + 1, k)
    mean = sparse.csr_matrix((share.ravel(), nearest.ravel(), starts), shape=(n, n)) @ points
    return np.asarray(mean, np.float32)


def nearest_points(
    queries: NDArray[np.float32], points: NDArray[np.float32], k: int
) -> NDArray[np.int64]:
    """Positions of the `k` points nearest to each query, nearest first, (n_queries, k).

    A tree is quick here in spite of the dimensions: surroundings change gradually, so
    their embedding fills few of them.
    """
    _, found = cKDTree(points).query(queries, k=k, workers=-1)
    return np.asarray(found, np.int64).reshape(len(queries), k)
