"""What surrounds each cell, near and farther, and how much of it is chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.compute.encoders.cell_features import CellFeatures, View
from napari_brain_atlas.compute.neighbors import (
    averaging_matrix,
    gaussian_weights,
    nearest_cells,
)
from napari_brain_atlas.model.atlas import Atlas, Section

ROWS = 16_384
# The near surroundings hold this share of the cells of the far ones.
NEAR_SHARE = 0.3

Smoothing = sparse.csr_matrix[Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Features of cells, averaged over the nearest cells of the same section.

    Attributes
    ----------
    atlas : Atlas
    features : CellFeatures
        What is averaged.
    n_neighbors : int
        Cells of the far surroundings; the near ones hold `NEAR_SHARE` of them. Layers
        are thinner than the far, nuclei of mixed cells show only in it.
    """

    atlas: Atlas = field(repr=False)
    features: CellFeatures
    n_neighbors: int

    @property
    def scales(self) -> tuple[int, ...]:
        """Numbers of neighbors, ascending."""
        near = max(round(NEAR_SHARE * self.n_neighbors), 1)
        return tuple(sorted({near, self.n_neighbors}))

    @property
    def n_features(self) -> int:
        """Number of columns: all features at the first scale, then at the next."""
        return self.features.n_features * len(self.scales)

    def averages(self, section: Section) -> Iterator[NDArray[np.float64]]:
        """Averaged features of a section's cells, in blocks of rows, (n, n_features)."""
        weights = self._weights(section)
        smoothings = [averaging_matrix(indices, weight) for indices, weight in weights]
        return self._blocks(section, lambda rows, of: _averages(smoothings, rows, of))

    def chance(self, section: Section, seed: int) -> Iterator[NDArray[np.float64]]:
        """Half the difference between two halves of a cell's surroundings, (n, n_features).

        Every neighbor goes to one half or the other by lot. What the halves do not share
        is chance: were the cells sampled again, averages would vary as this does.
        """
        rng = np.random.default_rng([seed, section.index])
        first, second = [], []
        for indices, weight in self._weights(section):
            lot = rng.random(weight.shape) < 0.5
            first.append(averaging_matrix(indices, _rescaled(weight * lot)))
            second.append(averaging_matrix(indices, _rescaled(weight * ~lot)))
        return self._blocks(
            section,
            lambda rows, of: (_averages(first, rows, of) - _averages(second, rows, of)) / 2,
        )

    def _weights(self, section: Section) -> list[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        indices, distances = nearest_cells(self.atlas.xy[section.cells], self.n_neighbors)
        return [
            (indices[:, : scale + 1], gaussian_weights(distances[:, : scale + 1]))
            for scale in self.scales
        ]

    def _blocks(
        self, section: Section, average: Callable[[slice, list[View]], NDArray[np.float64]]
    ) -> Iterator[NDArray[np.float64]]:
        views = self.features.of(self.atlas, section)
        for start in range(0, section.n_cells, ROWS):
            yield average(slice(start, start + ROWS), views)


def _averages(smoothings: list[Smoothing], rows: slice, views: list[View]) -> NDArray[np.float64]:
    blocks = [_average(smoothing[rows], view) for smoothing in smoothings for view in views]
    # Without a view nothing varies, and a cell's surroundings have no features.
    n_rows = smoothings[0][rows].shape[0]
    return np.hstack([np.zeros((n_rows, 0)), *blocks])


def _average(smoothing: Smoothing, view: View) -> NDArray[np.float64]:
    mean = smoothing @ view
    if sparse.issparse(mean):  # one column per type: a mixture
        return np.sqrt(mean.toarray().astype(np.float64))
    return np.asarray(mean, np.float64)


def _rescaled(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows that sum to 1 again; a row without weight stays empty."""
    totals = weights.sum(axis=1, keepdims=True)
    return np.asarray(weights / np.where(totals > 0, totals, 1), np.float32)
