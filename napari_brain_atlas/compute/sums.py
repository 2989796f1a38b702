"""Sums over the cells of groups: what every table of figures is made from, in one reading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_brain_atlas.compute.expression import (
    ExpressionScale,
    expression_scale,
    finite_expression,
    log_normalized,
)
from napari_brain_atlas.model.atlas import Atlas, Column, Section
from napari_brain_atlas.model.progress import Progress, silent

Basis = Literal["cell types", "expression", "none"]
Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over the cells of each group; cells in none are in the last row.

    Attributes
    ----------
    cells : (n_groups + 1, n_animals) int64
    types : (n_groups + 1, n_animals, n_types) float64
        Cells of each cell type.
    type_names : tuple of str
        Empty where there are no cell types.
    expression : (n_groups + 1, n_animals or 1, n_genes) float64
        Sum of the log-normalised expression; by animal only where there are no cell
        types by which animals could be compared.
    squares, expressing : (n_groups + 1, n_genes) float64
        Sum of its square, and number of the cells with any.
    genes : tuple of str
        Empty where there is no expression, or where it was not asked for.
    """

    cells: NDArray[np.int64]
    types: Table
    type_names: tuple[str, ...]
    expression: Table
    squares: Table
    expressing: Table
    genes: tuple[str, ...]

    @property
    def basis(self) -> Basis:
        """By what groups of different animals can be compared."""
        if self.type_names:
            return "cell types"
        return "expression" if self.genes else "none"


def ids_and_codes(owner: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Neighborhoods that have cells, ascending, and the row of each cell.

    Cells below 0 are in none: their row is the number of neighborhoods.
    """
    there = np.bincount(np.maximum(owner, -1) + 1)
    ids = np.flatnonzero(there[1:]).astype(np.int32)
    # A table of all ids, with one more at the end for those below 0.
    row_of = np.full(len(there), len(ids), np.int64)
    row_of[ids] = np.arange(len(ids))
    return ids, row_of[np.maximum(owner, -1)]


def animal_of_sections(atlas: Atlas) -> NDArray[np.int64]:
    """Position of each section's animal in ``atlas.animals``, (n_sections,)."""
    rank = {animal: i for i, animal in enumerate(atlas.animals)}
    return np.array([rank[s.animal] for s in atlas], np.int64)


def gather(
    atlas: Atlas,
    codes: NDArray[np.int64],
    n_groups: int,
    *,
    expression: bool = True,
    progress: Progress = silent,
) -> Sums:
    """Sum up groups of cells, reading one section at a time.

    Parameters
    ----------
    codes : (n_cells,) int64
        Group of each cell in atlas order, 0 to `n_groups`; the last is no group.
    expression : bool
        Whether genes are read where cell types are enough to compare animals.
    """
    given = atlas.measurements.column(atlas.cell_type) if atlas.cell_type else None
    reads = given is None or expression
    scale = expression_scale(atlas) if reads else ExpressionScale("none")
    sums = _empty(atlas, n_groups + 1, scale, given)
    animals = animal_of_sections(atlas)
    for section in atlas:
        progress("Describing neighborhoods", section.start / max(atlas.n_cells, 1))
        _add(sums, atlas, section, codes[section.cells], int(animals[section.index]), scale, given)
    progress("Describing neighborhoods", 1.0)
    return sums


def in_pairs(sums: Sums) -> Sums:
    """The sums of groups 2 i and 2 i + 1 as those of one group i; the last row stays."""

    def paired(table: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([table[:-1:2] + table[1:-1:2], table[-1:]])

    return replace(
        sums, cells=paired(sums.cells), types=paired(sums.types),
        expression=paired(sums.expression), squares=paired(sums.squares),
        expressing=paired(sums.expressing),
    )  # fmt: skip


def _empty(atlas: Atlas, n_rows: int, scale: ExpressionScale, given: Column | None) -> Sums:
    n_animals = len(atlas.animals)
    types = atlas.genes if scale.content == "types" else ()
    types = given.names if given is not None else types
    genes = atlas.genes if scale.content in ("counts", "logarithms") else ()
    return Sums(
        cells=np.zeros((n_rows, n_animals), np.int64),
        types=np.zeros((n_rows, n_animals, len(types))),
        type_names=types,
        expression=np.zeros((n_rows, 1 if types else n_animals, len(genes))),
        squares=np.zeros((n_rows, len(genes))),
        expressing=np.zeros((n_rows, len(genes))),
        genes=genes,
    )


def _add(
    sums: Sums,
    atlas: Atlas,
    section: Section,
    codes: NDArray[np.int64],
    animal: int,
    scale: ExpressionScale,
    given: Column | None,
) -> None:
    n_rows = len(sums.cells)
    sums.cells[:, animal] += np.bincount(codes, minlength=n_rows)
    if given is not None:
        sums.types[:, animal] += _crosstab(
            codes, given.codes[section.cells], n_rows, len(given.names)
        )
    elif scale.content == "types":
        x = finite_expression(atlas, section)
        x.eliminate_zeros()
        sums.types[:, animal] += _crosstab(codes, x.indices, n_rows, len(sums.type_names))
    if sums.genes:
        x = log_normalized(finite_expression(atlas, section), scale)
        slot = animal if sums.expression.shape[1] > 1 else 0
        _add_expression(
            x.data, x.indices, x.indptr, codes,
            sums.expression[:, slot], sums.squares, sums.expressing,
        )  # fmt: skip


def _crosstab(
    rows: NDArray[np.int64], columns: NDArray[np.int32], n_rows: int, n_columns: int
) -> NDArray[np.int64]:
    known = columns >= 0
    flat = rows[known] * n_columns + columns[known]
    return np.bincount(flat, minlength=n_rows * n_columns).reshape(n_rows, n_columns)


@njit(cache=True, nogil=True)
def _add_expression(
    data: NDArray[np.float32],
    genes: NDArray[np.int32],
    starts: NDArray[np.int32],
    codes: NDArray[np.int64],
    sums: Table,
    squares: Table,
    expressing: Table,
) -> None:
    for cell in range(len(codes)):
        row = codes[cell]
        for i in range(starts[cell], starts[cell + 1]):
            value = np.float64(data[i])
            sums[row, genes[i]] += value
            squares[row, genes[i]] += value * value
            if value > 0.0:
                expressing[row, genes[i]] += 1.0
