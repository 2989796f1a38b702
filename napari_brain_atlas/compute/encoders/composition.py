"""What surrounds a cell: the mean expression and the mixture of types around it.

No training. Expression is standardised per section, which removes most of the batch; both
expression and types are averaged over the nearest cells of the same section with Gaussian
weights, near by and farther out. Expression enters as principal components, mixtures (of
the types that the expression itself shows, and of those that the file gives) as square
roots, so that their distance is Hellinger's. Which of all this counts is told by its ratio
of signal to noise (:mod:`.signal`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.encoders import MapSections
from napari_brain_atlas.compute.encoders.cell_features import fit_cell_features
from napari_brain_atlas.compute.encoders.signal import Learned, signal_loadings
from napari_brain_atlas.compute.encoders.surroundings import Surroundings
from napari_brain_atlas.compute.expression import sections_to_learn_from
from napari_brain_atlas.compute.projection import moments_of, no_moments
from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.model.progress import Progress, silent

MANY_NEIGHBORHOODS = 50
NEAR_WEIGHT_OF_MANY = 0.4


@dataclass(frozen=True, slots=True)
class CompositionEncoder:
    """A linear map of the averaged features of a cell's surroundings.

    Attributes
    ----------
    surroundings : Surroundings
        What is averaged, and over which cells.
    mean : (n_features,) float64
        Mean of the averaged features over the atlas.
    loadings : (n_features, n_dimensions) float64
    """

    surroundings: Surroundings
    mean: NDArray[np.float64] = field(repr=False)
    loadings: NDArray[np.float64] = field(repr=False)

    @property
    def n_dimensions(self) -> int:
        """Length of the vectors."""
        return int(self.loadings.shape[1])

    def encode(self, section: Section) -> NDArray[np.float32]:
        """Encode the cells of one section, (section.n_cells, n_dimensions) float32."""
        averages = self.surroundings.averages(section)
        blocks = [(block - self.mean) @ self.loadings for block in averages]
        return np.concatenate(blocks or [np.zeros((0, self.n_dimensions))]).astype(np.float32)


def fit_composition(
    atlas: Atlas,
    *,
    n_neighbors: int = 50,
    n_dimensions: int = 100,
    near_weight: float = 1.0,
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
    near_weight : float
        Of the near surroundings beside the far ones, see :func:`near_weight_for`.
    map_sections : callable
        ``map``, or the ordered map of a pool.

    Raises
    ------
    InputError
        If there is neither expression nor a cell type.
    """
    features = fit_cell_features(atlas, seed=seed, map_sections=map_sections, progress=progress)
    surroundings = Surroundings(atlas, features, n_neighbors)
    sections = sections_to_learn_from(atlas)
    learned = []
    for part in map_sections(_Learning(surroundings, seed), sections):
        learned.append(part)
        progress("Learning surroundings", len(learned) / len(sections))
    weights = (near_weight, 1.0)[-len(surroundings.scales) :]
    mean, loadings = signal_loadings(learned, surroundings.n_features, weights, n_dimensions)
    return CompositionEncoder(surroundings, mean, loadings)


def near_weight_for(n_neighborhoods: int | None) -> float:
    """Weight of the near surroundings when so many neighborhoods are asked for.

    A few neighborhoods include layers thinner than the far surroundings; among very many,
    what tells most of them apart is a mixture of types, which few cells show badly.

    Parameters
    ----------
    n_neighborhoods : int or None
        None where the hierarchy decides.
    """
    many = n_neighborhoods is not None and n_neighborhoods >= MANY_NEIGHBORHOODS
    return NEAR_WEIGHT_OF_MANY if many else 1.0


@dataclass(frozen=True, slots=True)
class _Learning:
    """A function with its data, so that a pool of processes can be given it."""

    surroundings: Surroundings
    seed: int

    def __call__(self, section: Section) -> Learned:
        averages = chance = no_moments(self.surroundings.n_features)
        for block in self.surroundings.averages(section):
            averages += moments_of(block)
        for block in self.surroundings.chance(section, self.seed):
            chance += moments_of(block)
        return Learned(averages, chance)
