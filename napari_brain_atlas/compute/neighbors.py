"""Nearest cells on the same section, and averages over them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.progress import Progress, silent


def nearest_cells(
    xy: NDArray[np.float32], n_neighbors: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Find each cell and the cells nearest to it on one section.

    Parameters
    ----------
    xy : (n_cells, 2) float32, µm, (x, y)
        Centroids on one section.
    n_neighbors : int
        Neighbors besides the cell itself; fewer where the section is smaller.

    Returns
    -------
    indices : (n_cells, k) int32
        Positions in `xy`, nearest first, the cell itself always in column 0;
        ``k = min(n_neighbors + 1, n_cells)``.
    distances : (n_cells, k) float32, µm
    """
    k = min(n_neighbors + 1, len(xy))
    if k <= 1:
        return np.arange(len(xy), dtype=np.int32)[:, None], np.zeros((len(xy), 1), np.float32)
    distances, found = cKDTree(xy).query(xy, k=k, workers=-1)
    indices = np.asarray(found, np.int32)
    _put_self_first(indices)
    return indices, np.asarray(distances, np.float32)


def _put_self_first(indices: NDArray[np.int32]) -> None:
    """Swap each cell into column 0: among cells at one place the tree lists any first."""
    own = np.arange(len(indices), dtype=np.int32)
    wrong = np.flatnonzero(indices[:, 0] != own)
    listed = indices[wrong] == own[wrong, None]
    # Where more than k cells share one place the cell itself may not be listed at all.
    column = np.where(listed.any(axis=1), listed.argmax(axis=1), indices.shape[1] - 1)
    indices[wrong, column] = indices[wrong, 0]
    indices[wrong, 0] = own[wrong]


def gaussian_weights(distances: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weight neighbors by distance; each row sums to 1.

    Parameters
    ----------
    distances : (n_cells, k) float32, µm
        Ascending per row, as :func:`nearest_cells` gives them.

    Returns
    -------
    (n_cells, k) float32
        Gaussian of the distance; sigma is half the section's median distance to
        the farthest neighbor, so that the kernel follows the cell density.
    """
    sigma = 0.5 * float(np.median(distances[:, -1])) if distances.size else 0.0
    if sigma == 0.0:
        return np.full_like(distances, 1.0 / max(distances.shape[1], 1))
    weights = np.exp(-0.5 * (distances / np.float32(sigma)) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def averaging_matrix(
    indices: NDArray[np.int32], weights: NDArray[np.float32]
) -> sparse.csr_matrix[Any]:
    """Build the matrix that averages over each cell's surroundings on one section.

    Parameters
    ----------
    indices : (n_cells, k) int32
        As :func:`nearest_cells` gives them.
    weights : (n_cells, k) float32

    Returns
    -------
    (n_cells, n_cells) float32, CSR
    """
    n, k = indices.shape
    starts = np.arange(0, n * k + 1, k, dtype=np.int64)
    return sparse.csr_matrix((weights.ravel(), indices.ravel(), starts), shape=(n, n))


def atlas_neighbors(
    atlas: Atlas, n_neighbors: int, progress: Progress = silent
) -> NDArray[np.int32]:
    """Find the nearest same-section cells of every cell of an atlas.

    Returns
    -------
    (n_cells, n_neighbors) int32
        Cells in atlas order, nearest first, without the cell itself; -1 where
        the section has fewer cells.
    """
    neighbors = np.full((atlas.n_cells, n_neighbors), -1, np.int32)
    for section in atlas:
        progress("Finding neighbors", section.start / max(atlas.n_cells, 1))
        indices, _ = nearest_cells(atlas.xy[section.cells], n_neighbors)
        neighbors[section.cells, : indices.shape[1] - 1] = indices[:, 1:] + section.start
    return neighbors
