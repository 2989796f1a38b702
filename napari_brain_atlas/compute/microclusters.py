"""Summarising millions of cells by a few thousand weighted points.

A two-level k-means on a sample: coarse groups, and in each of them fine centers in
proportion to its cells. A cell looks for its fine center in its coarse group only, so
the cost per cell grows with the square root of the number of centers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.kmeans import kmeans_centers, nearest_center
from napari_brain_atlas.model.progress import Progress, Share, part_of, silent

SAMPLE_PER_CENTER = 20
FEWEST_POINTS = 4_000
MOST_POINTS = 20_000
CELLS_PER_POINT = 100
COARSE_SAMPLE = 20_000
COARSE_ROUNDS = 25
FINE_ROUNDS = 10
# What is done for every cell of the sample, and for every cell, in passes over cells, measured.
LEARNING_PASSES = 20
PLACING_PASSES = 1.5
STAGE = "Summarising cells"


@dataclass(frozen=True, slots=True)
class MicroClusters:
    """Points that stand for cells, numbered by their first cell.

    Attributes
    ----------
    point_of_cell : (n_cells,) int32
    centers : (n_points, d) float32
        Mean of the point's cells.
    weights : (n_points,) int64
        Cells per point, at least 1.
    """

    point_of_cell: NDArray[np.int32]
    centers: NDArray[np.float32]
    weights: NDArray[np.int64]


def micro_clusters(
    embedding: NDArray[np.float32],
    n_points: int,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> MicroClusters:
    """Summarise cells by about `n_points` weighted points.

    Parameters
    ----------
    embedding : (n_cells, d) float32
    n_points : int
        Fewer come back where cells coincide.
    """
    if n_points >= len(embedding):
        return every_cell(embedding)
    rng = np.random.default_rng(seed)
    n_sample = min(len(embedding), SAMPLE_PER_CENTER * n_points)
    sample = embedding[np.sort(rng.choice(len(embedding), n_sample, replace=False))]
    learning = LEARNING_PASSES * n_sample
    work = learning + PLACING_PASSES * len(embedding)
    learn = part_of(progress, STAGE, 0.0, learning / work)
    place = part_of(progress, STAGE, learning / work, (learning + len(embedding)) / work)
    learn(0.0)
    coarse = _coarse_centers(sample, n_points, seed)
    fine = _fine_centers(sample, coarse, n_points, seed, learn)
    return _collect(embedding, _assign(embedding, coarse, fine, place))


def default_micro_clusters(n_cells: int) -> int:
    """How many points summarise `n_cells`: 4,000 for a section, 20,000 from 2 million on."""
    return int(np.clip(n_cells // CELLS_PER_POINT, FEWEST_POINTS, MOST_POINTS))


def every_cell(embedding: NDArray[np.float32]) -> MicroClusters:
    """Every cell as a point of its own."""
    n = len(embedding)
    return MicroClusters(
        np.arange(n, dtype=np.int32), np.asarray(embedding, np.float32), np.ones(n, np.int64)
    )


def _coarse_centers(sample: NDArray[np.float32], n_points: int, seed: int) -> NDArray[np.float32]:
    k = max(int(np.sqrt(n_points)), 1)
    step = max(len(sample) // COARSE_SAMPLE, 1)
    return kmeans_centers(sample[::step], k, seed=seed, max_iter=COARSE_ROUNDS)


def _fine_centers(
    sample: NDArray[np.float32],
    coarse: NDArray[np.float32],
    n_points: int,
    seed: int,
    report: Share,
) -> list[NDArray[np.float32]]:
    group, _ = nearest_center(sample, coarse)
    fine, seen = [], 0
    for index, center in enumerate(coarse):
        report(seen / len(sample))
        members = sample[group == index]
        seen += len(members)
        k = max(round(n_points * len(members) / len(sample)), 1)
        fine.append(
            kmeans_centers(members, k, seed=seed + index, max_iter=FINE_ROUNDS)
            if len(members)
            else center[None]
        )
    return fine


def _assign(
    embedding: NDArray[np.float32],
    coarse: NDArray[np.float32],
    fine: list[NDArray[np.float32]],
    report: Share,
) -> NDArray[np.int32]:
    group, _ = nearest_center(embedding, coarse)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=len(coarse)))
    points = np.zeros(len(embedding), np.int32)
    first = 0
    for index, centers in enumerate(fine):
        start = ends[index - 1] if index else 0
        report(start / len(embedding))
        cells = order[start : ends[index]]
        nearest, _ = nearest_center(embedding[cells], centers)
        points[cells] = first + nearest
        first += len(centers)
    return points


def _collect(embedding: NDArray[np.float32], points: NDArray[np.int32]) -> MicroClusters:
    """Number the points that have cells by their first cell, and average their cells."""
    _, first, inverse = np.unique(points, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    point_of_cell = rank[inverse]
    weights = np.bincount(point_of_cell, minlength=len(first))
    sums = [
        np.bincount(point_of_cell, embedding[:, j], minlength=len(first))
        for j in range(embedding.shape[1])
    ]
    centers = (np.stack(sums, axis=1) / weights[:, None]).astype(np.float32)
    return MicroClusters(point_of_cell, centers, weights.astype(np.int64))
