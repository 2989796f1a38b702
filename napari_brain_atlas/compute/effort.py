"""What it costs an expert to make regions of clusters by merging them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from napari_brain_atlas.compute.label_match import adjusted_rand_of
from napari_brain_atlas.model.atlas import Atlas

CURVE_POINTS = 24
MOST_OF_IT = 0.95
LEARNED_FROM = 50_000
"""Tiles of a section are laid by so many of its cells at most."""

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CurationEffort:
    """What an oracle who may only merge makes of the labels.

    Every cluster gets the name of the region that most of its cells belong to.

    Attributes
    ----------
    n_clusters : int
    n_named_regions : int
    merges : int
        Merges the oracle needs.
    merges_for_most : int
        Merges that bring it to 95 % of the accuracy it reaches, the best first.
    regions_missed : int
        Regions that no cluster is named after: merging cannot bring them back.
    oracle_ari, oracle_accuracy : float
    oracle_macro_recall : float
        Mean over regions; missed regions count 0.
    curve : tuple of (int, float)
        Merges and the accuracy after them, the best merges first; before the first one
        each region is its largest cluster alone. Some two dozen points of it.
    """

    n_clusters: int
    n_named_regions: int
    merges: int
    merges_for_most: int
    regions_missed: int
    oracle_ari: float
    oracle_accuracy: float
    oracle_macro_recall: float
    curve: tuple[tuple[int, float], ...]


def curate(table: Counts, unassigned: Counts) -> CurationEffort:
    """Let an oracle merge clusters.

    Parameters
    ----------
    table : (n_clusters, n_regions) int64
        Cells of each cluster in each region; every region has cells, here or in
        `unassigned`.
    unassigned : (n_regions,) int64
        Cells in no cluster: never named, always wrong.
    """
    n_regions = table.shape[1]
    names = table.argmax(axis=1) if table.size else np.zeros(0, np.int64)
    named = np.zeros((n_regions + 1, n_regions), np.int64)
    np.add.at(named, names, table)
    named[-1] = unassigned
    sizes = named.sum(axis=0)
    right = named.diagonal()
    accuracies = _accuracies(table, names, int(sizes.sum()))
    n_named = len(np.unique(names))
    enough = accuracies >= MOST_OF_IT * accuracies[-1]
    return CurationEffort(
        n_clusters=len(table),
        n_named_regions=n_named,
        merges=len(table) - n_named,
        merges_for_most=int(np.argmax(enough)),
        regions_missed=n_regions - n_named,
        oracle_ari=adjusted_rand_of(named),
        oracle_accuracy=float(right.sum() / sizes.sum()),
        oracle_macro_recall=float((right / sizes).mean()),
        curve=_thinned(accuracies),
    )


def _accuracies(table: Counts, names: NDArray[np.int64], n_cells: int) -> NDArray[np.float64]:
    """Accuracy after 0, 1, 2 … merges, each the one that gains most."""
    right = table.max(axis=1, initial=0)
    order = np.lexsort((-right, names))
    first = np.diff(names[order], prepend=-1) != 0
    start = right[order][first].sum()
    gains = -np.sort(-right[order][~first])
    return np.asarray(np.append(start, start + np.cumsum(gains)) / n_cells)


def _thinned(accuracies: NDArray[np.float64]) -> tuple[tuple[int, float], ...]:
    """Points of a curve, dense at its begin, where it rises."""
    last = len(accuracies) - 1
    many = last >= CURVE_POINTS
    steps = np.geomspace(1, last + 1, CURVE_POINTS) - 1 if many else np.arange(last + 1)
    kept = np.unique(np.append(np.round(steps), last).astype(np.int64))
    return tuple((int(i), float(accuracies[i])) for i in kept)


def tiles(atlas: Atlas, n: int, seed: int = 0) -> NDArray[np.int32]:
    """Divide sections into tiles by place alone: the control that knows no biology.

    Parameters
    ----------
    n : int
        Tiles of all sections together, shared out by their cells; one for each at least.

    Returns
    -------
    (n_cells,) int32
        k-means of the coordinates of each section.
    """
    labels = np.zeros(atlas.n_cells, np.int32)
    first = 0
    for section, k in zip(atlas, _shared_out(atlas, n), strict=True):
        if section.n_cells:
            labels[section.cells] = first + _tiles_of(atlas.xy[section.cells], k, seed)
            first += k
    return labels


def _shared_out(atlas: Atlas, n: int) -> list[int]:
    cells = np.array([s.n_cells for s in atlas], np.float64)
    share = np.maximum(1, np.floor(n * cells / max(cells.sum(), 1))).astype(np.int64)
    while share.sum() < n:
        share[np.argmax(cells / share)] += 1
    return [int(k) for k in np.minimum(share, np.maximum(cells, 1))]


def _tiles_of(xy: NDArray[np.float32], k: int, seed: int) -> NDArray[np.int32]:
    distinct = len(np.unique(xy, axis=0)) if len(xy) < 4 * k else k
    learned = xy[:: max(len(xy) // LEARNED_FROM, 1)]
    model = KMeans(min(k, distinct), n_init=1, random_state=seed)
    # Sums over threads come in any order: one thread makes runs repeatable to the last bit.
    with threadpool_limits(limits=1):
        return np.asarray(model.fit(learned).predict(xy), np.int32)
