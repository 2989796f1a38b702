"""Few cells that stand for many: evenly chosen in space, in proportion on every section."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

PER_BOX = 8
"""Boxes are so large that about this many cells are chosen in each."""


@dataclass(frozen=True, slots=True, eq=False)
class Thinned:
    """Some of the cells of consecutive sections.

    Attributes
    ----------
    cells : (n,) int64
        Which were chosen, rising.
    starts : (n_sections + 1,) int64
        First of them on each section, and their number.
    n_all : int
        How many cells they were chosen from.
    spacing : float
        How far the chosen are apart within a section, in the unit of the coordinates.
    """

    cells: NDArray[np.int64]
    starts: NDArray[np.int64]
    n_all: int
    spacing: float

    def section_of(self, rank: int) -> int:
        """Rank of the section that one of the chosen lies on."""
        return int(np.searchsorted(self.starts, rank, side="right")) - 1

    def within(self, section: int) -> slice:
        """The chosen of one section."""
        return slice(int(self.starts[section]), int(self.starts[section + 1]))


def thin_sections(
    xy: NDArray[np.float32], starts: NDArray[np.int64], n: int, known: NDArray[np.bool_] | None
) -> Thinned:
    """Choose cells of sections, evenly over their tissue.

    On each section cells are put in order along a path through square boxes,
    back and forth, and taken at equal steps along it: dense tissue keeps its
    share, and none is left out. The same cells give the same choice.

    Parameters
    ----------
    xy : (n_cells, 2) float32
        Centroids of all cells of the atlas, (x, y).
    starts : (n_sections + 1,) int64
        First cell of each section, and the cell after the last of them.
    n : int
        How many to choose at most.
    known : (n_cells,) bool or None
        The cells that may be chosen; all where it is None.
    """
    sizes = np.diff(starts)
    there = [_there(known, int(a), int(b)) for a, b in pairwise(starts)]
    if known is not None:
        sizes = np.array([len(cells) for cells in there if cells is not None], np.int64)
    wanted = shares_of(sizes, n)
    chosen, area = [], 0.0
    for (start, stop), some, k in zip(pairwise(starts), there, wanted, strict=True):
        here = xy[start:stop] if some is None else xy[start:stop][some]
        ranks, covered = thin(here, int(k))
        area += covered
        chosen.append((ranks if some is None else some[ranks]) + start)
    cells = np.concatenate(chosen) if chosen else np.empty(0, np.int64)
    spacing = float(np.sqrt(area / len(cells))) if len(cells) and area > 0 else 1.0
    counts = [len(c) for c in chosen]
    return Thinned(cells, np.concatenate([[0], np.cumsum(counts)]), int(sizes.sum()), spacing)


def shares_of(sizes: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """How many of `n` are due to each section, in proportion to its cells.

    Returns
    -------
    (n_sections,) int64
        Sums up to `n`, or to all cells if these are fewer; none differs by more
        than one from its exact share (largest remainder).
    """
    total = int(sizes.sum())
    if total <= n:
        return sizes.astype(np.int64)
    exact = sizes * (n / total)
    shares: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    rest = np.argsort(shares - exact, kind="stable")[: n - int(shares.sum())]
    shares[rest] += 1
    return shares


def thin(xy: NDArray[np.float32], n: int) -> tuple[NDArray[np.int64], float]:
    """Choose cells of one section, evenly over its tissue.

    Returns
    -------
    ranks : (min(n, n_cells),) int64
        Rising.
    area : float
        Of the tissue, as far as boxes tell it.
    """
    if not len(xy) or n <= 0:
        return np.empty(0, np.int64), 0.0
    low, high = xy.min(axis=0).astype(np.float64), xy.max(axis=0).astype(np.float64)
    width, height = np.maximum(high - low, 1e-6)
    side = float(np.sqrt(width * height * PER_BOX / min(n, len(xy))))
    side = max(side, max(width, height) / 4096)
    columns, rows = int(width // side) + 1, int(height // side) + 1
    xy = np.require(xy, np.float32, ["C", "W"])
    order, taken = _along_a_path(xy, float(low[0]), float(low[1]), side, columns, rows)
    area = taken * side * side
    if n >= len(xy):
        return np.arange(len(xy)), area
    steps = ((np.arange(n) + 0.5) * (len(xy) / n)).astype(np.int64)
    return np.sort(order[steps]).astype(np.int64), area


def warm() -> None:
    """Compile what choosing needs."""
    thin(np.zeros((3, 2), np.float32), 2)


def _there(known: NDArray[np.bool_] | None, start: int, stop: int) -> NDArray[np.int64] | None:
    return None if known is None else np.flatnonzero(known[start:stop])


@njit(cache=True, nogil=True)
def _along_a_path(xy, x0, y0, side, n_columns, n_rows):  # type: ignore[no-untyped-def]
    """Cells box by box, row by row, every second row backwards; and how many boxes have any."""
    n = len(xy)
    box = np.empty(n, np.int32)
    counts = np.zeros(n_columns * n_rows + 1, np.int64)
    for k in range(n):
        column = min(int((xy[k, 0] - x0) / side), n_columns - 1)
        row = min(int((xy[k, 1] - y0) / side), n_rows - 1)
        if row % 2:
            column = n_columns - 1 - column
        box[k] = row * n_columns + column
        counts[box[k] + 1] += 1
    taken = 0
    for b in range(1, len(counts)):
        taken += counts[b] > 0
        counts[b] += counts[b - 1]
    order = np.empty(n, np.int32)
    for k in range(n):
        order[counts[box[k]]] = k
        counts[box[k]] += 1
    return order, taken
