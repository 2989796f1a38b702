"""Condensing a single-linkage tree, and reading a flat clustering from it.

The definitions are those of ``hdbscan`` (Campello et al. 2013, McInnes et al. 2017;
epsilon after Malzer & Baum 2020), to which the tests compare. Written again because a
point may stand for many cells here: its weight counts in sizes and in stability, and it
may by itself be larger than the smallest cluster, which the tree functions of
``fast_hdbscan`` 0.3 do not allow (a point's weight is left out of its cluster's
stability, and a heavy point is lost). One pass over the tree, compiled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

NO_CLUSTER = -1
ROOT = 0


@dataclass(frozen=True, slots=True)
class CondensedTree:
    """Clusters of at least a given size, and where each point leaves them.

    Cluster 0 is the root; clusters 2 i - 1 and 2 i split off one parent, in the order of
    the splits, the one at the largest distance first.
    Lambda is 1 / distance.

    Attributes
    ----------
    parent : (n_clusters,) int64
        -1 for the root.
    birth : (n_clusters,) float64
        Lambda at which the cluster splits off its parent.
    death : (n_clusters,) float64
        Largest lambda at which something leaves the cluster.
    size : (n_clusters,) int64
        In cells.
    stability : (n_clusters,) float64
        Excess of mass, in cells × lambda.
    cluster_of_point : (n_points,) int64
        The smallest cluster that the point belongs to.
    lambda_of_point : (n_points,) float64
        Where the point leaves it.
    node : (n_clusters,) int64
        Node of the linkage that the cluster is when it splits off; points come first.
    """

    parent: NDArray[np.int64]
    birth: NDArray[np.float64]
    death: NDArray[np.float64]
    size: NDArray[np.int64]
    stability: NDArray[np.float64]
    cluster_of_point: NDArray[np.int64]
    lambda_of_point: NDArray[np.float64]
    node: NDArray[np.int64]


def condense(
    linkage: NDArray[np.float64], weights: NDArray[np.int64], min_cluster_size: int
) -> CondensedTree:
    """Condense a single-linkage tree.

    Parameters
    ----------
    linkage : (n_points - 1, 4) float64
        SciPy's format, ascending distance.
    weights : (n_points,) int64
        Cells that each point stands for.
    min_cluster_size : int
        In cells.
    """
    distances = linkage[:, 2]
    positive = distances[distances > 0]
    # Duplicates lie at distance 0; a finite lambda above all others keeps the sums finite.
    floor = 0.5 * float(positive[0]) if len(positive) else 1.0
    lambdas = 1.0 / np.maximum(distances, floor)
    children = linkage[:, :2].astype(np.int64)
    return CondensedTree(*_condense(children, lambdas, weights, min_cluster_size))


def excess_of_mass(tree: CondensedTree, max_cluster_size: int = 0) -> NDArray[np.bool_]:
    """Select the clusters of largest total stability, never the root.

    Parameters
    ----------
    max_cluster_size : int
        In cells; 0 for no limit.

    Returns
    -------
    (n_clusters,) bool
    """
    limit = max_cluster_size or int(tree.size[ROOT]) + 1
    return np.asarray(_excess_of_mass(tree.parent, tree.size, tree.stability, limit))


def leaves(tree: CondensedTree) -> NDArray[np.bool_]:
    """Select the clusters that do not split, never the root, (n_clusters,) bool."""
    selected = np.ones(len(tree.parent), np.bool_)
    selected[tree.parent[1:]] = False
    selected[ROOT] = False
    return selected


def join_close(
    tree: CondensedTree,
    selected: NDArray[np.bool_],
    epsilon: float,
    max_cluster_size: int = 0,
) -> NDArray[np.bool_]:
    """Replace clusters that split below a distance by the ancestor that splits above it.

    An ancestor larger than `max_cluster_size` (0: no limit) is not taken.
    """
    limit = max_cluster_size or int(tree.size[ROOT]) + 1
    return np.asarray(_join_close(tree.parent, tree.birth, tree.size, selected, epsilon, limit))


def membership(
    tree: CondensedTree, selected: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Selected cluster of every point, and how strongly it belongs.

    Returns
    -------
    clusters : (n_points,) int64
        Number of the selected cluster in the tree; -1 is noise.
    strengths : (n_points,) float64
        Lambda of the point relative to the cluster's largest; 0 for noise.
    """
    clusters = _nearest_selected(tree.parent, selected)[tree.cluster_of_point]
    deaths = tree.death[clusters]
    strengths = np.minimum(tree.lambda_of_point, deaths) / np.where(deaths > 0, deaths, 1)
    return clusters, np.where(clusters == NO_CLUSTER, 0.0, strengths)


@njit(cache=True)
def _condense(children, lambdas, weights, min_cluster_size):  # type: ignore[no-untyped-def]
    n_points = len(weights)
    n_nodes = n_points + len(children)
    sizes = np.empty(n_nodes, np.int64)
    sizes[:n_points] = weights
    for row in range(len(children)):
        sizes[n_points + row] = sizes[children[row, 0]] + sizes[children[row, 1]]

    # A tree of n points has at most 2 n - 1 clusters.
    parent = np.full(n_nodes, -1, np.int64)
    birth = np.zeros(n_nodes)
    size = np.zeros(n_nodes, np.int64)
    size[0] = sizes[n_nodes - 1]
    start = np.full(n_nodes, n_nodes - 1, np.int64)
    n_clusters = 1
    cluster = np.zeros(n_nodes, np.int64)
    left_at = np.full(n_nodes, -1.0)  # lambda at which a node left its cluster; -1: it has not
    for row in range(len(children) - 1, -1, -1):
        node = n_points + row
        own = cluster[node]
        a, b = children[row, 0], children[row, 1]
        cluster[a] = own
        cluster[b] = own
        if left_at[node] >= 0:
            left_at[a] = left_at[node]
            left_at[b] = left_at[node]
            continue
        lam = lambdas[row]
        if sizes[a] >= min_cluster_size and sizes[b] >= min_cluster_size:
            for child in (a, b):
                parent[n_clusters] = own
                birth[n_clusters] = lam
                size[n_clusters] = sizes[child]
                start[n_clusters] = child
                cluster[child] = n_clusters
                n_clusters += 1
        else:
            if sizes[a] < min_cluster_size:
                left_at[a] = lam
            if sizes[b] < min_cluster_size:
                left_at[b] = lam
        # A point as heavy as a cluster never leaves: it is counted up to its last merge.
        if a < n_points and left_at[a] < 0:
            left_at[a] = lam
        if b < n_points and left_at[b] < 0:
            left_at[b] = lam

    stability = np.zeros(n_clusters)
    death = np.zeros(n_clusters)
    for point in range(n_points):
        own = cluster[point]
        left_at[point] = max(left_at[point], 0.0)
        stability[own] += weights[point] * (left_at[point] - birth[own])
        death[own] = max(death[own], left_at[point])
    for child in range(1, n_clusters):
        own = parent[child]
        stability[own] += size[child] * (birth[child] - birth[own])
        death[own] = max(death[own], birth[child])
    return (
        parent[:n_clusters].copy(),
        birth[:n_clusters].copy(),
        death,
        size[:n_clusters].copy(),
        stability,
        cluster[:n_points].copy(),
        left_at[:n_points].copy(),
        start[:n_clusters].copy(),
    )


@njit(cache=True)
def _excess_of_mass(parent, size, stability, limit):  # type: ignore[no-untyped-def]
    n = len(parent)
    best = np.zeros(n)  # largest total stability in and under each cluster
    below = np.zeros(n)  # the same of its children together
    selected = np.zeros(n, np.bool_)
    for cluster in range(n - 1, 0, -1):
        if below[cluster] > stability[cluster] or size[cluster] > limit:
            best[cluster] = below[cluster]
        else:
            best[cluster] = stability[cluster]
            selected[cluster] = True
        below[parent[cluster]] += best[cluster]
    covered = np.zeros(n, np.bool_)
    for cluster in range(1, n):
        covered[cluster] = covered[parent[cluster]] or selected[parent[cluster]]
        if covered[cluster]:
            selected[cluster] = False
    return selected


@njit(cache=True)
def _join_close(parent, birth, size, selected, epsilon, limit):  # type: ignore[no-untyped-def]
    result = np.zeros(len(parent), np.bool_)
    for cluster in range(1, len(parent)):
        if not selected[cluster]:
            continue
        target = cluster
        # A cluster splits off its parent at the distance 1 / birth.
        while (
            epsilon * birth[target] > 1.0 and parent[target] != 0 and size[parent[target]] <= limit
        ):
            target = parent[target]
        result[target] = True
    # What lies under a joined cluster is part of it.
    covered = np.zeros(len(parent), np.bool_)
    for cluster in range(1, len(parent)):
        covered[cluster] = covered[parent[cluster]] or result[parent[cluster]]
        if covered[cluster]:
            result[cluster] = False
    return result


@njit(cache=True)
def _nearest_selected(parent, selected):  # type: ignore[no-untyped-def]
    nearest = np.full(len(parent), -1, np.int64)
    for cluster in range(1, len(parent)):
        nearest[cluster] = cluster if selected[cluster] else nearest[parent[cluster]]
    return nearest
