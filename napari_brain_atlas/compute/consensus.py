"""One tree for many: what the trees over random halves of a tissue agree on.

A tree over one sample of cells has branches that another sample would not show. Here
trees are built over halves of the tissue, each time with other patches left out; the
distance at which two places merge is averaged over these trees, and places are merged
again by that average (evidence accumulation, Fred & Jain 2005, with cophenetic
distances in place of counts). How surely a branch comes back is its recurrence: the
mean Jaccard index with the likest branch of each half (Hennig 2007).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_brain_atlas.compute.blurring import blur_points
from napari_brain_atlas.compute.linkage_nodes import counts_of_nodes, crown, merge_distances
from napari_brain_atlas.compute.microclusters import MicroClusters
from napari_brain_atlas.compute.minimum_variance import (
    average_linkage,
    minimum_variance_linkage,
)
from napari_brain_atlas.compute.replication import Sample, replication_of_levels
from napari_brain_atlas.model.hierarchy import Hierarchy
from napari_brain_atlas.model.progress import Progress, Share, part_of, silent

N_PAIRS = 8
FEWEST_PIECES = 400
POINTS_PER_PIECE = 10
MOST_GRAINS = 5_000
BLUR_NEIGHBORS = 15
BLUR_ROUNDS = 5
SMALLEST_RATIO = 1e-6
STAGE = "Building the hierarchy"
PAIR_PASSES = 2
"""What a pair of trees takes beside the first of the same size, measured."""

Halves = Callable[[], NDArray[np.bool_]]
"""Draws another random half of the cells, (n_cells,) bool, with each call."""


def consensus_hierarchy(
    embedding: NDArray[np.float32],
    points: MicroClusters,
    halves: Halves,
    *,
    n_pairs: int = N_PAIRS,
    progress: Progress = silent,
) -> Hierarchy:
    """Build the tree that trees over halves of the tissue agree on.

    Each of these trees merges blurred micro-clusters (at most 5,000 grains of them) by
    minimum variance. The places that are merged by their average are pieces, branches of
    the tree over all cells; inside a piece that tree is kept.

    Parameters
    ----------
    embedding : (n_cells, d) float32
    points : MicroClusters
        Of these cells.
    halves : callable
        Draws a half of the tissue; the rest is the other half.
    n_pairs : int
        How often.

    Returns
    -------
    Hierarchy
        With the recurrence of every branch from the pieces up, and the replication of
        levels.
    """
    first = _share_of_first_tree(len(points.weights), n_pairs)
    progress(STAGE, 0.0)
    centers = _blur(points.centers, points.weights)
    whole = minimum_variance_linkage(centers, points.weights, part_of(progress, STAGE, 0.0, first))
    n_pieces = max(FEWEST_PIECES, len(centers) // POINTS_PER_PIECE)
    piece_of_point, piece_nodes, above = crown(whole, n_pieces)
    grains, piece_of_grain = _grains(whole, centers, points, piece_of_point)
    n_pairs = n_pairs if len(piece_nodes) > 1 else 0
    pairs = _pairs(embedding, grains, halves, n_pairs, part_of(progress, STAGE, first, 1.0))
    samples = [sample for pair in pairs for sample in pair]
    if samples:
        weights = np.bincount(piece_of_point, points.weights).astype(np.int64)
        mean = _mean_distances(samples, piece_of_grain, _offsets(grains, piece_of_grain))
        above = average_linkage(mean, weights)
        above[:, 2] = whole[-1, 2] * np.exp(above[:, 2])
    recurrence = _recurrence(samples, above, piece_of_grain)
    progress(STAGE, 1.0)
    joined = _joined(points, centers, whole, piece_nodes, above, recurrence)
    return replace(joined, replication=replication_of_levels(pairs)).frozen()


def _share_of_first_tree(n_points: int, n_pairs: int) -> float:
    """How much of the work the tree over all points is; work grows with the square."""
    grains = min(n_points, MOST_GRAINS)
    return n_points**2 / (n_points**2 + PAIR_PASSES * n_pairs * grains**2) if n_points else 1.0


def _blur(points: NDArray[np.float32], weights: NDArray[np.int64]) -> NDArray[np.float32]:
    return blur_points(points, weights, n_neighbors=BLUR_NEIGHBORS, rounds=BLUR_ROUNDS)


def _pairs(
    embedding: NDArray[np.float32],
    grains: MicroClusters,
    halves: Halves,
    n_pairs: int,
    report: Share,
) -> list[tuple[Sample, Sample]]:
    """Trees over halves and over what each leaves; two at once, as the code is compiled."""
    pairs = []
    with ThreadPoolExecutor(2) as pool:
        for done in range(n_pairs):
            report(done / n_pairs)
            half = halves()
            one, other = pool.map(lambda h: _sample(embedding, grains, h), (half, ~half))
            if min(len(one.points), len(other.points)) > 1:
                pairs.append((one, other))
    return pairs


def _sample(
    embedding: NDArray[np.float32], grains: MicroClusters, half: NDArray[np.bool_]
) -> Sample:
    sums, weights = _sums(embedding, grains.point_of_cell, half, len(grains.weights))
    present = np.flatnonzero(weights)
    means = (sums[present] / weights[present, None]).astype(np.float32)
    centers = _blur(means, weights[present])
    linkage = minimum_variance_linkage(centers, weights[present])
    return Sample(present, weights[present], centers, linkage)


def _grains(
    whole: NDArray[np.float64],
    centers: NDArray[np.float32],
    points: MicroClusters,
    piece_of_point: NDArray[np.int64],
) -> tuple[MicroClusters, NDArray[np.int64]]:
    """What the trees over halves are built of, and the piece that each grain is part of.

    The points themselves, or so many branches of the tree over all cells that another
    sixteen trees cost little.
    """
    grain_of_point, _, _ = crown(whole, MOST_GRAINS)
    means, weights = _means(centers, points.weights, grain_of_point)
    grain_of_cell = grain_of_point[points.point_of_cell].astype(np.int32)
    piece_of_grain = np.zeros(len(weights), np.int64)
    piece_of_grain[grain_of_point] = piece_of_point
    return MicroClusters(grain_of_cell, means.astype(np.float32), weights), piece_of_grain


def _means(
    centers: NDArray[np.float32], weights: NDArray[np.int64], group: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Center of the cells of each group, and their number."""
    total = np.bincount(group, weights).astype(np.int64)
    sums = np.stack([np.bincount(group, column * weights) for column in centers.T], axis=1)
    return sums / total[:, None], total


def _offsets(grains: MicroClusters, piece_of_grain: NDArray[np.int64]) -> NDArray[np.float64]:
    """Squared distance of each grain to the mean of its piece."""
    means, _ = _means(grains.centers, grains.weights, piece_of_grain)
    return np.asarray(((grains.centers - means[piece_of_grain]) ** 2).sum(axis=1))


def _mean_distances(
    samples: Sequence[Sample],
    piece_of_grain: NDArray[np.int64],
    offsets: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Mean logarithm of the distance at which pieces merge, relative to the last merge.

    A mean of logarithms, since a distance says at which level of the tree two pieces
    part, and levels lie factors apart.
    """
    n = int(piece_of_grain.max()) + 1
    total, counted = np.zeros((n, n)), np.zeros((n, n))
    for sample in samples:
        pieces = piece_of_grain[sample.points]
        order = np.lexsort((offsets[sample.points], pieces))
        present, first = np.unique(pieces[order], return_index=True)
        # A piece merges where its most central grain does.
        standing = np.full(len(pieces), -1, np.int64)
        standing[order[first]] = present
        linkage = sample.linkage.copy()
        last = linkage[-1, 2]
        ratios = linkage[:, 2] / last if last > 0 else np.ones(len(linkage))
        linkage[:, 2] = np.log(np.maximum(ratios, SMALLEST_RATIO))
        total += merge_distances(linkage, standing, n)
        counted[np.ix_(present, present)] += 1
    # Two pieces that no half had together are as far as any.
    return np.divide(total, counted, out=np.zeros((n, n)), where=counted > 0)


def _recurrence(
    samples: Sequence[Sample],
    above: NDArray[np.float64],
    piece_of_grain: NDArray[np.int64],
) -> NDArray[np.float64]:
    """How well each node over the pieces comes back in the samples, 0 to 1."""
    n_pieces = len(above) + 1
    total, counted = np.zeros(2 * n_pieces - 1), np.zeros(2 * n_pieces - 1)
    for sample in samples:
        branch, _, crown_linkage = crown(sample.linkage, max(n_pieces // 2, 2))
        n_branches = len(crown_linkage) + 1
        pair = piece_of_grain[sample.points] * n_branches + branch
        table = np.asarray(np.bincount(pair, sample.weights, n_pieces * n_branches), np.float64)
        shared = counts_of_nodes(above, table.reshape(n_pieces, n_branches))
        shared = counts_of_nodes(crown_linkage, np.ascontiguousarray(shared.T)).T
        own, others = shared[:, -1], shared[-1]
        union = own[:, None] + others - shared
        total += np.divide(shared, union, out=np.zeros_like(shared), where=union > 0).max(axis=1)
        counted += own > 0
    recurrence = np.divide(total, counted, out=np.zeros_like(total), where=counted > 0)
    recurrence[-1] = 1.0
    return recurrence


def _joined(
    points: MicroClusters,
    centers: NDArray[np.float32],
    whole: NDArray[np.float64],
    piece_nodes: NDArray[np.int64],
    above: NDArray[np.float64],
    recurrence: NDArray[np.float64],
) -> Hierarchy:
    """The tree over pieces, with the tree over all cells inside of each."""
    n, n_pieces = len(centers), len(piece_nodes)
    node = np.concatenate([piece_nodes, np.arange(2 * n - n_pieces, 2 * n - 1)])
    inside, outside = whole[: n - n_pieces].copy(), above.copy()
    outside[:, :2] = node[above[:, :2].astype(np.int64)]
    if len(outside):
        inside[:, 2] = np.minimum(inside[:, 2], outside[0, 2])
    linkage = np.vstack([inside, outside])
    linkage[:, 3] = counts_of_nodes(linkage, np.ones((n, 1)))[n:, 0]
    whole_recurrence = np.zeros(2 * n - 1, np.float32)
    whole_recurrence[node] = recurrence
    return Hierarchy(linkage, points.weights, points.point_of_cell, centers, whole_recurrence)


@njit(cache=True, nogil=True)
def _sums(embedding, point_of_cell, chosen, n_points):  # type: ignore[no-untyped-def]
    d = embedding.shape[1]
    sums = np.zeros((n_points, d))
    weights = np.zeros(n_points, np.int64)
    for cell in range(len(embedding)):
        if chosen[cell]:
            point = point_of_cell[cell]
            weights[point] += 1
            for j in range(d):
                sums[point, j] += embedding[cell, j]
    return sums, weights
