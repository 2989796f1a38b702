"""How well two labels of the same cells match, from the table of their common cells."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """Labels against regions.

    Attributes
    ----------
    ari : float
        Adjusted Rand index (Hubert & Arabie 1985).
    ami, nmi : float
        Mutual information, adjusted for chance (Vinh et al. 2010), and by the mean of
        both entropies.
    homogeneity, completeness : float
        How far a label lies in one region, and a region in one label (Rosenberg &
        Hirschberg 2007).
    """

    ari: float
    ami: float
    nmi: float
    homogeneity: float
    completeness: float


def match_labels(table: Counts) -> LabelMatch:
    """All figures at once: no cell is looked at again.

    Parameters
    ----------
    table : (n_labels, n_regions) int64
        Cells in common; at least one.
    """
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    of_labels, of_regions = entropy(table.sum(axis=1)), entropy(table.sum(axis=0))
    shared = max(of_labels + of_regions - entropy(table.ravel()), 0.0)
    mean = (of_labels + of_regions) / 2
    return LabelMatch(
        ari=adjusted_rand_of(table),
        ami=_adjusted(table, shared, mean),
        nmi=shared / mean if mean else 1.0,
        homogeneity=shared / of_regions if of_regions else 1.0,
        completeness=shared / of_labels if of_labels else 1.0,
    )


def adjusted_rand_of(table: Counts) -> float:
    """Adjusted Rand index of a table of common cells; 1 where neither label divides."""
    couples = _couples(table).sum()
    of_labels, of_regions = (_couples(table.sum(axis=i)).sum() for i in (1, 0))
    everything = _couples(np.array(table.sum()))
    expected = of_labels * of_regions / everything if everything else 0.0
    most = (of_labels + of_regions) / 2
    return 1.0 if most == expected else float((couples - expected) / (most - expected))


def entropy(counts: NDArray[np.int64]) -> float:
    """Entropy of a division into parts of these sizes, in nats."""
    shares = counts[counts > 0] / max(counts.sum(), 1)
    return abs(float(shares @ np.log(shares)))


def _adjusted(table: Counts, shared: float, mean: float) -> float:
    if 1 in table.shape:
        # Undivided against undivided is full agreement, against anything else none.
        return 1.0 if table.shape == (1, 1) else 0.0
    if np.count_nonzero(table) == max(table.shape) == min(table.shape):
        # The same division; where every cell is its own part, chance would do as well.
        return 1.0
    chance = _by_chance(table.sum(axis=1), table.sum(axis=0), int(table.sum()))
    least = np.finfo(np.float64).eps
    above = mean - chance
    above = min(above, -least) if above < 0 else max(above, least)
    return (shared - chance) / float(above)


@njit(cache=True, nogil=True)
def _by_chance(rows: Counts, columns: Counts, n: int) -> float:
    """Mutual information to expect of labels of these sizes dealt out at random, in nats.

    Cells in common of a label and a region are then hypergeometric: summed from their
    most likely number outwards until nothing is added any more, which is where all of
    them are; so that millions of cells cost no more than thousands.
    """
    total = 0.0
    for a in rows:
        for b in columns:
            mode = (a + 1) * (b + 1) // (n + 2)
            mass, found = 0.0, 0.0
            for step in (1, -1):
                common, chance = mode, 1.0
                if step < 0:
                    common, chance = _next(mode, -1, chance, a, b, n)
                while chance > 1e-16 * (mass + 1.0):
                    mass += chance
                    if common > 0:
                        found += chance * common * math.log(n * common / (a * b))
                    common, chance = _next(common, step, chance, a, b, n)
            total += found / mass
    return total / n


@njit(cache=True, nogil=True)
def _next(common: int, step: int, chance: float, a: int, b: int, n: int) -> tuple[int, float]:
    """One cell more or less in common, and how likely that is."""
    if step > 0:
        ratio = (a - common) * (b - common) / ((common + 1) * (n - a - b + common + 1))
    else:
        ratio = common * (n - a - b + common) / ((a - common + 1) * (b - common + 1))
    return common + step, chance * ratio


def _couples(counts: Counts) -> NDArray[np.float64]:
    n = counts.astype(np.float64)
    return np.asarray(n * (n - 1) / 2)
