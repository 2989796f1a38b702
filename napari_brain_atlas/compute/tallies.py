"""Counting labels, compiled: a pass over a million cells in a millisecond or two."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Labels = NDArray[np.integer[Any]]


def tally(labels: Labels, n_labels: int) -> NDArray[np.int64]:
    """Count cells of each label.

    Parameters
    ----------
    labels : (n,) int
        Below `n_labels`; negative ones are not counted.

    Returns
    -------
    (n_labels,) int64
    """
    counts = np.zeros(n_labels, np.int64)
    _tally(labels, counts)
    return counts


def cross_tally(rows: Labels, columns: Labels, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Count cells of each pair of labels.

    Parameters
    ----------
    rows, columns : (n,) int
        Below the two lengths of `shape`; where one is negative the cell is not counted.

    Returns
    -------
    (*shape) int64
    """
    counts = np.zeros(shape, np.int64)
    _cross_tally(rows, columns, counts)
    return counts


def warm() -> None:
    """Compile what live cuts count with, so that nothing compiles under the user's hand."""
    for writeable in ((True, True), (True, False), (False, True), (False, False)):
        labels, others = np.arange(3, dtype=np.int32), np.arange(3, dtype=np.int32)
        labels.flags.writeable, others.flags.writeable = writeable
        tally(labels, 3)
        cross_tally(labels, others, (3, 3))


@njit(cache=True, nogil=True)
def _tally(labels, counts):  # type: ignore[no-untyped-def]
    for label in labels:
        if label >= 0:
            counts[label] += 1


@njit(cache=True, nogil=True)
def _cross_tally(rows, columns, counts):  # type: ignore[no-untyped-def]
    for i in range(len(rows)):
        if rows[i] >= 0 and columns[i] >= 0:
            counts[rows[i], columns[i]] += 1
