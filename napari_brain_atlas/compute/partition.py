"""A given number of neighborhoods."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.kmeans import CHUNK, kmeans_centers, nearest_center
from napari_brain_atlas.compute.microclusters import default_micro_clusters, micro_clusters
from napari_brain_atlas.compute.mixture import Shape, shape_of
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model.hierarchy import Cut
from napari_brain_atlas.model.progress import Progress, Share, part_of, silent

# Starts cost in proportion to the number of groups, and matter less with many of them.
STARTS_TIMES_GROUPS = 2_000
MOST_STARTS = 20
POINTS_PER_GROUP = 20
FEW_GROUPS = 10
MANY_GROUPS = 200
MOST_FLATTENED = 0.6
STAGE = "Parting the cells"
STARTED, SHAPED = 0.5, 0.85
"""How far the work is after k-means, and once the groups have their shape."""
LEAST_VARIANCE = 1e-6
"""Of an axis, as a share of the largest."""


def partition_into(
    embedding: NDArray[np.float32],
    k: int,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> Cut:
    """Part cells into `k` groups: k-means of micro-clusters, then their shape.

    Parameters
    ----------
    embedding : (n_cells, d) float32
    k : int
        Fewer come back where there are fewer distinct cells.

    Returns
    -------
    Cut
        Without noise; groups are numbered by size. Strengths are 0 on a border between
        two groups and 1 at a center.

    Raises
    ------
    BrainAtlasError
        If `k` is not between 1 and the number of cells.
    """
    if not 1 <= k <= len(embedding):
        raise BrainAtlasError(
            f"{len(embedding)} cells cannot be parted into {k} neighborhoods; "
            f"ask for 1 to {len(embedding)}."
        )
    n_points = max(default_micro_clusters(len(embedding)), POINTS_PER_GROUP * k)
    points = micro_clusters(embedding, n_points, seed=seed, progress=progress)
    progress(STAGE, 0.0)
    origin, flat = flattening(points.centers, points.weights, k)
    flattened = ((points.centers - origin) @ flat).astype(np.float32)
    n_init = int(np.clip(STARTS_TIMES_GROUPS // k, 1, MOST_STARTS))
    centers = kmeans_centers(
        flattened, k, seed=seed, n_init=n_init, weights=points.weights,
        report=part_of(progress, STAGE, 0.0, STARTED),
    )  # fmt: skip
    round_labels, _ = nearest_center(flattened, centers)
    shape = shape_of(
        flattened, points.weights, round_labels, len(centers),
        part_of(progress, STAGE, STARTED, SHAPED),
    )  # fmt: skip
    report = part_of(progress, STAGE, SHAPED, 1.0)
    labels, margins = _placed(embedding, origin, flat, shape, report)
    margins[revive(labels, round_labels[points.point_of_cell])] = 0.0
    progress(STAGE, 1.0)
    renamed, n_groups = number_by_size(labels)
    return Cut(renamed, margins, n_groups)


def flattening(
    points: NDArray[np.float32], weights: NDArray[np.int64], k: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weigh axes the more alike, the more groups are to be told apart.

    A few groups differ along the few axes in which the embedding varies most; hundreds, in
    dozens more, each of which they would be lost in beside the first. Axes of variance v
    become ones of variance v to the power 1 - f, where f grows with the logarithm of `k`
    from 0 (`FEW_GROUPS`) to `MOST_FLATTENED` (`MANY_GROUPS`).

    Parameters
    ----------
    points : (n, d) float32
    weights : (n,) int64
        Cells that each stands for.

    Returns
    -------
    origin : (d,) float64
        Mean of the points.
    axes : (d, d) float64
        What takes a point, less the origin, into the space in which groups are parted.
    """
    origin = np.average(points, axis=0, weights=weights).astype(np.float64)
    flatter = np.log(k / FEW_GROUPS) / np.log(MANY_GROUPS / FEW_GROUPS)
    power = MOST_FLATTENED * float(np.clip(flatter, 0.0, 1.0))
    if power == 0.0:
        return origin, np.eye(points.shape[1])
    apart = points - origin
    variances, axes = np.linalg.eigh((apart.T * weights) @ apart / weights.sum())
    least = LEAST_VARIANCE * max(float(variances[-1]), np.finfo(float).tiny)
    return origin, axes * np.maximum(variances, least) ** (-power / 2)


def _placed(
    embedding: NDArray[np.float32],
    origin: NDArray[np.float64],
    flat: NDArray[np.float64],
    shape: Shape,
    report: Share,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Each cell's group and how far it is from the next, in the space of the groups."""
    axes = (flat @ shape.rounding).astype(np.float32)
    start = (origin @ flat @ shape.rounding + shape.origin @ shape.rounding).astype(np.float32)
    labels, margins = np.empty(len(embedding), np.int32), np.empty(len(embedding), np.float32)
    for first in range(0, len(embedding), CHUNK):
        part = slice(first, first + CHUNK)
        labels[part], margins[part] = nearest_center(embedding[part] @ axes - start, shape.centers)
        report((first + CHUNK) / len(embedding))
    return labels, margins


def revive(labels: NDArray[np.int32], before: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Give groups that were left without members those that they had before, in place.

    Parameters
    ----------
    labels : (n,) int32
        Changed.
    before : (n,) int32
        Where every group has members.

    Returns
    -------
    (n,) bool
        What is as before.
    """
    kept = np.zeros(len(labels), bool)
    # What a group gets back may be all that another had taken over, which then gets back
    # its own; in the end everything is as before.
    while len(empty := np.setdiff1d(before, labels)):
        kept |= np.isin(before, empty)
        labels[kept] = before[kept]
    return kept


def number_by_size(
    labels: NDArray[np.integer[Any]], weights: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int32], int]:
    """Rename labels 0, 1, …, the largest first, among equals the first seen.

    Parameters
    ----------
    labels : (n,) int
        -1 is noise and stays.
    weights : (n,) int64, optional
        Cells that each entry stands for.

    Returns
    -------
    labels : (n,) int32
    n_labels : int
        Without noise.
    """
    found, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    sizes = np.bincount(inverse, weights, minlength=len(found))
    order = np.lexsort((first, -sizes, found < 0))
    names = np.empty(len(found), np.int32)
    names[order] = np.arange(len(found), dtype=np.int32)
    names[found < 0] = -1
    return names[inverse], int((found >= 0).sum())
