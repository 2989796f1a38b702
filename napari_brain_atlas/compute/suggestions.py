"""Ranking what could be merged, and what could be split, each with the figures behind it.

A merge is worth a look where two neighborhoods touch, are made of nearly the same, and
come back as one rather than as two where half of the tissue is left out. A split is worth
a look where both parts come back by themselves and lie apart on the sections. A score is
a product of figures from 0 to 1, so that one that fails is not outweighed by the others;
how well scores agree with the regions of experts is in decision 0018.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.borders import Borders, Inside
from napari_brain_atlas.compute.tree_groups import Parting, TreeGroups

LEAST_CONTACT = 0.05
"""Neighborhoods touch where this share of the border of one is with the other."""
LEAST_OVERLAP = 0.5
"""Nearly the same is what has this share of its cell types in common."""
LEAST_TOGETHER = 0.5
"""What comes back with no larger mean Jaccard index is dissolved (Hennig 2007)."""
LEAST_HOLD = 0.6
"""From this on a part that comes back is a pattern in the data (Hennig 2007)."""
LEAST_COHERENCE = 0.3
LEAST_SPLIT = 0.15
"""Score of a split from which it is told: on brains without substructures hardly any has it."""
FEWEST_CELLS = 30
SMALLEST_SHARE = 0.02
"""Of a neighborhood, that may leave it."""
_FAR = 4.0
"""Separation, in spreads, at which what is left of a likeness is 1/e."""
_PARTINGS = 8


@dataclass(frozen=True, slots=True)
class MergeFigures:
    """Why two groups could be one.

    Attributes
    ----------
    one, other : int
        Groups, the smaller number first.
    overlap : float or None
        Share of the cells that have a counterpart of the same cell type in the other,
        0 to 1; None without cell types.
    separation : float
        Distance of their means in the embedding, in spreads (d').
    contact : float
        Share of the border of one that is with the other, of the two the larger.
    together : float
        How surely both come back as one, see :meth:`TreeGroups.hold`.
    apart : tuple of float
        How surely each comes back by itself.
    score : float
        0 to 1.
    """

    one: int
    other: int
    overlap: float | None
    separation: float
    contact: float
    together: float
    apart: tuple[float, float]
    score: float


@dataclass(frozen=True, slots=True)
class SplitFigures:
    """Why a group could be two.

    Attributes
    ----------
    group : int
    parting : Parting
        What leaves: the cells under a node of the tree.
    n_leaves, n_stays : int
        In cells.
    holds : tuple of float
        How surely what leaves, and what stays, comes back.
    coherence : float
        How far they lie apart on the sections, see :meth:`Inside.coherence`.
    separation : float
        Distance of their means in the embedding, in spreads (d').
    score : float
        0 to 1.
    """

    group: int
    parting: Parting
    n_leaves: int
    n_stays: int
    holds: tuple[float, float]
    coherence: float
    separation: float
    score: float


def rank_merges(
    tree: TreeGroups,
    borders: Borders,
    shares: NDArray[np.float64] | None,
    allowed: Callable[[int, int], bool],
) -> list[MergeFigures]:
    """All pairs of groups that touch and hold together, the best first.

    Parameters
    ----------
    shares : (n_groups, n_types) float64 or None
        Share of each cell type in each group.
    allowed : callable
        Whether two groups may become one.
    """
    found = [
        _merge(tree, borders, shares, one, other)
        for one, other in borders.touching()
        if borders.contact(one, other) >= LEAST_CONTACT and allowed(one, other)
    ]
    return sorted(filter(_holds, found), key=lambda f: (-f.score, f.one, f.other))


def rank_splits(
    tree: TreeGroups,
    codes: NDArray[np.int64],
    neighbors: NDArray[np.int32],
    groups: Iterable[int],
) -> list[SplitFigures]:
    """Of each group the best split, where it has a good one; the best group first.

    Parameters
    ----------
    codes : (n_cells,) int64
        Group of each cell, in the order of the hierarchy's cells.
    neighbors : (n_cells, k) int32
        As :func:`atlas_neighbors` gives them.
    """
    best = (_best_split(tree, codes, neighbors, group) for group in groups)
    told = (found for found in best if found is not None and found.score >= LEAST_SPLIT)
    return sorted(told, key=lambda f: (-f.score, f.group))


def overlap_of(shares: NDArray[np.float64], one: int, other: int) -> float:
    """Share of the cells that have a counterpart of the same type in the other group."""
    return float(np.minimum(shares[one], shares[other]).sum())


def _merge(
    tree: TreeGroups, borders: Borders, shares: NDArray[np.float64] | None, one: int, other: int
) -> MergeFigures:
    a, b = tree.counts[:, one], tree.counts[:, other]
    overlap = None if shares is None else overlap_of(shares, one, other)
    separation, contact = tree.separation(a, b), borders.contact(one, other)
    together = tree.hold(a + b)
    alike = (1.0 if overlap is None else overlap) * np.exp(-separation / _FAR)
    score = float(together * alike * np.sqrt(contact))
    apart = tree.hold(a), tree.hold(b)
    return MergeFigures(one, other, overlap, separation, contact, together, apart, score)


def _holds(found: MergeFigures) -> bool:
    alike = found.overlap is None or found.overlap >= LEAST_OVERLAP
    return alike and found.together > LEAST_TOGETHER


def _best_split(
    tree: TreeGroups, codes: NDArray[np.int64], neighbors: NDArray[np.int32], group: int
) -> SplitFigures | None:
    size = tree.counts[-1, group]
    least = max(FEWEST_CELLS, int(SMALLEST_SHARE * size))
    inside: Inside | None = None
    best: SplitFigures | None = None
    for number, parting in enumerate(tree.partings(group, least)):
        if number == _PARTINGS:
            break
        part = tree.part(group, parting.leaves)
        rest = tree.counts[:, group] - part
        holds = tree.hold(part), tree.hold(rest)
        if min(holds) < LEAST_HOLD:
            continue
        inside = inside or Inside.of(codes, neighbors, group)
        leaves = tree.under(parting.leaves)[tree.hierarchy.point_of_cell]
        coherence = inside.coherence(leaves)
        if coherence < LEAST_COHERENCE:
            continue
        found = _split(tree, group, parting, part, rest, holds, coherence)
        if best is None or found.score > best.score:
            best = found
    return best


def _split(
    tree: TreeGroups,
    group: int,
    parting: Parting,
    part: NDArray[np.float64],
    rest: NDArray[np.float64],
    holds: tuple[float, float],
    coherence: float,
) -> SplitFigures:
    separation = tree.separation(part, rest)
    differ = (1 - np.exp(-separation / _FAR)) * np.sqrt(parting.level)
    score = float(min(holds) * coherence * differ)
    return SplitFigures(
        group, parting, int(part[-1]), int(rest[-1]), holds, coherence, separation, score
    )
