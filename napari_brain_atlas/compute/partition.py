"""A given number of neighborhoods."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.kmeans import kmeans_centers, nearest_center
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model.hierarchy import Cut
from napari_brain_atlas.model.progress import Progress, silent

STARTS = 10
# k-means is fitted on at most this many cells; the others go to the nearest center.
FITTED_CELLS = 200_000


def partition_into(
    embedding: NDArray[np.float32],
    k: int,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> Cut:
    """Part cells into `k` groups by k-means, the best of ten starts.

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
    progress("Parting the cells", 0.0)
    centers = kmeans_centers(_sample(embedding, seed), k, seed=seed, n_init=STARTS)
    labels, margins = nearest_center(embedding, centers)
    progress("Parting the cells", 1.0)
    renamed, n_groups = number_by_size(labels)
    return Cut(renamed, margins, n_groups)


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


def _sample(embedding: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    if len(embedding) <= FITTED_CELLS:
        return embedding
    rng = np.random.default_rng(seed)
    return embedding[np.sort(rng.choice(len(embedding), FITTED_CELLS, replace=False))]
