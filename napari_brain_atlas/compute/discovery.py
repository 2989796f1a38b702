"""Finding neighborhoods: from an embedding to neighborhoods, with the defaults in one place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.clustering import (
    check_embedding,
    cut,
    default_parameters,
)
from napari_brain_atlas.compute.consensus import consensus_hierarchy
from napari_brain_atlas.compute.microclusters import default_micro_clusters, micro_clusters
from napari_brain_atlas.compute.partition import partition_into
from napari_brain_atlas.compute.patches import half_of_tissue
from napari_brain_atlas.compute.resolve import Resolution, resolve, vote
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.hierarchy import Cut, CutParameters, Hierarchy
from napari_brain_atlas.model.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Found:
    """Neighborhoods as found, every cell owned.

    Attributes
    ----------
    resolution : Resolution
        Owner and confidence of every cell.
    cut : Cut
        Before noise was resolved.
    parameters : CutParameters or None
        How the cut was read; None where the number was given.
    hierarchy : Hierarchy or None
        What it was read from; None where the number was given.
    """

    resolution: Resolution
    cut: Cut
    parameters: CutParameters | None
    hierarchy: Hierarchy | None


def find_neighborhoods(
    atlas: Atlas,
    embedding: NDArray[np.float32],
    *,
    n_neighborhoods: int | None = None,
    min_cluster_size: int | None = None,
    cells: NDArray[np.int64] | None = None,
    smallest_piece: float | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Found:
    """Find neighborhoods: a given number, or as many as the hierarchy shows.

    Parameters
    ----------
    embedding : (n, d) float32
        Of all cells, or of `cells`.
    n_neighborhoods : int, optional
        How many; else the hierarchy decides.
    min_cluster_size : int, optional
        Smallest cluster of the cut in cells, where the hierarchy decides.
    cells : (n,) int64, optional
        Only these cells, ascending, in atlas order.
    smallest_piece : float, optional
        As for :func:`vote`.

    Raises
    ------
    BrainAtlasError
        If the embedding or the numbers make no sense.
    """
    if n_neighborhoods is not None:
        found = partition_into(embedding, n_neighborhoods, seed=seed, progress=progress)
        owner, confidence = vote(
            atlas, found.labels, found.strengths, cells=cells, smallest_piece=smallest_piece,
            progress=progress,
        )  # fmt: skip
        resolution = Resolution(owner, confidence, np.zeros(len(owner), np.bool_))
        return Found(resolution, found, None, None)
    hierarchy = default_hierarchy(atlas, embedding, cells=cells, seed=seed, progress=progress)
    parameters = default_parameters(hierarchy, min_cluster_size)
    found = cut(hierarchy, parameters)
    resolution = resolve(
        atlas, hierarchy, found, cells=cells, smallest_piece=smallest_piece, progress=progress
    )
    return Found(resolution, found, parameters, hierarchy)


def default_hierarchy(
    atlas: Atlas,
    embedding: NDArray[np.float32],
    *,
    cells: NDArray[np.int64] | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Hierarchy:
    """Build the hierarchy that proposals are read from, with the defaults.

    Parameters
    ----------
    embedding : (n, d) float32
        Of all cells, or of `cells`.
    cells : (n,) int64, optional
        Only these cells, ascending, in atlas order.

    Raises
    ------
    BrainAtlasError
        If there are no cells, or the embedding holds values that are not numbers.
    """
    check_embedding(embedding)
    n_points = default_micro_clusters(len(embedding))
    points = micro_clusters(embedding, n_points, seed=seed, progress=progress)
    rng = np.random.default_rng(seed)
    return consensus_hierarchy(
        embedding, points, lambda: half_of_tissue(atlas, rng, cells), progress=progress
    )
