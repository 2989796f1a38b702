"""Walking over the nodes of a linkage: points first, then what each merge makes."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


def crown(
    linkage: NDArray[np.float64], n_branches: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Cut a tree into its last branches, and give the tree above them.

    Parameters
    ----------
    linkage : (n - 1, 4) float64
        SciPy's format, ascending distance.
    n_branches : int
        Lowered to the number of points.

    Returns
    -------
    branch_of_point : (n,) int64
    nodes : (n_branches,) int64
        Node of `linkage` that each branch is, ascending.
    above : (n_branches - 1, 4) float64
        The merges of the branches, as a linkage of its own.
    """
    n = len(linkage) + 1
    k = min(n_branches, n)
    first = n + (n - k)  # the first node above the branches
    upper = linkage[n - k :]
    merged = upper[:, :2].astype(np.int64)
    nodes = np.sort(merged[merged < first]) if k > 1 else np.array([2 * n - 2])
    number = np.full(2 * n - 1, -1, np.int64)
    number[nodes] = np.arange(k)
    number[first:] = np.arange(k, k + 2 * n - 1 - first)
    above = upper.copy()
    above[:, :2] = number[merged]
    return _first_numbered(linkage, number, n, first if k > 1 else 2 * n - 1), nodes, above


def _first_numbered(
    linkage: NDArray[np.float64], number: NDArray[np.int64], n: int, first: int
) -> NDArray[np.int64]:
    children = linkage[:, :2].astype(np.int64)
    return np.asarray(_inherit(children, number[:first].copy(), n)[:n])


def counts_of_nodes(
    linkage: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Add up counts along a tree: of every node, of the points under it.

    Parameters
    ----------
    counts : (n, m) float64
        Of the points.

    Returns
    -------
    (2 n - 1, m) float64
    """
    return np.asarray(_add_up(linkage[:, :2].astype(np.int64), counts))


def merge_distances(
    linkage: NDArray[np.float64], place_of_point: NDArray[np.int64], n_places: int
) -> NDArray[np.float64]:
    """Distance at which any two places merge in a tree (the cophenetic distance).

    Parameters
    ----------
    place_of_point : (n,) int64
        Place that a point stands for, each at most once; -1 for none.

    Returns
    -------
    (n_places, n_places) float64
        0 where a place is not in the tree.
    """
    children = linkage[:, :2].astype(np.int64)
    return np.asarray(_merge_distances(children, linkage[:, 2], place_of_point, n_places))


@njit(cache=True, nogil=True)
def _inherit(children, number, n):  # type: ignore[no-untyped-def]
    for row in range(len(number) - n - 1, -1, -1):
        own = number[n + row]
        if own >= 0:
            number[children[row, 0]] = own
            number[children[row, 1]] = own
    return number


@njit(cache=True, nogil=True)
def _add_up(children, counts):  # type: ignore[no-untyped-def]
    n, m = counts.shape
    result = np.empty((n + len(children), m))
    result[:n] = counts
    for row in range(len(children)):
        result[n + row] = result[children[row, 0]] + result[children[row, 1]]
    return result


@njit(cache=True, nogil=True)
def _merge_distances(children, distances, place_of_point, n_places):  # type: ignore[no-untyped-def]
    n = len(place_of_point)
    result = np.zeros((n_places, n_places))
    # The places under a node are a list: its first, its last, and who follows whom.
    following = np.full(n_places, -1, np.int64)
    first = np.full(2 * n - 1, -1, np.int64)
    last = np.full(2 * n - 1, -1, np.int64)
    first[:n] = place_of_point
    last[:n] = place_of_point
    for row in range(len(children)):
        a, b, node = children[row, 0], children[row, 1], n + row
        i = first[a]
        while i >= 0:
            j = first[b]
            while j >= 0:
                result[i, j] = distances[row]
                result[j, i] = distances[row]
                j = following[j]
            i = following[i]
        if first[a] < 0:
            first[node], last[node] = first[b], last[b]
        elif first[b] < 0:
            first[node], last[node] = first[a], last[a]
        else:
            following[last[a]] = first[b]
            first[node], last[node] = first[a], last[b]
    return result
