"""Expression on one scale, whatever the file holds: counts, densities or logarithms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.model.atlas import Atlas, Section

Content = Literal["none", "types", "counts", "logarithms"]

# Logarithms of expression stay far below this; counts and densities of a panel exceed it.
LARGEST_LOGARITHM = 20.0
SAMPLED_SECTIONS = 10
# Axes of variance do not change any more when more cells than this are looked at.
CELLS_TO_LEARN_FROM = 1_000_000


@dataclass(frozen=True, slots=True)
class ExpressionScale:
    """What the expression of an atlas is, and the total to which a cell is scaled.

    Attributes
    ----------
    content : {"none", "types", "counts", "logarithms"}
        "types" is a matrix with a single 1 per row: cell types, not genes;
        "counts" are counts or densities, "logarithms" are already normalised.
    typical_total : float
        Median total of a cell ("counts" only).
    """

    content: Content
    typical_total: float = 1.0


def expression_scale(atlas: Atlas) -> ExpressionScale:
    """Tell what the expression of an atlas is from up to ten sections spread over it."""
    if not atlas.genes or not atlas.n_cells:
        return ExpressionScale("none")
    samples = [finite_expression(atlas, section) for section in spread_sections(atlas)]
    if all(_is_one_hot(x) for x in samples):
        return ExpressionScale("types")
    # Zeros may be stored, too: a matrix of them says as little as an empty one.
    if not any(x.count_nonzero() for x in samples):
        return ExpressionScale("none")
    if _are_logarithms(samples):
        return ExpressionScale("logarithms")
    totals = np.concatenate([_totals(x) for x in samples])
    return ExpressionScale("counts", float(np.median(totals[totals > 0])))


def log_normalized(x: sparse.csr_matrix[Any], scale: ExpressionScale) -> sparse.csr_matrix[Any]:
    """Scale every cell to the typical total and take ``log(1 + x)``.

    Parameters
    ----------
    x : (n_cells, n_genes) float32, CSR
    scale : ExpressionScale

    Returns
    -------
    (n_cells, n_genes) float32, CSR
        A new matrix; expression that is logarithms already comes back as it is.
    """
    if scale.content != "counts":
        return x
    totals = _totals(x)
    factors = np.divide(scale.typical_total, totals, out=np.zeros_like(totals), where=totals > 0)
    data = np.log1p(x.data * np.repeat(factors, np.diff(x.indptr)))
    return sparse.csr_matrix((data.astype(np.float32), x.indices, x.indptr), shape=x.shape)


def finite_expression(atlas: Atlas, section: Section) -> sparse.csr_matrix[Any]:
    """Read a section's expression; values that are not numbers count as not measured (0)."""
    x = sparse.csr_matrix(atlas.measurements.expression(section), dtype=np.float32)
    if np.isfinite(x.data).all():
        return x
    data = np.nan_to_num(x.data, nan=0.0, posinf=0.0, neginf=0.0)
    return sparse.csr_matrix((data, x.indices, x.indptr), shape=x.shape)


def share_not_numbers(atlas: Atlas) -> float:
    """Share of the expression values that are not numbers, in up to ten sections."""
    wrong = looked_at = 0
    for section in spread_sections(atlas) if atlas.genes else ():
        x = sparse.csr_matrix(atlas.measurements.expression(section), dtype=np.float32)
        wrong += x.data.size - int(np.isfinite(x.data).sum())
        looked_at += x.shape[0] * x.shape[1]
    return wrong / max(looked_at, 1)


def sections_to_learn_from(atlas: Atlas) -> list[Section]:
    """All sections, or an even share of them where there are millions of cells."""
    return list(atlas.sections[:: max(atlas.n_cells // CELLS_TO_LEARN_FROM, 1)])


def spread_sections(atlas: Atlas) -> list[Section]:
    """Up to ten sections that have cells, spread evenly over the atlas."""
    filled = [section for section in atlas if section.n_cells]
    chosen = np.linspace(0, len(filled) - 1, min(len(filled), SAMPLED_SECTIONS))
    return [filled[i] for i in np.unique(chosen.astype(int))]


def _totals(x: sparse.csr_matrix[Any]) -> NDArray[np.float64]:
    return np.asarray(x.sum(axis=1, dtype=np.float64)).ravel()


def _is_one_hot(x: sparse.csr_matrix[Any]) -> bool:
    nonzero = x.data != 0
    return int(nonzero.sum()) == x.shape[0] and bool(
        np.all(x.data[nonzero] == 1) and np.all(_totals(x) == 1)
    )


def _are_logarithms(samples: list[sparse.csr_matrix[Any]]) -> bool:
    """Negative values, or small values that are not whole numbers."""
    values = np.concatenate([x.data for x in samples])
    if values.min() < 0:
        return True
    return bool(values.max() < LARGEST_LOGARITHM and np.any(values != np.round(values)))
