"""Colours of proposed neighborhoods, by who touches whom on the tissue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.compute.neighbors import nearest_cells
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.palette import assign_colors

_NEIGHBORS = 6
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
    pairs = np.zeros(n_labels * n_labels, np.int64)
    for cells, nearest in _nearest(atlas, labels, neighbors):
        own = np.repeat(labels[cells], nearest.shape[1])
        other = np.where(nearest.ravel() >= 0, labels[nearest.ravel()], -1)
        known = (own >= 0) & (other >= 0) & (own != other)
        met = own[known].astype(np.int64) * n_labels + other[known]
        pairs += np.bincount(met, minlength=len(pairs))
    square = pairs.reshape(n_labels, n_labels).astype(np.float64)
    return sparse.csr_array(square + square.T)


def _nearest(
    atlas: Atlas, labels: NDArray[np.int32], neighbors: NDArray[np.int32] | None
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int32]]]:
    """Sampled cells of each section with the cells nearest to them, in atlas order."""
    for section in atlas:
        here = np.arange(section.start, section.stop)[:: max(1, section.n_cells // _SAMPLE)]
        if len(here) < 2 or not (labels[here] >= 0).any():
            continue
        if neighbors is not None:
            yield here, neighbors[here, :_NEIGHBORS]
        else:
            nearest, _ = nearest_cells(atlas.xy[here], _NEIGHBORS)
            yield here, here[nearest[:, 1:]].astype(np.int32)
