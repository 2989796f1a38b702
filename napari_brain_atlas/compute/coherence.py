"""How labels lie in space and across animals."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from napari_brain_atlas.compute.neighbors import nearest_cells
from napari_brain_atlas.model.atlas import Atlas, Column

NEIGHBORS = 10
# Two cells touch when either is among the other's six nearest, as in a honeycomb.
TOUCHING = 6


def coherence(
    atlas: Atlas, labels: NDArray[np.integer[Any]], n_neighbors: int = NEIGHBORS
) -> float:
    """Mean share of the nearest cells of the section that carry the same label.

    Unassigned (-1) counts as a label. Sections with a single cell are left out; NaN
    where there is no other.
    """
    total, count = 0.0, 0
    for section in atlas:
        nearest, _ = nearest_cells(atlas.xy[section.cells], n_neighbors)
        if nearest.shape[1] < 2:
            continue
        own = labels[section.cells]
        total += float((own[nearest[:, 1:]] == own[:, None]).mean(axis=1).sum())
        count += section.n_cells
    return total / count if count else float("nan")


def fragmentation(atlas: Atlas, labels: NDArray[np.integer[Any]]) -> float:
    """Share of the assigned cells outside the largest piece of their label and section.

    A piece is a connected component of the cells with one label, where two cells touch
    when either is among the other's six nearest. NaN where nothing is assigned.
    """
    outside, count = 0, 0
    for section in atlas:
        own = labels[section.cells]
        sizes, label_of_piece = _pieces(atlas.xy[section.cells], own)
        largest: NDArray[np.int64] = np.zeros(int(label_of_piece.max(initial=-1)) + 1, np.int64)
        assigned = label_of_piece >= 0
        np.maximum.at(largest, label_of_piece[assigned], sizes[assigned])
        count += int(sizes[assigned].sum())
        outside += int(sizes[assigned].sum() - largest.sum())
    return outside / count if count else float("nan")


def cross_animal(
    atlas: Atlas, labels: NDArray[np.integer[Any]], cell_types: Column | None
) -> tuple[float, float]:
    """How far neighborhoods stand in several animals, and are alike there.

    Returns
    -------
    animals : float
        Number of animals in which a neighborhood has cells, mean over neighborhoods.
    correlation : float
        Pearson correlation between two animals of a neighborhood's mixture of cell
        types, mean over pairs of animals and neighborhoods; NaN where there is none.
    """
    assigned = labels >= 0
    if not assigned.any():
        return float("nan"), float("nan")
    names, codes = np.unique(labels[assigned], return_inverse=True)
    animal = animal_codes(atlas)[assigned]
    present = np.zeros((len(names), len(atlas.animals)), np.bool_)
    present[codes, animal] = True
    animals = float(present.sum(axis=1).mean())
    if cell_types is None or len(atlas.animals) < 2:
        return animals, float("nan")
    counts = np.zeros((*present.shape, len(cell_types.names)))
    types = cell_types.codes[assigned]
    known = types >= 0
    np.add.at(counts, (codes[known], animal[known], types[known]), 1)
    return animals, _mean_correlation(counts)


def animal_codes(atlas: Atlas) -> NDArray[np.int32]:
    """Position of each cell's animal in ``atlas.animals``, (n_cells,) int32."""
    rank = {animal: i for i, animal in enumerate(atlas.animals)}
    per_section = np.array([rank[s.animal] for s in atlas], np.int32)
    return np.repeat(per_section, [s.n_cells for s in atlas])


def _pieces(
    xy: NDArray[np.float32], labels: NDArray[np.integer[Any]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sizes of the connected pieces of one section, and the label of each."""
    nearest, _ = nearest_cells(xy, TOUCHING)
    n, k = nearest.shape
    row, column = np.repeat(np.arange(n), k), nearest.ravel()
    same = labels[row] == labels[column]
    graph = sparse.coo_matrix((np.ones(int(same.sum())), (row[same], column[same])), (n, n))
    n_pieces, piece = connected_components(graph, directed=False)
    label_of_piece = np.zeros(n_pieces, np.int64)
    label_of_piece[piece] = labels
    return np.bincount(piece, minlength=n_pieces), label_of_piece


def _mean_correlation(counts: NDArray[np.float64]) -> float:
    """Mean over labels and pairs of animals, of (n_labels, n_animals, n_types) counts."""
    found = []
    for per_animal in counts:
        filled = per_animal[per_animal.sum(axis=1) > 0]
        varied = filled[filled.std(axis=1) > 0]
        found += [float(np.corrcoef(a, b)[0, 1]) for a, b in combinations(varied, 2)]
    return float(np.mean(found)) if found else float("nan")
