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
MOST_EVEN = 3
"""Largest size parameter of a gene's negative binomial distribution."""
SIZE_SPREAD = 0.35
"""Log-normal spread of the size of cells."""
SMALLEST = np.float32(2.0**-25)
"""Stands for a uniform number that was rounded to zero."""
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
    dispersion : (n_genes,) int64
        Size parameter of the negative binomial distribution; smaller varies
        more.
    """

    of_type: Values
    of_place: Values
    dispersion: NDArray[np.int64]


def draw_profiles(rng: np.random.Generator, genes: tuple[str, ...], *, null: bool) -> Profiles:
    """Draw the profiles of a phantom, with the markers of the packaged table."""
    types, tree = cell_types(), structure_tree()
    shape = (len(types.names), len(genes))
    log_rates = rng.normal(-1.8, 0.8, len(genes)) + rng.normal(0, 0.4, shape)
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
        dispersion=rng.integers(1, MOST_EVEN + 1, len(genes)),
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
    sizes = np.exp(rng.normal(0, SIZE_SPREAD, (len(types), 1))).astype(np.float32)
    parts = []
    for start in range(0, len(types), CHUNK):
        some = slice(start, start + CHUNK)
        means = profiles.of_type[types[some]] * scale
        means *= profiles.of_place[codes[some], steps[some]]
        means *= sizes[some]
        parts.append(_negative_binomial(means, profiles.dispersion, rng))
    return sparse.csr_matrix(sparse.vstack(parts, format="csr"))


def _negative_binomial(
    means: Values, size: NDArray[np.int64], rng: np.random.Generator
) -> sparse.csr_matrix:
    """Draw counts with the given means, (n, n_genes), and sizes, (n_genes,).

    A negative binomial of a whole size is the sum of so many geometric
    variables (Devroye, Non-Uniform Random Variate Generation, 1986, chapter
    X.4). Most of them are zero and cost one uniform number.
    """
    ratios = means / (means + size.astype(np.float32))
    rows, columns, values = [], [], []
    for part in range(int(size.max())):
        genes = np.flatnonzero(size > part)
        some = ratios[:, genes]
        uniform = np.maximum(rng.random(some.shape, np.float32), SMALLEST)
        hits = np.flatnonzero(uniform < some)
        values.append(np.floor(np.log(uniform.flat[hits]) / np.log(some.flat[hits])))
        rows.append(hits // len(genes))
        columns.append(genes[hits % len(genes)])
    places = (np.concatenate(rows), np.concatenate(columns))
    counts = sparse.coo_matrix((np.concatenate(values), places), means.shape, np.float32)
    return sparse.csr_matrix(counts)
