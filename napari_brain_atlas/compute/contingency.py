"""Which cells are in which neighborhood of two states: the table behind every comparison."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.partition import SectionPartition

Labels = NDArray[np.int32]
_DENSE = 4
"""A table of all pairs is made where it has at most so many entries for each cell."""


@dataclass(frozen=True)
class Contingency:
    """Cells by neighborhood in one state, neighborhood in another, and section.

    One entry for each combination that has cells, sorted by `before`, `after`
    and `sections`.

    Attributes
    ----------
    before, after : (m,) int32
        Ids of neighborhoods; 0 is unassigned.
    sections : (m,) int32
        Index of the section.
    counts : (m,) int64
        Cells, at least 1.
    """

    before: Labels
    after: Labels
    sections: NDArray[np.int32]
    counts: NDArray[np.int64]

    @property
    def n_cells(self) -> int:
        """All cells."""
        return int(self.counts.sum())

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """First entry of each pair of neighborhoods, and the number of entries at the end."""
        new = np.diff(self.before, prepend=-1) != 0
        new |= np.diff(self.after, prepend=-1) != 0
        return np.append(np.flatnonzero(new), len(self.counts))

    @cached_property
    def overlaps(self) -> dict[tuple[int, int], int]:
        """Cells that each pair of neighborhoods has in common; pairs without any are left out."""
        ends = np.append(0, np.cumsum(self.counts))[self.starts]
        return dict(zip(self._pairs, np.diff(ends).tolist(), strict=True))

    def n_sections(self, pairs: Iterable[tuple[int, int]]) -> int:
        """Number of sections that hold cells of any of the pairs."""
        rows = [self._rows[pair] for pair in pairs]
        found = [self.sections[self.starts[r] : self.starts[r + 1]] for r in rows]
        return len(np.unique(np.concatenate(found))) if found else 0

    @cached_property
    def _pairs(self) -> list[tuple[int, int]]:
        firsts = self.starts[:-1]
        return list(zip(self.before[firsts].tolist(), self.after[firsts].tolist(), strict=True))

    @cached_property
    def _rows(self) -> dict[tuple[int, int], int]:
        return {pair: row for row, pair in enumerate(self._pairs)}


def contingency(before: Curation, after: Curation) -> Contingency:
    """Compare two states of the same cells.

    Where a section's partition is shared between them, no cell is looked at.
    """
    found = []
    sections = zip(before.partition.sections, after.partition.sections, strict=True)
    for one, two in sections:
        if one.fragment_array is two.fragment_array:
            owners = before.owners[one.present], after.owners[one.present]
            found.append(_counted(*owners, one.counts))
        else:
            found.append(_counted(*_met(before.owners, one, after.owners, two)))
    return _joined(found)


def contingency_of_labels(
    before: Labels, after: Labels, section_starts: NDArray[np.int64]
) -> Contingency:
    """Compare two labels of each cell.

    Parameters
    ----------
    before, after : (n_cells,) int32
        Neighborhood ids in atlas order.
    section_starts : (n_sections + 1,) int64
        First cell of each section, and the number of cells.
    """
    one = np.ones(len(before), np.int64)
    bounds = pairwise(section_starts)
    return _joined([_counted(before[a:b], after[a:b], one[a:b]) for a, b in bounds])


def adjusted_rand(table: Contingency) -> float:
    """ARI over the cells that are in a neighborhood in both states (Hubert & Arabie 1985).

    Unassigned is no neighborhood, so its cells are left out; NaN where fewer
    than two cells are left.
    """
    pairs = {p: n for p, n in table.overlaps.items() if UNASSIGNED not in p}
    together = _couples(pairs.values())
    rows, columns = (_couples(_sums(pairs, side).values()) for side in (0, 1))
    n = sum(pairs.values())
    if n < 2:
        return float("nan")
    expected = rows * columns / (n * (n - 1) / 2)
    most = (rows + columns) / 2
    return 1.0 if most == expected else float((together - expected) / (most - expected))


def variation_of_information(table: Contingency) -> tuple[float, float]:
    """How far two states are split against each other, in bits (Meilă 2007).

    Returns
    -------
    split : float
        H(after | before): what the second state separates and the first does not.
    merged : float
        H(before | after): what the first separates and the second does not.
        A split alone leaves it 0; a moved boundary raises both alike.
    """
    pairs, n = table.overlaps, table.n_cells
    sides = (_sums(pairs, 0), _sums(pairs, 1))

    def given(side: int) -> float:
        bits = (c * np.log2(c / sides[side][pair[side]]) for pair, c in pairs.items())
        return abs(float(sum(bits))) / max(n, 1)

    return given(0), given(1)


def _couples(counts: Iterable[int]) -> float:
    return float(sum(n * (n - 1) // 2 for n in counts))


def _sums(pairs: dict[tuple[int, int], int], side: int) -> dict[int, int]:
    sums: dict[int, int] = {}
    for pair, n in pairs.items():
        sums[pair[side]] = sums.get(pair[side], 0) + n
    return sums


def _met(
    owners_before: Labels, one: SectionPartition, owners_after: Labels, two: SectionPartition
) -> tuple[Labels, Labels, NDArray[np.int64]]:
    """Owners in two states and numbers of cells, for the pairs that meet on a section."""
    ids_before, row_of = _ranks(owners_before, one)
    ids_after, column_of = _ranks(owners_after, two)
    width = len(ids_after)
    row_of *= width
    cells = row_of[one.fragments] + column_of[two.fragments]
    if len(ids_before) * width <= _DENSE * len(cells):
        table = np.bincount(cells, minlength=len(ids_before) * width)
        keys = np.flatnonzero(table)
        counts = table[keys]
    else:
        keys, counts = np.unique(cells, return_counts=True)
    return ids_before[keys // max(width, 1)], ids_after[keys % max(width, 1)], counts


def _ranks(owners: Labels, part: SectionPartition) -> tuple[Labels, NDArray[np.intp]]:
    """Owners on a section, and for each fragment the rank of its owner among them."""
    ids, ranks = np.unique(owners[part.present], return_inverse=True)
    table = np.zeros(len(owners), np.intp)
    table[part.present] = ranks
    return ids, table


def _counted(
    before: Labels, after: Labels, counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each pair once, as one number that sorts by `before`, then `after`; and its cells."""
    keys = before.astype(np.int64) << 32 | after.astype(np.int64)
    once, index = np.unique(keys, return_inverse=True)
    sums = np.zeros(len(once), np.int64)
    np.add.at(sums, index, counts)
    return once, sums


def _joined(found: list[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> Contingency:
    """The entries of all sections in order."""
    none = np.empty(0, np.int64)
    keys = np.concatenate([keys for keys, _ in found] or [none])
    counts = np.concatenate([counts for _, counts in found] or [none])
    sections = np.repeat(np.arange(len(found), dtype=np.int32), [len(k) for k, _ in found])
    order = np.lexsort((sections, keys))
    keys = keys[order]
    return Contingency(
        before=(keys >> 32).astype(np.int32),
        after=(keys & 0xFFFFFFFF).astype(np.int32),
        sections=sections[order],
        counts=counts[order],
    )
