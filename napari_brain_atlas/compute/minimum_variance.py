"""Minimum-variance and average linkage over weighted points, compiled.

Both merge along chains of nearest neighbors (Murtagh 1983, Müllner 2011), which needs
no sorted list of pairs and gives the same tree as merging the closest pair every time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_brain_atlas.model.progress import Share, unheard

LOOK_EVERY = 0.2
"""Seconds between two looks at how far the merging is."""


def minimum_variance_linkage(
    points: NDArray[np.float32], weights: NDArray[np.int64], report: Share = unheard
) -> NDArray[np.float64]:
    """Merge the two clusters whose union grows the sum of squares least (Ward 1963).

    Parameters
    ----------
    points : (n, d) float32
    weights : (n,) int64
        Cells that each point stands for; a point counts as that many at one place.
    report : callable
        Told from time to time which share of the work is done.

    Returns
    -------
    (n - 1, 4) float64
        SciPy's format, ascending distance. The distance of a merge is the square root
        of what it adds to the sum of squares, per cell of all.
    """
    if len(points) < 2:
        return np.zeros((0, 4))
    merges = np.full((len(points) - 1, 3), np.nan)
    with ThreadPoolExecutor(1) as pool:
        merging = pool.submit(
            _merge_centers,
            np.ascontiguousarray(points, np.float64),
            np.asarray(weights, np.float64),
            merges,
        )
        while wait([merging], LOOK_EVERY).not_done:
            # A merge looks at all clusters that are left.
            report(1 - float(np.isnan(merges[:, 2]).mean()) ** 2)
        merging.result()
    merges[:, 2] = np.sqrt(np.maximum(merges[:, 2], 0) / weights.sum())
    return ordered(merges)


def average_linkage(
    distances: NDArray[np.float64], weights: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Merge the two clusters with the smallest mean distance between their cells.

    Parameters
    ----------
    distances : (n, n) float64
        Symmetric; may be negative, as logarithms are.
    weights : (n,) int64
        Cells of each point.

    Returns
    -------
    (n - 1, 4) float64
        SciPy's format, ascending distance.
    """
    if len(distances) < 2:
        return np.zeros((0, 4))
    return ordered(_merge_averages(distances.copy(), np.asarray(weights, np.float64)))


def ordered(merges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sort merges by distance and number what they make as SciPy does.

    Parameters
    ----------
    merges : (n - 1, 3) float64
        A point of each of two clusters, and the distance at which they merge.

    Returns
    -------
    (n - 1, 4) float64
    """
    return np.asarray(_number(merges[np.argsort(merges[:, 2], kind="stable")]))


# Sums may be taken in any order, which the processor adds several at a time.
@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _merge_centers(centers, weights, merges):  # type: ignore[no-untyped-def]
    n, d = centers.shape
    centers = centers.copy()
    weights = weights.copy()
    left = np.arange(n)  # the clusters that are left, in the first n_left places
    n_left = n
    chain = np.empty(n, np.int64)
    length = 0
    for k in range(n - 1):
        if length == 0:
            chain[0] = left[0]
            length = 1
        while True:
            a = chain[length - 1]
            b = chain[length - 2] if length > 1 else -1
            best = np.inf
            if b >= 0:
                best = 0.0
                for j in range(d):
                    best += (centers[a, j] - centers[b, j]) ** 2
                best *= weights[a] * weights[b] / (weights[a] + weights[b])
            # Among equals the one before in the chain, else the chain would run in a circle.
            for place in range(n_left):
                c = left[place]
                if c == a:
                    continue
                factor = weights[a] * weights[c] / (weights[a] + weights[c])
                added = 0.0
                for j in range(d):
                    added += (centers[a, j] - centers[c, j]) ** 2
                added *= factor
                if added < best:
                    best = added
                    b = c
            if length > 1 and b == chain[length - 2]:
                break
            chain[length] = b
            length += 1
        length -= 2
        merges[k, 0], merges[k, 1], merges[k, 2] = a, b, best
        total = weights[a] + weights[b]
        for j in range(d):
            centers[a, j] = (centers[a, j] * weights[a] + centers[b, j] * weights[b]) / total
        weights[a] = total
        for place in range(n_left):
            if left[place] == b:
                left[place] = left[n_left - 1]
                break
        n_left -= 1


@njit(cache=True, nogil=True)
def _merge_averages(distances, weights):  # type: ignore[no-untyped-def]
    n = len(distances)
    weights = weights.copy()
    merges = np.empty((n - 1, 3))
    left = np.arange(n)
    n_left = n
    chain = np.empty(n, np.int64)
    length = 0
    for k in range(n - 1):
        if length == 0:
            chain[0] = left[0]
            length = 1
        while True:
            a = chain[length - 1]
            b = chain[length - 2] if length > 1 else -1
            best = distances[a, b] if b >= 0 else np.inf
            for place in range(n_left):
                c = left[place]
                if c != a and distances[a, c] < best:
                    best = distances[a, c]
                    b = c
            if length > 1 and b == chain[length - 2]:
                break
            chain[length] = b
            length += 1
        length -= 2
        merges[k, 0], merges[k, 1], merges[k, 2] = a, b, best
        total = weights[a] + weights[b]
        for place in range(n_left):
            c = left[place]
            mean = (distances[a, c] * weights[a] + distances[b, c] * weights[b]) / total
            distances[a, c] = mean
            distances[c, a] = mean
        weights[a] = total
        for place in range(n_left):
            if left[place] == b:
                left[place] = left[n_left - 1]
                break
        n_left -= 1
    return merges


@njit(cache=True, nogil=True)
def _number(merges):  # type: ignore[no-untyped-def]
    n = len(merges) + 1
    linkage = np.empty((n - 1, 4))
    above = np.arange(n)  # towards the first point of each point's cluster
    name = np.arange(n)
    size = np.ones(n)
    for k in range(n - 1):
        a, b = int(merges[k, 0]), int(merges[k, 1])
        while above[a] != a:
            above[a] = above[above[a]]
            a = above[a]
        while above[b] != b:
            above[b] = above[above[b]]
            b = above[b]
        a, b = min(a, b), max(a, b)
        size[a] += size[b]
        linkage[k, 0], linkage[k, 1] = name[a], name[b]
        linkage[k, 2], linkage[k, 3] = merges[k, 2], size[a]
        above[b] = a
        name[a] = n + k
    return linkage
