"""Where on a section a neighborhood lies, as densities that can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.model.atlas import Atlas, Section

CELLS_PER_BIN = 16
"""Places are compared in squares that hold so many cells, four cells wide."""
MOST_BINS = 1_000_000

Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Footprints:
    """The cells of one section that are in a neighborhood.

    Attributes
    ----------
    xy : (2, m) float64, µm
        x, then y: each is gone through by itself.
    codes : (m,) int32
        Neighborhood of each cell, 0 to n - 1.
    counts : (n,) int64
        Cells of each neighborhood.
    """

    xy: Shares
    codes: NDArray[np.int32]
    counts: NDArray[np.int64]

    @property
    def box(self) -> tuple[Shares, Shares]:
        """Lowest and highest x and y, each (2,) µm; there must be cells."""
        return self.xy.min(axis=1), self.xy.max(axis=1)

    def centers(self) -> Shares:
        """Center of each neighborhood, (n, 2) µm."""
        sums = [np.bincount(self.codes, along, len(self.counts)) for along in self.xy]
        centers = np.stack(sums, axis=1) / np.maximum(self.counts, 1)[:, None]
        return np.asarray(centers)


def footprints(atlas: Atlas, section: Section, codes: NDArray[np.int64], n: int) -> Footprints:
    """The cells of a section that are in any neighborhood."""
    mine = codes[section.cells]
    there = mine < n
    xy = np.ascontiguousarray(atlas.xy[section.cells][there].T, np.float64)
    return Footprints(xy, mine[there].astype(np.int32), np.bincount(mine[there], minlength=n))


def dealt_anew(one: Footprints, two: Footprints) -> tuple[Footprints, Footprints]:
    """The cells of both, dealt out anew: of each neighborhood as many as before."""
    codes = np.concatenate([one.codes, two.codes])
    xy = np.concatenate([one.xy, two.xy], axis=1)
    order = np.random.default_rng(0).permutation(len(codes))
    # Neighborhood by neighborhood; few of them can be sorted by counting.
    few = len(one.counts) <= np.iinfo(np.int16).max
    order = order[np.argsort(codes[order].astype(np.int16 if few else np.int32), kind="stable")]
    both = one.counts + two.counts
    rank = np.arange(len(codes)) - np.repeat(np.cumsum(both) - both, both)
    first = rank < np.repeat(one.counts, both)
    mine, theirs = order[first], order[~first]
    return (
        Footprints(xy[:, mine], codes[mine], one.counts),
        Footprints(xy[:, theirs], codes[theirs], two.counts),
    )


def bin_side(cells: Footprints) -> float:
    """Side of the squares that hold so many cells, where there are any."""
    low, high = cells.box
    n = len(cells.codes)
    width, height = np.maximum(high - low, 1e-6)
    side = float(np.sqrt(CELLS_PER_BIN * width * height / n))
    # The box around a section is not full of tissue.
    bins, n_bins = _bins(cells, low, high, side)
    occupied = np.count_nonzero(np.bincount(bins, minlength=n_bins))
    return side * float(np.sqrt(CELLS_PER_BIN * occupied / n))


def in_common(one: Footprints, two: Footprints, side: float) -> tuple[Shares, Shares]:
    """Common part of two densities: of each neighborhood, and of it and all cells of `two`.

    Parameters
    ----------
    side : float
        Of the squares in which cells are counted, µm.

    Returns
    -------
    common, by_chance : (n,) float64
        0 to 1; 0 where a neighborhood has no cells.
    """
    (low, high), (other_low, other_high) = one.box, two.box
    low, high = np.minimum(low, other_low), np.maximum(high, other_high)
    # Sections that lie far apart in one frame have nothing in common; no need to say it finely.
    side = max(side, float(np.sqrt(np.prod(high - low) / MOST_BINS)))
    mine, theirs = (_density(c, low, high, side) for c in (one, two))
    all_cells = theirs.T @ (two.counts / max(len(two.codes), 1))
    by_chance = np.minimum(mine.data, all_cells[mine.indices])
    rows = np.repeat(np.arange(len(one.counts)), np.diff(mine.indptr))
    common = np.asarray(mine.minimum(theirs).sum(axis=1), np.float64).ravel()
    return common, np.asarray(np.bincount(rows, by_chance, len(one.counts)), np.float64)


def _bins(
    cells: Footprints, low: Shares, high: Shares, side: float
) -> tuple[NDArray[np.int64], int]:
    """Square of each cell, and how many there are."""
    fine = 1.0 / max(side, 1e-12)
    columns, rows = ((high - low) * fine).astype(np.int64) + 1
    x, y = (
        ((along - least) * fine).astype(np.int64)
        for along, least in zip(cells.xy, low, strict=True)
    )
    return y * columns + x, int(columns * rows)


def _density(cells: Footprints, low: Shares, high: Shares, side: float) -> sparse.csr_matrix[Any]:
    """Share of each neighborhood's cells in each square; rows sum to 1."""
    bins, n_bins = _bins(cells, low, high, side)
    share = 1 / np.maximum(cells.counts, 1)
    entries = share[cells.codes], (cells.codes, bins)
    return sparse.csr_matrix(entries, (len(cells.counts), n_bins))
