"""How labels lie in space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from napari_brain_atlas.compute.neighbors import nearest_cells
from napari_brain_atlas.model.atlas import Atlas

NEIGHBORS = 10
# Two cells touch when either is among the other's six nearest, as in a honeycomb.
TOUCHING = 6
Labels = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Coherence:
    """How labels lie in space.

    Attributes
    ----------
    coherence : float
        Mean share of the ten nearest cells of the section that carry the same label;
        unassigned counts as a label. Sections with a single cell are left out; NaN where
        there is no other.
    truth_coherence : float
        The same of the reference: labels far above it are smoothed too much.
    fragmentation : float
        Share of the assigned cells outside the largest piece of their label and section.
        A piece is a connected component of the cells with one label, where two cells
        touch when either is among the other's six nearest. NaN where nothing is assigned.
    """

    coherence: float
    truth_coherence: float
    fragmentation: float


def spatial_coherence(atlas: Atlas, labels: Labels, truth: Labels) -> Coherence:
    """Tell how labels and a reference lie in space, with one search for neighbors.

    Parameters
    ----------
    labels, truth : (n_cells,) int
        -1 is unassigned.
    """
    alike, alike_truth, compared = 0.0, 0.0, 0
    outside, assigned = 0, 0
    for section in atlas:
        nearest, _ = nearest_cells(atlas.xy[section.cells], NEIGHBORS)
        own = labels[section.cells]
        apart, count = _outside(nearest[:, : TOUCHING + 1], own)
        outside, assigned = outside + apart, assigned + count
        if nearest.shape[1] > 1:
            alike += _alike(nearest, own)
            alike_truth += _alike(nearest, truth[section.cells])
            compared += section.n_cells
    return Coherence(
        alike / compared if compared else float("nan"),
        alike_truth / compared if compared else float("nan"),
        outside / assigned if assigned else float("nan"),
    )


def _alike(nearest: NDArray[np.int32], own: Labels) -> float:
    """Shares of neighbors with the same label, summed over the cells of a section."""
    return float((own[nearest[:, 1:]] == own[:, None]).mean(axis=1).sum())


def _outside(nearest: NDArray[np.int32], own: Labels) -> tuple[int, int]:
    """Cells outside the largest piece of their label, and assigned cells."""
    sizes, label_of_piece = _pieces(nearest, own)
    largest: NDArray[np.int64] = np.zeros(int(label_of_piece.max(initial=-1)) + 1, np.int64)
    assigned = label_of_piece >= 0
    np.maximum.at(largest, label_of_piece[assigned], sizes[assigned])
    count = int(sizes[assigned].sum())
    return count - int(largest.sum()), count


def _pieces(
    nearest: NDArray[np.int32], labels: Labels
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sizes of the connected pieces of one section, and the label of each."""
    n, k = nearest.shape
    row, column = np.repeat(np.arange(n), k), nearest.ravel()
    same = labels[row] == labels[column]
    graph = sparse.coo_matrix((np.ones(int(same.sum())), (row[same], column[same])), (n, n))
    n_pieces, piece = connected_components(graph, directed=False)
    label_of_piece = np.zeros(n_pieces, np.int64)
    label_of_piece[piece] = labels
    return np.bincount(piece, minlength=n_pieces), label_of_piece
