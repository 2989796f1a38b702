"""Colours of proposed neighborhoods, by who touches whom on the tissue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.compute.borders import TOUCHING, count_meetings
from napari_brain_atlas.compute.neighbors import nearest_cells
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.palette import assign_colors

_SAMPLE = 20_000
"""Cells looked at on a section: borders show in a sample as well."""


def colors_of(
    atlas: Atlas,
    labels: NDArray[np.int32],
    fixed: Sequence[str | None],
    neighbors: NDArray[np.int32] | None = None,
) -> tuple[str, ...]:
    """A colour for each label, such that those that touch look least alike.

    Parameters
    ----------
    labels : (n_cells,) int32
        0 to n_labels - 1, in atlas order; -1 touches nothing.
    fixed : sequence of str or None
        One entry for each label: the ``#rrggbb`` that it keeps, or None.
    neighbors : (n_cells, k) int32, optional
        The nearest cells of every cell, where they are known already.
    """
    return assign_colors(touching(atlas, labels, len(fixed), neighbors), fixed)


def touching(
    atlas: Atlas,
    labels: NDArray[np.int32],
    n_labels: int,
    neighbors: NDArray[np.int32] | None = None,
) -> sparse.csr_array[np.float64]:
    """How often cells of two labels are nearest to each other, (n_labels, n_labels)."""
    pairs = np.zeros((n_labels, n_labels), np.int64)
    for section in atlas:
        step = max(1, section.n_cells // _SAMPLE)
        if neighbors is not None:
            count_meetings(labels, neighbors, pairs, slice(section.start, section.stop, step))
            continue
        here = np.arange(section.start, section.stop)[::step]
        if len(here) > 1 and (labels[here] >= 0).any():
            nearest, _ = nearest_cells(atlas.xy[here], TOUCHING)
            count_meetings(labels[here], np.ascontiguousarray(nearest[:, 1:]), pairs)
    np.fill_diagonal(pairs, 0)
    return sparse.csr_array((pairs + pairs.T).astype(np.float64))
