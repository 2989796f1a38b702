"""Whether two halves of a tissue show the same neighborhoods.

Each half is clustered alone, and its clusters are carried to the other half, where every
point takes the nearest cluster; how well that agrees with the other half's own clusters
is a level's replication (Tibshirani & Walther 2005; Lange et al. 2004). Being an
adjusted Rand index it is near 0 where there is nothing to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.kmeans import nearest_center
from napari_brain_atlas.compute.linkage_nodes import crown

MOST_CLUSTERS = 200
EVERY_NUMBER_TO = 20
STEP = 1.08


@dataclass(frozen=True, slots=True)
class Sample:
    """The tree over one half of a tissue.

    Attributes
    ----------
    points : (m,) int64
        Grains (micro-clusters, or groups of them) that have cells in it.
    weights : (m,) int64
        How many.
    centers : (m, d) float32
        Their blurred positions.
    linkage : (m - 1, 4) float64
    """

    points: NDArray[np.int64]
    weights: NDArray[np.int64]
    centers: NDArray[np.float32]
    linkage: NDArray[np.float64]


def replication_of_levels(pairs: list[tuple[Sample, Sample]]) -> NDArray[np.float32]:
    """Mean replication of trees cut into 1, 2, … clusters, over pairs of halves.

    Returns
    -------
    (n_levels,) float32
        At most 200, 1 for one cluster; measured at each number up to 20 and then every
        8 %, linear between.
    """
    smallest = min((len(s.points) for pair in pairs for s in pair), default=1)
    numbers = _numbers(min(MOST_CLUSTERS, smallest))
    curves = [
        [replication(one, other, k) for k in numbers]
        for a, b in pairs
        for one, other in ((a, b), (b, a))
    ]
    mean = np.mean(curves, axis=0) if curves else np.ones(1)
    levels = np.arange(1, numbers[-1] + 1)
    return np.interp(levels, numbers, mean).astype(np.float32)


def replication(one: Sample, other: Sample, n_clusters: int) -> float:
    """Agreement of one half's clusters, carried to the other, with the other's own."""
    if n_clusters < 2:
        return 1.0
    theirs, _, _ = crown(one.linkage, n_clusters)
    own, _, _ = crown(other.linkage, n_clusters)
    carried, _ = nearest_center(other.centers, _means(one, theirs))
    return weighted_rand(carried, own, other.weights)


def weighted_rand(
    a: NDArray[np.integer[Any]], b: NDArray[np.integer[Any]], weights: NDArray[np.int64]
) -> float:
    """Adjusted Rand index of two labelings of points that stand for cells.

    Parameters
    ----------
    a, b : (n,) int
        0 and up.
    weights : (n,) int64
    """
    width = int(b.max()) + 1
    table = np.bincount(a.astype(np.int64) * width + b, weights, (int(a.max()) + 1) * width)
    table = table.reshape(-1, width)
    total = _pairs(np.asarray(weights.sum(), float))
    both, of_a, of_b = (_pairs(t) for t in (table, table.sum(axis=1), table.sum(axis=0)))
    expected = of_a * of_b / total if total else 0.0
    most = 0.5 * (of_a + of_b)
    return (both - expected) / (most - expected) if most > expected else 1.0


def _numbers(most: int) -> list[int]:
    numbers = list(range(1, min(most, EVERY_NUMBER_TO) + 1))
    while numbers[-1] < most:
        numbers.append(min(int(np.ceil(numbers[-1] * STEP)), most))
    return numbers


def _means(sample: Sample, labels: NDArray[np.int64]) -> NDArray[np.float32]:
    weights = np.bincount(labels, sample.weights)
    sums = [np.bincount(labels, column * sample.weights) for column in sample.centers.T]
    return (np.stack(sums, axis=1) / weights[:, None]).astype(np.float32)


def _pairs(counts: NDArray[Any]) -> float:
    return float((counts * (counts - 1)).sum()) / 2
