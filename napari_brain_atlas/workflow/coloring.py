"""Colours of proposed neighborhoods, by who touches whom on the tissue."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.compute.neighbors import nearest_cells
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.palette import assign_colors

_NEIGHBORS = 6
_SAMPLE = 20_000
"""Cells looked at on a section: borders show in a sample as well."""


def touching(
    atlas: Atlas, labels: NDArray[np.int32], n_labels: int, cells: NDArray[np.int64] | None = None
) -> sparse.csr_array[np.float64]:
    """How often cells of two labels are nearest to each other, (n_labels, n_labels).

    Parameters
    ----------
    labels : (n,) int32
        0 to n_labels - 1; -1 touches nothing.
    cells : (n,) int64, optional
        Which cells these are, ascending, in atlas order; all by default.
    """
    cells = np.arange(atlas.n_cells) if cells is None else cells
    bounds = np.searchsorted(cells, atlas.section_starts)
    pairs = np.zeros((n_labels, n_labels))
    for start, stop in pairwise(bounds):
        here = np.arange(start, stop)[:: max(1, (stop - start) // _SAMPLE)]
        if len(here) < 2:
            continue
        nearest, _ = nearest_cells(atlas.xy[cells[here]], _NEIGHBORS)
        own = np.repeat(labels[here], nearest.shape[1])
        other = labels[here][nearest.ravel()]
        known = (own >= 0) & (other >= 0) & (own != other)
        np.add.at(pairs, (own[known], other[known]), 1.0)
    return sparse.csr_array(pairs + pairs.T)


def colors_of(
    atlas: Atlas,
    labels: NDArray[np.int32],
    fixed: Sequence[str | None],
    cells: NDArray[np.int64] | None = None,
) -> tuple[str, ...]:
    """A ``#rrggbb`` for each label; `fixed` has one entry for each, None where it is free."""
    return assign_colors(touching(atlas, labels, len(fixed), cells), fixed)
