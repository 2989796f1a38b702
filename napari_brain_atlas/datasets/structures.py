"""The structure tree: 12 divisions, 40 structures, the substructures below them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.datasets.tables import table_rows

NOWHERE = -1
"""Code of a place without cells: outside the tissue, or in a ventricle."""


@dataclass(frozen=True, slots=True)
class StructureTree:
    """Three nested levels of regions.

    A substructure is what the phantom hides; a structure is what a textbook
    atlas draws, and a division is a set of structures.

    Attributes
    ----------
    acronyms, substructures : tuple of str
        Short and full name of each substructure.
    structures, divisions : tuple of str
        Full names.
    structure_of : (n_substructures,) int16
        Structure of each substructure.
    division_of : (n_substructures,) int16
        Division of each substructure.
    density : (n_substructures,) float64
        Cells per area, relative to an average gray matter of 1.
    tags : tuple of frozenset of str
        What the tables of cell types may call each substructure by.
    """

    acronyms: tuple[str, ...]
    substructures: tuple[str, ...]
    structures: tuple[str, ...]
    divisions: tuple[str, ...]
    structure_of: NDArray[np.int16]
    division_of: NDArray[np.int16]
    density: NDArray[np.float64]
    tags: tuple[frozenset[str], ...]

    @property
    def n_substructures(self) -> int:
        """Number of substructures, the rare domains among them."""
        return len(self.acronyms)

    def code(self, acronym: str) -> int:
        """Code of a substructure by its acronym."""
        return self.acronyms.index(acronym)

    @property
    def rare(self) -> NDArray[np.bool_]:
        """Which substructures are planted rare domains."""
        return np.array(["rare" in tags for tags in self.tags])


@cache
def structure_tree() -> StructureTree:
    """Return the tree of the phantom, which is the same for every seed."""
    rows = table_rows("structures.csv")
    structures = tuple(dict.fromkeys(row["structure_name"] for row in rows))
    divisions = tuple(dict.fromkeys(row["division_name"] for row in rows))
    return StructureTree(
        acronyms=tuple(row["acronym"] for row in rows),
        substructures=tuple(row["name"] for row in rows),
        structures=structures,
        divisions=divisions,
        structure_of=np.array([structures.index(r["structure_name"]) for r in rows], np.int16),
        division_of=np.array([divisions.index(r["division_name"]) for r in rows], np.int16),
        density=np.array([float(row["density"]) for row in rows]),
        tags=tuple(_tags(row) for row in rows),
    )


def _tags(row: dict[str, str]) -> frozenset[str]:
    names = (row["acronym"], row["structure"], row["division"], "*")
    return frozenset((*names, *row["tags"].split()))
