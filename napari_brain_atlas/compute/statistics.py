"""What stands in each neighborhood: cells, animals, cell types, expression, markers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.across_animals import Profiles, profiles_of
from napari_brain_atlas.compute.markers import Marker, log_fold_changes, welch_scores
from napari_brain_atlas.compute.sums import Sums, gather, ids_and_codes
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Statistics:
    """Per-neighborhood figures; row ``i`` of every table is neighborhood ``ids[i]``.

    Attributes
    ----------
    ids : (n,) int32
        Ascending.
    n_cells, n_sections, n_animals : (n,) int64
    type_names : tuple of str
        Empty where there are no cell types.
    composition : (n, n_types) float32
        Share of each cell type among the cells that have one; rows sum to 1, or to 0
        where no cell has one.
    genes : tuple of str
        Empty where there is no expression.
    mean_expression : (n, n_genes) float32
        Mean of the log-normalised expression.
    fraction_expressing : (n, n_genes) float32
        Share of the cells with any expression of the gene.
    marker_scores : (n, n_genes) float32
        Welch's t of the log-normalised expression against all other cells.
    log_fold_changes : (n, n_genes) float32
        Base 2, of the mean expression against all other cells.
    profiles : Profiles
        The same neighborhoods by animal.
    """

    ids: NDArray[np.int32]
    n_cells: NDArray[np.int64]
    n_sections: NDArray[np.int64]
    n_animals: NDArray[np.int64]
    type_names: tuple[str, ...]
    composition: NDArray[np.float32]
    genes: tuple[str, ...]
    mean_expression: NDArray[np.float32]
    fraction_expressing: NDArray[np.float32]
    marker_scores: NDArray[np.float32]
    log_fold_changes: NDArray[np.float32]
    profiles: Profiles

    def row(self, neighborhood: int) -> int:
        """Row of a neighborhood. Raises KeyError if it has no cells."""
        row = int(np.searchsorted(self.ids, neighborhood))
        if row == len(self.ids) or self.ids[row] != neighborhood:
            raise KeyError(neighborhood)
        return row

    def markers(self, neighborhood: int, n_markers: int = 10) -> tuple[Marker, ...]:
        """Genes that mark a neighborhood, the highest score first, only positive ones."""
        row = self.row(neighborhood)
        scores = self.marker_scores[row]
        best = np.argsort(-scores, kind="stable")[:n_markers]
        return tuple(
            Marker(
                gene=self.genes[g],
                score=float(scores[g]),
                log_fold_change=float(self.log_fold_changes[row, g]),
                mean=float(self.mean_expression[row, g]),
                fraction=float(self.fraction_expressing[row, g]),
            )
            for g in best
            if scores[g] > 0
        )

    def main_types(self, neighborhood: int, n_types: int = 5) -> tuple[tuple[str, float], ...]:
        """Most frequent cell types of a neighborhood with their shares."""
        shares = self.composition[self.row(neighborhood)]
        best = np.argsort(-shares, kind="stable")[:n_types]
        return tuple((self.type_names[t], float(shares[t])) for t in best if shares[t] > 0)


def describe(atlas: Atlas, owner: NDArray[np.int32], progress: Progress = silent) -> Statistics:
    """Gather the statistics of every neighborhood, reading one section at a time.

    Parameters
    ----------
    owner : (n_cells,) int32
        Neighborhood of each cell, in atlas order; cells below 0 are in none, and only
        count among the "other cells".
    """
    ids, codes = ids_and_codes(owner)
    sums = gather(atlas, codes, len(ids), progress=progress)
    return _statistics(ids, _sections_of(atlas, codes, len(ids)), sums)


def _sections_of(atlas: Atlas, codes: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Number of sections on which each neighborhood has cells, (n,) int64."""
    count = np.zeros(n + 1, np.int64)
    for section in atlas:
        count += np.bincount(codes[section.cells], minlength=n + 1) > 0
    return count[:n]


def _statistics(ids: NDArray[np.int32], n_sections: NDArray[np.int64], sums: Sums) -> Statistics:
    n = len(ids)
    n_cells = sums.cells.sum(axis=1)
    counted = np.maximum(n_cells[:n, None], 1)
    expression = sums.expression.sum(axis=1)
    types = sums.types.sum(axis=1)[:n]
    typed = np.maximum(types.sum(axis=1, keepdims=True), 1)
    return Statistics(
        ids=ids,
        n_cells=n_cells[:n],
        n_sections=n_sections,
        n_animals=(sums.cells[:n] > 0).sum(axis=1),
        type_names=sums.type_names,
        composition=(types / typed).astype(np.float32),
        genes=sums.genes,
        mean_expression=(expression[:n] / counted).astype(np.float32),
        fraction_expressing=(sums.expressing[:n] / counted).astype(np.float32),
        marker_scores=welch_scores(n_cells, expression, sums.squares)[:n],
        log_fold_changes=log_fold_changes(n_cells, expression)[:n],
        profiles=profiles_of(ids, sums),
    )
