"""Who touches whom: how neighborhoods share their borders, and how they lie in space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOUCHING = 6
"""Cells that touch a cell: as many as in a honeycomb."""
_AT_ONCE = 1_000_000
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
    total = np.zeros(n_groups * n_groups, np.int64)
    for start in range(0, len(codes), _AT_ONCE):
        near = neighbors[start : start + _AT_ONCE, :TOUCHING]
        own = np.broadcast_to(codes[start : start + _AT_ONCE, None], near.shape)
        known = near >= 0
        met = own[known] * n_groups + codes[near[known]]
        total += np.bincount(met, minlength=len(total))
    square = total.reshape(n_groups, n_groups)
    return Borders(square + square.T)


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
