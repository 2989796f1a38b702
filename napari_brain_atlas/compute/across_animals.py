"""In how many animals a neighborhood stands, and how alike it is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.sums import Basis, Sums, Table
from napari_brain_atlas.model.neighborhood import UNASSIGNED

ENOUGH_CELLS = 20
"""A neighborhood stands in an animal where it has so many cells; a small one half its most."""

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Profiles:
    """What neighborhoods are made of, by animal; row ``i`` is neighborhood ``ids[i]``.

    Attributes
    ----------
    ids : (n,) int32
    basis : {"cell types", "expression", "none"}
        What `vectors` hold.
    cells : (n, n_animals) int64
    weights : (n, n_animals) float64
        Cells that `vectors` are means over.
    vectors : (n, n_animals, d) float64
        Shares of the cell types; or the mean expression, less that of the animal, so
        that what an animal has in all its cells makes nothing alike or different.
    """

    ids: NDArray[np.int32]
    basis: Basis
    cells: NDArray[np.int64]
    weights: Table
    vectors: Table

    @property
    def stands(self) -> NDArray[np.bool_]:
        """Whether a neighborhood stands in an animal, (n, n_animals): a few cells are chance."""
        return stands(self.cells, ENOUGH_CELLS)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike each neighborhood is in different animals.

    Attributes
    ----------
    n_animals : (n,) int64
        In which it stands.
    n_pairs : (n,) int64
        Pairs of animals that were compared.
    correlation : (n,) float64
        Pearson correlation of its profile between two animals, mean over the pairs; NaN
        where there are none.
    n_compared, n_recognized : (n,) int64
        Animals that were compared with all others together; and those in which it is more
        like itself in the others than like any other neighborhood there. Neighborhoods of
        one tissue resemble each other, so a high correlation alone says little.
    """

    n_animals: NDArray[np.int64]
    n_pairs: NDArray[np.int64]
    correlation: NDArray[np.float64]
    n_compared: NDArray[np.int64]
    n_recognized: NDArray[np.int64]


def stands(cells: NDArray[np.int64], enough: int) -> NDArray[np.bool_]:
    """Where a neighborhood has enough cells, or half as many as where it has the most.

    Parameters
    ----------
    cells : (n, n_places) int64
        Cells of each neighborhood in each animal, or on each section.
    enough : int
        So many are always enough.
    """
    most = cells.max(axis=1, keepdims=True, initial=0)
    least = np.maximum(np.minimum(enough, (most + 1) // 2), 1)
    return np.asarray(cells >= least)


def profiles_of(ids: NDArray[np.int32], sums: Sums) -> Profiles:
    """What the groups of `sums` are made of; group ``i`` is neighborhood ``ids[i]``."""
    n = len(ids)
    cells = sums.cells[:n]
    if sums.basis == "cell types":
        weights = sums.types[:n].sum(axis=2)
        return Profiles(ids, "cell types", cells, weights, _means(sums.types[:n], weights))
    weights = cells.astype(np.float64)
    if sums.basis == "none":
        return Profiles(ids, "none", cells, weights, np.zeros((*cells.shape, 0)))
    animal = _means(sums.expression.sum(axis=0), sums.cells.sum(axis=0).astype(np.float64))
    vectors = _means(sums.expression[:n], weights) - animal
    return Profiles(ids, "expression", cells, weights, vectors)


def likeness(profiles: Profiles) -> Likeness:
    """Compare every neighborhood between animals."""
    stood = profiles.stands
    unit = _standardized(profiles.vectors)
    usable = stood & unit.any(axis=2)
    n_usable = usable.sum(axis=1)
    # All pairs at once: the square of a sum of unit vectors holds each product twice.
    summed = np.where(usable[:, :, None], unit, 0.0).sum(axis=1)
    n_pairs = n_usable * (n_usable - 1) // 2
    products = (np.square(summed).sum(axis=1) - n_usable) / 2
    correlation = np.full(len(stood), np.nan)
    np.divide(products, n_pairs, out=correlation, where=n_pairs > 0)
    compared, recognized = _recognized(profiles, unit, usable)
    return Likeness(stood.sum(axis=1), n_pairs, correlation, compared, recognized)


def _recognized(
    profiles: Profiles, unit: Table, usable: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each animal against all others: neighborhoods that are compared, and recognized."""
    compared = np.zeros(len(usable), np.int64)
    recognized = np.zeros(len(usable), np.int64)
    weights = np.where(usable, profiles.weights, 0.0)
    whole = np.einsum("na,nad->nd", weights, profiles.vectors)
    for animal in range(usable.shape[1]):
        others = weights.sum(axis=1) - weights[:, animal]
        rest = whole - weights[:, animal, None] * profiles.vectors[:, animal]
        known = _standardized(_means(rest, others))
        named = profiles.ids != UNASSIGNED
        both = np.flatnonzero(usable[:, animal] & known.any(axis=1) & named)
        if len(both) < 2:
            continue
        products = unit[both, animal] @ known[both].T
        own = products.diagonal().copy()
        np.fill_diagonal(products, -np.inf)
        compared[both] += 1
        # What another is as like, up to rounding, is not told from it.
        recognized[both] += products.max(axis=1) < own - _ROUNDING
    return compared, recognized


def _means(sums: Table, weights: Table) -> Table:
    weights = weights[..., None]
    return np.divide(sums, weights, out=np.zeros_like(sums), where=weights > 0)


def _standardized(vectors: Table) -> Table:
    """Vectors without their mean, of length 1: their product is Pearson's correlation."""
    centered = vectors - vectors.mean(axis=-1, keepdims=True) if vectors.shape[-1] else vectors
    length = np.sqrt(np.square(centered).sum(axis=-1, keepdims=True))
    none = np.zeros_like(centered)
    return np.asarray(np.divide(centered, length, out=none, where=length > 1e-12))
