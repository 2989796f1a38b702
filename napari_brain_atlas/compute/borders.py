"""Who touches whom: how neighborhoods share their borders, and how they lie in space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

TOUCHING = 6
"""Cells that touch a cell: as many as in a honeycomb."""
_SAMPLE = 20_000


@dataclass(frozen=True, slots=True)
class Borders:
    """How often cells of one group lie next to cells of another.

    Attributes
    ----------
    meetings : (n_groups, n_groups) int64
        Neighbors in the column's group that cells of the row's group have, both ways
        added up: symmetric. On the diagonal those of their own group.
    """

    meetings: NDArray[np.int64]

    def contact(self, one: int, other: int) -> float:
        """The share of its whole border that a group has with another, of the two the larger."""
        shared = int(self.meetings[one, other])
        around = [int(self.meetings[i].sum() - self.meetings[i, i]) for i in (one, other)]
        return max((shared / a for a in around if a), default=0.0)

    def touching(self) -> list[tuple[int, int]]:
        """All pairs of groups that have any border in common, the smaller number first."""
        pairs = np.argwhere(np.triu(self.meetings, 1) > 0)
        return [(int(a), int(b)) for a, b in pairs]


def borders_of(codes: NDArray[np.int64], neighbors: NDArray[np.int32], n_groups: int) -> Borders:
    """Count which groups lie next to each other on their sections.

    Parameters
    ----------
    codes : (n_cells,) int64
        Group of each cell.
    neighbors : (n_cells, k) int32
        Nearest cells, nearest first, as :func:`atlas_neighbors` gives them; the first
        six count.
    """
    meetings = np.zeros((n_groups, n_groups), np.int64)
    count_meetings(codes, neighbors, meetings)
    return Borders(meetings + meetings.T)


def count_meetings(
    codes: NDArray[np.integer[Any]],
    neighbors: NDArray[np.int32],
    meetings: NDArray[np.int64],
    span: slice = slice(None),
) -> None:
    """Add how often a cell of one group has a cell of another next to it.

    Parameters
    ----------
    codes : (n_cells,) int
        Group of each cell; who is in none (-1) meets nobody.
    neighbors : (n_cells, k) int32
        As above.
    meetings : (n_groups, n_groups) int64
        Groups of cells and of their neighbors; added to, in place.
    span : slice
        The cells whose neighbors are looked at.
    """
    first, last, step = span.indices(len(codes))
    _count_meetings(codes, neighbors, meetings, first, last, step)


def warm() -> None:
    """Compile what counts, so that nothing compiles under the user's hand."""
    near = np.zeros((2, TOUCHING), np.int32)
    for writeable in ((True, True), (True, False), (False, True), (False, False)):
        for codes in (np.zeros(2, np.int32), np.zeros(2, np.int64)):
            codes.flags.writeable, near.flags.writeable = writeable
            count_meetings(codes, near, np.zeros((1, 1), np.int64))


@dataclass(frozen=True, slots=True)
class Inside:
    """Which cells of a group lie next to each other; of a large group, those of a sample.

    Attributes
    ----------
    cells : (n,) int64
        Ascending, in atlas order.
    near : (n, k) int32
        Their nearest cells, whether in the group or not.
    together : (n, k) bool
        Whether those are of the group.
    """

    cells: NDArray[np.int64]
    near: NDArray[np.int32]
    together: NDArray[np.bool_]

    @classmethod
    def of(cls, codes: NDArray[np.int64], neighbors: NDArray[np.int32], group: int) -> Inside:
        """Look into one group; the arrays are as for :func:`borders_of`."""
        cells = np.flatnonzero(codes == group)
        cells = cells[:: max(1, len(cells) // _SAMPLE)]
        near = neighbors[cells, :TOUCHING]
        return cls(cells, near, (near >= 0) & (codes[near] == group))

    def coherence(self, leaves: NDArray[np.bool_]) -> float:
        """How far two parts of the group lie apart in space, beyond chance.

        Cohen's kappa between the part of a cell and that of its neighbors: 1 where the
        parts hardly touch, 0 where they are mixed as if by lot.

        Parameters
        ----------
        leaves : (n_cells,) bool
            Whether a cell is in the one part; only those of the group count.
        """
        own = leaves[self.cells]
        share = float(own.mean()) if len(own) else 0.0
        by_chance = share**2 + (1 - share) ** 2
        if not self.together.any() or by_chance == 1.0:
            return 0.0
        alike = float((leaves[self.near] == own[:, None])[self.together].mean())
        return (alike - by_chance) / (1 - by_chance)


@njit(cache=True, nogil=True)
def _count_meetings(codes, neighbors, meetings, first, last, step):  # type: ignore[no-untyped-def]
    width = min(TOUCHING, neighbors.shape[1])
    for cell in range(first, last, step):
        own = codes[cell]
        if own < 0:
            continue
        for j in range(width):
            near = neighbors[cell, j]
            if near >= 0 and codes[near] >= 0:
                meetings[own, codes[near]] += 1
