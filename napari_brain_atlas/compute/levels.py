"""Levels of a condensed tree: all splits down to one distance, and which to stop at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.condensed import ROOT, CondensedTree

# A level counts where halves of the tissue agree on it by at least this adjusted Rand
# index. Structureless tissue reaches about 0.3, labelled sections 0.6 to 0.9 at the
# number of their regions; 0.55 to 0.65 give the same figures.
REPLICATED = 0.6
# Very many clusters are so small that halves agree by the patches' borders: a tissue
# must show something among so few.
FEW_CLUSTERS = 20
# The share of all variance that the last split of a level carries at least, times the
# root of the number of cells: more tissue shows more neighborhoods.
LEAST_SHARE = 2.0
FEWEST_CELLS = 2_000


def level(tree: CondensedTree, n_clusters: int) -> NDArray[np.bool_]:
    """Select the clusters after so many splits, those at the largest distance first.

    Parameters
    ----------
    n_clusters : int
        Fewer come back where the tree does not have as many.

    Returns
    -------
    (n_clusters_of_tree,) bool
        Nothing for one cluster: the root is never selected.
    """
    n_there = min(2 * n_clusters - 1, len(tree.parent))
    selected = np.zeros(len(tree.parent), np.bool_)
    selected[1:n_there] = True
    selected[tree.parent[1:n_there]] = False
    return selected


def finest_level(tree: CondensedTree, replication: NDArray[np.float32], variance: float) -> int:
    """Number of clusters at the finest level that the tissue shows.

    The finest that halves of the tissue agree on, and whose last split is worth one; 1
    where there is none.

    Parameters
    ----------
    replication : (n_levels,) float32
        Agreement of halves at 1, 2, … clusters, see :class:`Hierarchy`.
    variance : float
        Mean squared distance of the cells to their mean.
    """
    n_levels = min(len(tree.parent) // 2 + 1, len(replication))
    known = replication[:n_levels]
    least = LEAST_SHARE / max(int(tree.size[ROOT]), FEWEST_CELLS) ** 0.5
    # A distance is the root of what a split carries of the variance.
    far = _distances(tree)[:n_levels] ** 2 >= least * variance
    good = (known >= REPLICATED) & far
    if not good[1:FEW_CLUSTERS].any():
        return 1
    return int(np.flatnonzero(good)[-1]) + 1


def about(tree: CondensedTree, n_clusters: int, replication: NDArray[np.float32] | None) -> int:
    """The number of clusters near a given one that halves of the tissue agree on most.

    Parameters
    ----------
    n_clusters : int
        The outcome lies within a tenth of it; the nearest of equals.
    replication : (n_levels,) float32, optional
        As for :func:`finest_level`; without it the number itself.
    """
    most = len(tree.parent) // 2 + 1
    reach = n_clusters // 10
    if replication is None or n_clusters + reach > min(len(replication), most):
        return min(n_clusters, most)
    numbers = range(n_clusters - reach, n_clusters + reach + 1)
    near = sorted(numbers, key=lambda k: abs(k - n_clusters))
    return max(near, key=lambda k: float(replication[k - 1]))


def _distances(tree: CondensedTree) -> NDArray[np.float64]:
    """Distance of the last split at 1, 2, … clusters."""
    return np.concatenate([[np.inf], 1 / tree.birth[1::2]])
