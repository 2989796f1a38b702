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
    xy : (m, 2) float64, µm, (x, y)
    codes : (m,) int64
        Neighborhood of each cell, 0 to n - 1.
    counts : (n,) int64
        Cells of each neighborhood.
    """

    xy: Shares
    codes: NDArray[np.int64]
    counts: NDArray[np.int64]

    def centers(self) -> Shares:
        """Center of each neighborhood, (n, 2) µm."""
        sums = [np.bincount(self.codes, self.xy[:, i], len(self.counts)) for i in (0, 1)]
        centers = np.stack(sums, axis=1) / np.maximum(self.counts, 1)[:, None]
        return np.asarray(centers)


def footprints(atlas: Atlas, section: Section, codes: NDArray[np.int64], n: int) -> Footprints:
    """The cells of a section that are in any neighborhood."""
    mine = codes[section.cells]
    there = mine < n
    xy = atlas.xy[section.cells][there].astype(np.float64)
    return Footprints(xy, mine[there], np.bincount(mine[there], minlength=n))


def dealt_anew(one: Footprints, two: Footprints) -> tuple[Footprints, Footprints]:
    """The cells of both, dealt out anew: of each neighborhood as many as before."""
    codes = np.concatenate([one.codes, two.codes])
    xy = np.concatenate([one.xy, two.xy])
    order = np.lexsort((np.random.default_rng(0).permutation(len(codes)), codes))
    both = one.counts + two.counts
    rank = np.arange(len(codes)) - np.repeat(np.cumsum(both) - both, both)
    first = rank < np.repeat(one.counts, both)
    return tuple(  # type: ignore[return-value]
        Footprints(xy[rows], codes[rows], counts)
        for rows, counts in ((order[first], one.counts), (order[~first], two.counts))
    )


def bin_side(xy: Shares) -> float:
    """Side of the squares that hold so many cells, where there are any."""
    width, height = np.maximum(np.ptp(xy, axis=0), 1e-6)
    side = float(np.sqrt(CELLS_PER_BIN * width * height / len(xy)))
    # The box around a section is not full of tissue.
    cells = np.floor((xy - xy.min(axis=0)) / side)
    occupied = len(np.unique(cells[:, 0] * (cells[:, 1].max() + 1) + cells[:, 1]))
    return side * float(np.sqrt(CELLS_PER_BIN * occupied / len(xy)))


def in_common(one: Footprints, two: Footprints, side: float) -> tuple[Shares, Shares]:
    """Common part of two densities: of each neighborhood, and of it and all cells of `two`."""
    low = np.minimum(one.xy.min(axis=0), two.xy.min(axis=0))
    extent = np.maximum(one.xy.max(axis=0), two.xy.max(axis=0)) - low
    # Sections that lie far apart in one frame have nothing in common; no need to say it finely.
    side = max(side, float(np.sqrt(np.prod(extent) / MOST_BINS)))
    width = int(extent[0] // side) + 1
    n_bins = width * (int(extent[1] // side) + 1)
    mine, theirs = (_density(c, low, side, width, n_bins) for c in (one, two))
    all_cells = theirs.T @ (two.counts / max(len(two.codes), 1))
    anywhere = mine.copy()
    anywhere.data = np.minimum(mine.data, all_cells[mine.indices])
    return _row_sums(mine.minimum(theirs)), _row_sums(anywhere)


def _density(
    cells: Footprints, low: Shares, side: float, width: int, n_bins: int
) -> sparse.csr_matrix[Any]:
    """Share of each neighborhood's cells in each square; rows sum to 1."""
    column, row = ((cells.xy - low) // side).astype(np.int64).T
    share = 1 / np.maximum(cells.counts, 1)
    entries = share[cells.codes], (cells.codes, row * width + column)
    return sparse.csr_matrix(entries, (len(cells.counts), n_bins))


def _row_sums(x: sparse.csr_matrix[Any]) -> Shares:
    return np.asarray(x.sum(axis=1), np.float64).ravel()
