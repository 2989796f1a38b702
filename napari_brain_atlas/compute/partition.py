"""A given number of neighborhoods."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.kmeans import kmeans_centers, nearest_center
from napari_brain_atlas.compute.microclusters import default_micro_clusters, micro_clusters
from napari_brain_atlas.compute.mixture import shaped_centers
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model.hierarchy import Cut
from napari_brain_atlas.model.progress import Progress, silent

# Starts cost in proportion to the number of groups, and matter less with many of them.
STARTS_TIMES_GROUPS = 2_000
MOST_STARTS = 20
POINTS_PER_GROUP = 20


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
    progress("Parting the cells", 0.0)
    n_init = int(np.clip(STARTS_TIMES_GROUPS // k, 1, MOST_STARTS))
    centers = kmeans_centers(points.centers, k, seed=seed, n_init=n_init, weights=points.weights)
    round_labels, _ = nearest_center(points.centers, centers)
    shaped = shaped_centers(points.centers, points.weights, round_labels, len(centers))
    labels, margins = nearest_center(*shaped)
    revived = revive(labels, round_labels)
    margins[revived] = 0.0
    progress("Parting the cells", 1.0)
    renamed, n_groups = number_by_size(labels, points.weights)
    return Cut(renamed[points.point_of_cell], margins[points.point_of_cell], n_groups)


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
