"""What stands in each neighborhood: cells, animals, cell types, expression, markers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.compute.expression import (
    ExpressionScale,
    expression_scale,
    finite_expression,
    log_normalized,
)
from napari_brain_atlas.compute.markers import Marker, log_fold_changes, welch_scores
from napari_brain_atlas.model.atlas import Atlas, Column, Section
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


@dataclass(slots=True)
class _Sums:
    """Sums over cells; the last row stands for the cells in no neighborhood."""

    expression: NDArray[np.float64]
    squares: NDArray[np.float64]
    expressing: NDArray[np.float64]
    types: NDArray[np.float64]


def describe(atlas: Atlas, owner: NDArray[np.int32], progress: Progress = silent) -> Statistics:
    """Gather the statistics of every neighborhood, reading one section at a time.

    Parameters
    ----------
    owner : (n_cells,) int32
        Neighborhood of each cell, in atlas order; cells below 0 are in none, and only
        count among the "other cells".
    """
    ids, codes = _ids_and_codes(owner)
    scale = expression_scale(atlas)
    given = atlas.measurements.column(atlas.cell_type) if atlas.cell_type else None
    genes = atlas.genes if scale.content in ("counts", "logarithms") else ()
    types = _type_names(atlas, scale, given)
    sums = _empty_sums(len(ids) + 1, len(genes), len(types))
    for section in atlas:
        progress("Describing neighborhoods", section.start / max(atlas.n_cells, 1))
        _add_section(sums, atlas, section, codes[section.cells], scale, given)
    n_cells = np.bincount(codes, minlength=len(ids) + 1).astype(np.int64)
    table = sparse.coo_matrix((np.ones(len(codes)), (codes, _section_codes(atlas)))).toarray() > 0
    progress("Describing neighborhoods", 1.0)
    return _statistics(atlas, ids, n_cells, table, types, genes, sums)


def _ids_and_codes(owner: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Neighborhoods that have cells, and the row of each cell; none is the last row."""
    ids = np.unique(owner[owner >= 0]).astype(np.int32)
    codes = np.searchsorted(ids, owner)
    return ids, np.where(owner < 0, len(ids), codes).astype(np.int64)


def _type_names(atlas: Atlas, scale: ExpressionScale, given: Column | None) -> tuple[str, ...]:
    if given is not None:
        return given.names
    return atlas.genes if scale.content == "types" else ()


def _empty_sums(n_rows: int, n_genes: int, n_types: int) -> _Sums:
    shape = (n_rows, n_genes)
    return _Sums(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros((n_rows, n_types)))


def _add_section(
    sums: _Sums,
    atlas: Atlas,
    section: Section,
    codes: NDArray[np.int64],
    scale: ExpressionScale,
    given: Column | None,
) -> None:
    n_rows = len(sums.types)
    members = sparse.csr_matrix(
        (np.ones(len(codes)), (codes, np.arange(len(codes)))), shape=(n_rows, len(codes))
    )
    if given is not None:
        types = given.codes[section.cells]
        np.add.at(sums.types, (codes[types >= 0], types[types >= 0]), 1)
    if scale.content == "none" or (scale.content == "types" and given is not None):
        return
    x = finite_expression(atlas, section)
    if scale.content == "types":
        sums.types += (members @ x).toarray()
        return
    x = log_normalized(x, scale).astype(np.float64)
    sums.expression += (members @ x).toarray()
    sums.squares += (members @ x.multiply(x)).toarray()
    sums.expressing += (members @ (x > 0).astype(np.float64)).toarray()


def _section_codes(atlas: Atlas) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(atlas.sections)), [s.n_cells for s in atlas])


def _statistics(
    atlas: Atlas,
    ids: NDArray[np.int32],
    n_cells: NDArray[np.int64],
    on_section: NDArray[np.bool_],
    types: tuple[str, ...],
    genes: tuple[str, ...],
    sums: _Sums,
) -> Statistics:
    n = len(ids)
    animal_of_section = np.array([atlas.animals.index(s.animal) for s in atlas], np.int64)
    animals = np.zeros((n, len(atlas.animals)), np.bool_)
    row, section = np.nonzero(on_section[:n])
    animals[row, animal_of_section[section]] = True
    counted = np.maximum(n_cells[:n, None], 1)
    typed = np.maximum(sums.types[:n].sum(axis=1, keepdims=True), 1)
    return Statistics(
        ids=ids,
        n_cells=n_cells[:n],
        n_sections=on_section[:n].sum(axis=1),
        n_animals=animals.sum(axis=1),
        type_names=types,
        composition=(sums.types[:n] / typed).astype(np.float32),
        genes=genes,
        mean_expression=(sums.expression[:n] / counted).astype(np.float32),
        fraction_expressing=(sums.expressing[:n] / counted).astype(np.float32),
        marker_scores=welch_scores(n_cells, sums.expression, sums.squares)[:n],
        log_fold_changes=log_fold_changes(n_cells, sums.expression)[:n],
    )
