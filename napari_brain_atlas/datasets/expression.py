"""Counts of genes: negative binomial around a profile of the type and the place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.datasets.cell_types import cell_types
from napari_brain_atlas.datasets.structures import structure_tree

Values = NDArray[np.float32]

# The difficulty of the phantom, as in cell_types.
PLACE_SPREAD = 0.15
"""Log-normal spread of the expression of a gene between substructures."""
GRADIENT = 0.12
"""Strength of smooth gradients of expression inside structures."""
LEVELS = 5
"""Steps in which the gradients are told apart."""
MARKER = 3.2
"""How much higher a marker is, in natural logarithms."""
CHUNK = 20_000
"""Cells drawn at once."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """Rates of expression of one phantom.

    Attributes
    ----------
    of_type : (n_types, n_genes) float32
        Mean counts of a cell of average size.
    of_place : (n_substructures, LEVELS, n_genes) float32
        Factor of a place, by substructure and step of the gradient.
    dispersion : (n_genes,) float32
        Shape of the gamma distribution of the rates; smaller varies more.
    """

    of_type: Values
    of_place: Values
    dispersion: Values


def draw_profiles(rng: np.random.Generator, genes: tuple[str, ...], *, null: bool) -> Profiles:
    """Draw the profiles of a phantom, with the markers of the packaged table."""
    types, tree = cell_types(), structure_tree()
    shape = (len(types.names), len(genes))
    log_rates = rng.normal(-2.2, 0.8, len(genes)) + rng.normal(0, 0.4, shape)
    log_rates += rng.normal(0, 0.5, (len(types.classes), len(genes)))[types.class_of]
    column = {gene: index for index, gene in enumerate(genes)}
    for row, markers in enumerate(types.markers):
        columns = [column[gene] for gene in markers if gene in column]
        log_rates[row, columns] += MARKER
    small = np.array([name.endswith(" NN") for name in types.names])
    log_rates -= 0.5 * small[:, None]
    place = rng.normal(0, PLACE_SPREAD, (tree.n_substructures, 1, len(genes)))
    slope = rng.normal(0, GRADIENT, (len(tree.structures), 1, len(genes)))[tree.structure_of]
    place = (0.0 if null else place) + slope * np.linspace(-1, 1, LEVELS)[None, :, None]
    return Profiles(
        of_type=np.exp(log_rates).astype(np.float32),
        of_place=np.exp(place).astype(np.float32),
        dispersion=rng.uniform(1.0, 3.0, len(genes)).astype(np.float32),
    )


def draw_counts(
    profiles: Profiles,
    types: NDArray[np.int16],
    codes: NDArray[np.int16],
    field: Values,
    scale: Values,
    rng: np.random.Generator,
) -> sparse.csr_matrix:
    """Draw the counts of the cells of a section.

    Parameters
    ----------
    profiles : Profiles
    types, codes : (n,) int16
        Type and substructure of each cell.
    field : (n,) float32
        The smooth field of its structure at each cell, -1 to 1.
    scale : (n_genes,) float32
        Efficiency of each gene in this section.
    rng : Generator

    Returns
    -------
    (n, n_genes) csr_matrix of float32
        Whole numbers.
    """
    steps = np.clip(((field + 1) / 2 * LEVELS).astype(np.int64), 0, LEVELS - 1)
    parts = []
    for start in range(0, len(types), CHUNK):
        some = slice(start, start + CHUNK)
        rates = profiles.of_type[types[some]] * scale
        rates *= profiles.of_place[codes[some], steps[some]]
        rates *= np.exp(rng.normal(0, 0.35, (len(rates), 1))).astype(np.float32)
        rates *= rng.standard_gamma(profiles.dispersion, rates.shape, np.float32)
        rates /= profiles.dispersion
        parts.append(sparse.csr_matrix(rng.poisson(rates).astype(np.float32)))
    return sparse.csr_matrix(sparse.vstack(parts, format="csr"))
