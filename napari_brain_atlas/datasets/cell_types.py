"""Cell types, and in which mixture each substructure holds them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.datasets.structures import StructureTree, structure_tree
from napari_brain_atlas.datasets.tables import table_rows

Values = NDArray[np.float64]

# The difficulty of the phantom, see docs/decisions/0002-phantom-difficulty.md.
# A change of any of these numbers needs a new PHANTOM_VERSION.
BLEND = 0.48
"""Share of a substructure's mixture that is the mean of its structure."""
STRUCTURE_SPREAD = 0.35
"""Log-normal spread of the mixtures between structures."""
SUBSTRUCTURE_SPREAD = 0.45
"""Log-normal spread between substructures of a structure."""
GRADIENT = 0.35
"""Strength of the smooth gradients inside structures."""
STRAY = 0.03
"""Share of cells of any type of the division, wherever it should be."""
WAVELENGTH = 1.3
"""Length over which gradients turn, mm per radian."""


@dataclass(frozen=True, slots=True)
class CellTypes:
    """The cell types of the phantom, named in the manner of the ABC Atlas.

    Attributes
    ----------
    names, classes : tuple of str
    class_of : (n_types,) int16
    markers : tuple of tuple of str
        Marker genes of each type, those of its class first.
    homes : (n_substructures, n_types) float64
        Cells of each type in each substructure, relative to each other.
    """

    names: tuple[str, ...]
    classes: tuple[str, ...]
    class_of: NDArray[np.int16]
    markers: tuple[tuple[str, ...], ...]
    homes: Values


@dataclass(frozen=True, slots=True)
class Mixtures:
    """Mixtures of one phantom.

    Attributes
    ----------
    logits : (n_substructures, n_types) float32
        Logarithms of the shares.
    gradients : (2, n_structures, n_types) float32
        What a smooth field adds to the logarithms in each structure.
    directions : (2, n_structures, 4) float64
        Wave vector (x, y, ap) and phase of the smooth fields.
    """

    logits: NDArray[np.float32]
    gradients: NDArray[np.float32]
    directions: Values


@cache
def cell_types() -> CellTypes:
    """Return the cell types, which are the same for every seed."""
    rows = table_rows("cell_types.csv")
    classes = tuple(dict.fromkeys(row["cell_class"] for row in rows))
    tree = structure_tree()
    return CellTypes(
        names=tuple(row["name"] for row in rows),
        classes=classes,
        class_of=np.array([classes.index(row["cell_class"]) for row in rows], np.int16),
        markers=tuple((*r["class_markers"].split(), *r["markers"].split()) for r in rows),
        homes=np.column_stack([_home_weights(row["homes"], tree) for row in rows]),
    )


def draw_mixtures(rng: np.random.Generator, *, null: bool) -> Mixtures:
    """Draw the mixtures of a phantom around those of the packaged table."""
    tree, types = structure_tree(), cell_types()
    shares = types.homes / types.homes.sum(1, keepdims=True)
    means = _mean_within(shares, tree.structure_of, tree.density)
    blend = np.where(tree.rare, 0.0, BLEND)[:, None]
    shares = means if null else (1 - blend) * shares + blend * means
    shares = (1 - STRAY) * shares + STRAY * _mean_within(means, tree.division_of, tree.density)
    logits = np.log(np.maximum(shares, 1e-9))
    n_structures = len(tree.structures)
    logits += rng.normal(0, STRUCTURE_SPREAD, (n_structures, len(types.names)))[tree.structure_of]
    # Some substructures stand out, many are subtle.
    strength = SUBSTRUCTURE_SPREAD * np.exp(rng.normal(0, 0.5, (tree.n_substructures, 1)))
    spread = strength * rng.normal(0, 1, logits.shape)
    logits += 0.0 if null else spread
    gradients = rng.normal(0, GRADIENT, (2, n_structures, len(types.names)))
    directions = _draw_directions(rng, n_structures, null=null)
    return Mixtures(logits.astype(np.float32), gradients.astype(np.float32), directions)


def smooth_fields(
    mixtures: Mixtures, structures: NDArray[np.int16], x: Values, y: Values, ap: float
) -> NDArray[np.float32]:
    """Values of the two smooth fields of its structure at each place, (2, n), -1 to 1."""
    fields = []
    for wave in mixtures.directions:
        wave_x, wave_y, wave_ap, phase = wave[structures].T
        travelled = wave_x * np.abs(x) + wave_y * y + wave_ap * ap
        fields.append(np.sin(travelled / WAVELENGTH + phase))
    return np.array(fields, np.float32)


def draw_types(
    mixtures: Mixtures,
    codes: NDArray[np.int16],
    structures: NDArray[np.int16],
    fields: NDArray[np.float32],
    rng: np.random.Generator,
) -> NDArray[np.int16]:
    """Draw the type of each cell from the mixture at its place, (n,) int16."""
    logits = mixtures.logits[codes]
    for field, gradient in zip(fields, mixtures.gradients, strict=True):
        logits += field[:, None] * gradient[structures]
    shares = np.cumsum(np.exp(logits, out=logits), axis=1, out=logits)
    targets = rng.random(len(codes), np.float32) * shares[:, -1]
    drawn = np.count_nonzero(shares < targets[:, None], axis=1)
    types: NDArray[np.int16] = np.minimum(drawn, shares.shape[1] - 1).astype(np.int16)
    return types


def _home_weights(homes: str, tree: StructureTree) -> Values:
    weights = np.zeros(tree.n_substructures)
    for home in homes.split():
        tag, weight = home.rsplit(":", 1)
        weights += float(weight) * np.array([tag in tags for tags in tree.tags])
    return weights


def _mean_within(values: Values, groups: NDArray[np.int16], weights: Values) -> Values:
    weights = np.where(structure_tree().rare, 0.0, weights)
    means = np.zeros_like(values)
    for group in np.unique(groups):
        members = groups == group
        means[members] = np.average(values[members], axis=0, weights=weights[members])
    return means


def _draw_directions(rng: np.random.Generator, n_structures: int, *, null: bool) -> Values:
    waves = rng.normal(0, 1, (2, n_structures, 3))
    waves /= np.linalg.norm(waves, axis=2, keepdims=True)
    if null:
        # Within a section nothing may follow the place, only from section to section.
        waves = waves * (0.0, 0.0, 1.0)
    phases = rng.uniform(0, 2 * np.pi, (2, n_structures, 1))
    return np.concatenate([waves, phases], axis=2)
