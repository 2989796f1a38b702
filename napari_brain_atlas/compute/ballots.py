"""Votes on labels, compiled: whose label is most frequent among the cells around."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


def majority(ballots: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Most frequent label per row, among equals the first listed, and its share.

    -1 is no vote; a row without votes gets -1 and share 1.
    """
    winner, share = _count_ballots(np.ascontiguousarray(ballots))
    return np.asarray(winner, np.int32), np.asarray(share, np.float32)


def poll(
    labels: NDArray[np.int32], nearest: NDArray[np.int32], first: int = 0
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Most frequent label of each cell and its neighbors, among equals its own; and its share.

    Parameters
    ----------
    labels : (n_cells,) int32
        -1 is no vote.
    nearest : (n_cells, k) int32
        Rows of the neighbors, nearest first; less than `first` for none.
    first : int
        The row that the first of these cells has.

    Returns
    -------
    winner : (n_cells,) int32
    share : (n_cells,) float32
    """
    winner, share = _poll(labels, nearest, first)
    return np.asarray(winner, np.int32), np.asarray(share, np.float32)


@njit(cache=True, nogil=True)
def _count_ballots(ballots):  # type: ignore[no-untyped-def]
    n = len(ballots)
    winner = np.empty(n, np.int32)
    share = np.empty(n, np.float32)
    counts = np.zeros(ballots.max() + 1 if ballots.size else 0, np.int32)
    for i in range(n):
        winner[i], share[i] = _count(ballots[i], counts)
    return winner, share


@njit(cache=True, nogil=True)
def _poll(labels, nearest, first):  # type: ignore[no-untyped-def]
    """Most frequent label of each cell and its neighbors; among equals its own."""
    n, k = nearest.shape
    winner = np.empty(n, np.int32)
    share = np.empty(n, np.float32)
    ballots = np.empty(k + 1, np.int32)
    counts = np.zeros(labels.max() + 1 if n else 0, np.int32)
    for i in range(n):
        own = labels[i]
        ballots[0] = own
        alike = votes = 1 if own >= 0 else 0
        for j in range(k):
            other = nearest[i, j] - first
            label = labels[other] if other >= 0 else -1
            ballots[j + 1] = label
            votes += label >= 0
            alike += label == own
        # Most cells lie among their own: they need no counting of the others.
        if own >= 0 and 2 * alike > votes:
            winner[i], share[i] = own, np.float32(alike / votes)
        else:
            winner[i], share[i] = _count(ballots, counts)
    return winner, share


@njit(cache=True, nogil=True)
def _count(ballots, counts):  # type: ignore[no-untyped-def]
    """Most frequent label, among equals the first listed, and its share; `counts` stay 0."""
    winner, best, votes = np.int32(-1), 0, 0
    for label in ballots:
        if label >= 0:
            votes += 1
            counts[label] += 1
    for label in ballots:
        if label >= 0 and counts[label] > best:
            winner, best = label, counts[label]
    for label in ballots:
        if label >= 0:
            counts[label] = 0
    return winner, np.float32(best / votes if votes else 1)
