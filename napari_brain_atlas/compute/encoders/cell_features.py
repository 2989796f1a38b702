"""What a cell is, before its surroundings are looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.compute.encoders import MapSections
from napari_brain_atlas.compute.expression import (
    ExpressionScale,
    expression_scale,
    finite_expression,
    log_normalized,
    sections_to_learn_from,
    spread_sections,
)
from napari_brain_atlas.compute.kmeans import kmeans_centers, nearest_center
from napari_brain_atlas.compute.projection import Moments, moments_of, no_moments, principal_axes
from napari_brain_atlas.errors import InputError
from napari_brain_atlas.model.atlas import Atlas, Column, Section
from napari_brain_atlas.model.progress import Progress, silent

EXPRESSION_COMPONENTS = 30
OWN_TYPES = 40
SAMPLED_CELLS = 30_000
# A cell this many standard deviations out tells nothing more.
LARGEST_SCORE = 10.0

View = NDArray[np.float32] | sparse.csr_matrix[Any]


@dataclass(frozen=True, slots=True)
class CellFeatures:
    """The views of a cell that are averaged over its surroundings.

    Attributes
    ----------
    scale : ExpressionScale
    axes : (n_genes, n_components) float32
        Principal axes of the standardised expression; no columns without expression.
    type_centers : (n_types, n_components) float32
        Cell types that the expression itself shows; no rows without expression.
    cell_types : Column or None
        Cell types that the file gives.
    n_one_hot : int
        Types in an expression matrix that is types.
    """

    scale: ExpressionScale
    axes: NDArray[np.float32] = field(repr=False)
    type_centers: NDArray[np.float32] = field(repr=False)
    cell_types: Column | None = field(repr=False)
    n_one_hot: int = 0

    @property
    def widths(self) -> tuple[int, ...]:
        """Number of columns of each view, in the order of :meth:`of`."""
        given = len(self.cell_types.names) if self.cell_types else 0
        widths = (self.axes.shape[1], len(self.type_centers), self.n_one_hot, given)
        return tuple(width for width in widths if width)

    @property
    def n_features(self) -> int:
        """Number of columns of all views."""
        return sum(self.widths)

    def of(self, atlas: Atlas, section: Section) -> list[View]:
        """Views of a section's cells; dense ones are expression, sparse ones types."""
        views: list[View] = []
        if self.axes.shape[1]:
            components = self.components(atlas, section)
            own_type, _ = nearest_center(components, self.type_centers)
            views += [components, one_hot(own_type, len(self.type_centers))]
        if self.n_one_hot:
            views.append(finite_expression(atlas, section))
        if self.cell_types:
            codes = self.cell_types.codes[section.cells]
            views.append(one_hot(codes, len(self.cell_types.names)))
        return views

    def components(self, atlas: Atlas, section: Section) -> NDArray[np.float32]:
        """Principal components of a section's standardised expression."""
        return standardized(atlas, section, self.scale) @ self.axes


def fit_cell_features(
    atlas: Atlas,
    *,
    seed: int = 0,
    map_sections: MapSections = map,
    progress: Progress = silent,
) -> CellFeatures:
    """Look at the sections once for the principal axes, and at ten for the types.

    Raises
    ------
    InputError
        If there is neither expression nor a cell type.
    """
    scale = expression_scale(atlas)
    given = atlas.measurements.column(atlas.cell_type) if atlas.cell_type else None
    empty = np.zeros((0, 0), np.float32)
    if scale.content in ("none", "types"):
        n_one_hot = len(atlas.genes) if scale.content == "types" else 0
        if not n_one_hot and not (given and given.names):
            told = "neither expression nor cell types to learn from: X is missing or 0 everywhere"
            raise InputError("the data", [told])
        return CellFeatures(scale, empty, empty, given, n_one_hot)
    total = no_moments(len(atlas.genes))
    sections = sections_to_learn_from(atlas)
    gather = _SectionMoments(atlas, scale)
    for done, part in enumerate(map_sections(gather, sections), start=1):
        progress("Learning expression", done / len(sections))
        total += part
    axes, _ = principal_axes(total.covariance, EXPRESSION_COMPONENTS)
    draft = CellFeatures(scale, axes.astype(np.float32), empty, given)
    return CellFeatures(scale, draft.axes, _own_types(atlas, draft, seed), given)


@dataclass(frozen=True, slots=True)
class _SectionMoments:
    """A function with its data, so that a pool of processes can be given it."""

    atlas: Atlas
    scale: ExpressionScale

    def __call__(self, section: Section) -> Moments:
        return moments_of(standardized(self.atlas, section, self.scale))


def standardized(atlas: Atlas, section: Section, scale: ExpressionScale) -> NDArray[np.float32]:
    """Log-normalised expression as z-scores within the section, (n_cells, n_genes).

    Scores within the section leave no difference of mean or spread between sections,
    which is where batch effects show. Genes that do not vary score 0.
    """
    x = log_normalized(finite_expression(atlas, section), scale).toarray()
    if not len(x):
        return np.asarray(x, np.float32)
    spread = x.std(axis=0)
    spread[spread < 1e-6] = np.inf
    scores = (x - x.mean(axis=0)) / spread
    np.clip(scores, -LARGEST_SCORE, LARGEST_SCORE, out=scores)
    return np.asarray(scores, np.float32)


def one_hot(codes: NDArray[np.int32], n_types: int) -> sparse.csr_matrix[Any]:
    """One column per type; the row of a cell without a type (-1) is empty."""
    known = codes >= 0
    starts = np.concatenate([[0], np.cumsum(known)])
    ones = np.ones(int(known.sum()), np.float32)
    return sparse.csr_matrix((ones, codes[known], starts), shape=(len(codes), n_types))


def _own_types(atlas: Atlas, features: CellFeatures, seed: int) -> NDArray[np.float32]:
    """Centers of k-means on the components of a sample of cells."""
    if not features.axes.shape[1]:
        return np.zeros((0, 0), np.float32)
    rng = np.random.default_rng(seed)
    sections = spread_sections(atlas)
    share = SAMPLED_CELLS / max(sum(s.n_cells for s in sections), 1)
    sample = [
        _sample(features.components(atlas, section), min(share, 1.0), rng) for section in sections
    ]
    return kmeans_centers(np.concatenate(sample), OWN_TYPES, seed=seed)


def _sample(
    rows: NDArray[np.float32], share: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    n = max(round(len(rows) * share), 1)
    return rows[np.sort(rng.choice(len(rows), n, replace=False))]
