"""What surrounds a cell: the mean expression and the mixture of types around it.

No training. Expression is standardised per section, which removes the batch; both
expression and types are averaged over the nearest cells of the same section with
Gaussian weights. Three views are stacked, each with the same total variance: principal
components of expression, the mixture of types that the expression itself shows, and the
mixture of the cell types that the file gives. Mixtures enter as square roots, so that
their distance is Hellinger's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.compute.encoders import MapSections
from napari_brain_atlas.compute.encoders.cell_features import (
    CellFeatures,
    fit_cell_features,
)
from napari_brain_atlas.compute.expression import sections_to_learn_from
from napari_brain_atlas.compute.neighbors import smoothing_matrix
from napari_brain_atlas.compute.projection import Moments, moments_of, no_moments, principal_axes
from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.model.progress import Progress, silent

COMPONENTS_PER_VIEW = 15
ROWS = 16_384


@dataclass(frozen=True, slots=True)
class CompositionEncoder:
    """A linear map of the averaged features of a cell's surroundings.

    Attributes
    ----------
    atlas : Atlas
    features : CellFeatures
        What is averaged.
    n_neighbors : int
    mean : (n_features,) float64
        Mean of the averaged features over the atlas.
    loadings : (n_features, n_dimensions) float64
    """

    atlas: Atlas = field(repr=False)
    features: CellFeatures = field(repr=False)
    n_neighbors: int
    mean: NDArray[np.float64] = field(repr=False)
    loadings: NDArray[np.float64] = field(repr=False)

    @property
    def n_dimensions(self) -> int:
        """Length of the vectors."""
        return int(self.loadings.shape[1])

    def encode(self, section: Section) -> NDArray[np.float32]:
        """Encode the cells of one section, (section.n_cells, n_dimensions) float32."""
        blocks = [(block - self.mean) @ self.loadings for block in self.surroundings(section)]
        return np.concatenate(blocks or [np.zeros((0, self.n_dimensions))]).astype(np.float32)

    def surroundings(self, section: Section) -> Iterator[NDArray[np.float64]]:
        """Averaged features of a section's cells, in blocks of rows, (n, n_features)."""
        smoothing = smoothing_matrix(self.atlas.xy[section.cells], self.n_neighbors)
        views = self.features.of(self.atlas, section)
        for start in range(0, section.n_cells, ROWS):
            rows = smoothing[start : start + ROWS]
            averages = [_average(rows, view) for view in views]
            # Without a view nothing varies, and a cell's surroundings have no features.
            yield np.hstack([np.zeros((rows.shape[0], 0)), *averages])

    def moments(self, section: Section) -> Moments:
        """Sums over a section's averaged features."""
        total = no_moments(self.features.n_features)
        for block in self.surroundings(section):
            total += moments_of(block)
        return total


def fit_composition(
    atlas: Atlas,
    *,
    n_neighbors: int = 50,
    n_dimensions: int = 20,
    seed: int = 0,
    map_sections: MapSections = map,
    progress: Progress = silent,
) -> CompositionEncoder:
    """Fit the encoder in two passes over the sections, holding one at a time.

    Parameters
    ----------
    atlas : Atlas
        With expression, cell types or both.
    n_neighbors : int
        Cells that count as a cell's surroundings.
    n_dimensions : int
        At most this many; fewer where the data have no more.
    map_sections : callable
        ``map``, or the ordered map of a pool.

    Raises
    ------
    InputError
        If there is neither expression nor a cell type.
    """
    features = fit_cell_features(atlas, seed=seed, map_sections=map_sections, progress=progress)
    draft = CompositionEncoder(
        atlas, features, n_neighbors, np.zeros(features.n_features), np.zeros((0, 0))
    )
    total = no_moments(features.n_features)
    sections = sections_to_learn_from(atlas)
    for done, part in enumerate(map_sections(draft.moments, sections), start=1):
        progress("Learning surroundings", done / len(sections))
        total += part
    loadings = _stack_views(total.covariance, features.widths, n_dimensions)
    return replace(draft, mean=total.mean, loadings=loadings)


def _stack_views(
    covariance: NDArray[np.float64], widths: tuple[int, ...], n_dimensions: int
) -> NDArray[np.float64]:
    """Principal components of views that are each given the same total variance."""
    ends = np.cumsum(widths)
    columns = [np.zeros((len(covariance), 0))]
    for start, stop in zip(ends - widths, ends, strict=True):
        axes, variances = principal_axes(covariance[start:stop, start:stop], COMPONENTS_PER_VIEW)
        whole = np.zeros((len(covariance), axes.shape[1]))
        whole[start:stop] = axes / np.sqrt(max(variances.sum(), 1e-300))
        columns.append(whole)
    views = np.hstack(columns)
    axes, _ = principal_axes(views.T @ covariance @ views, n_dimensions)
    # All surroundings alike: one dimension of zeros, so that the shape stays honest.
    return views @ axes if axes.shape[1] else np.zeros((len(covariance), 1))


def _average(
    smoothing: sparse.csr_matrix[Any], view: NDArray[np.float32] | sparse.csr_matrix[Any]
) -> NDArray[np.float64]:
    mean = smoothing @ view
    if sparse.issparse(mean):  # one column per type: a mixture
        return np.sqrt(mean.toarray().astype(np.float64))
    return np.asarray(mean, np.float64)
