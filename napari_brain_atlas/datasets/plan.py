"""Where the sections of a phantom are cut and how many cells each holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.datasets.anatomy.brain import BACK, FRONT, locate
from napari_brain_atlas.datasets.animals import Animal, draw_animal
from napari_brain_atlas.datasets.cell_types import Mixtures, draw_mixtures
from napari_brain_atlas.datasets.expression import Profiles, draw_profiles
from napari_brain_atlas.datasets.parameters import (
    PHANTOM_VERSION,
    PhantomParameters,
    phantom_genes,
)
from napari_brain_atlas.datasets.rare import Island, islands, plant
from napari_brain_atlas.datasets.sampling import jittered_grid
from napari_brain_atlas.datasets.structures import structure_tree

SURVEY = 0.06
"""Spacing of the grid on which tissue is measured, mm."""
RARE_CELLS = 200
"""Cells that each rare domain has in each animal, if the phantom is large enough."""
RARE_MARGIN = 1.2
"""A domain is planned larger than promised by so much, against chance."""
MOST_CROWDED = 4.0
"""A rare domain is never planned more than so much denser than its tissue."""


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """One section before its cells are drawn.

    Attributes
    ----------
    index : int
        Rank among all sections of the phantom.
    animal : int
    rank : int
        Rank within the animal, from the front.
    ap : float
        Position from bregma, mm.
    n_cells : int
    area : float
        Tissue on the section, mm².
    """

    index: int
    animal: int
    rank: int
    ap: float
    n_cells: int
    area: float


@dataclass(frozen=True, slots=True)
class PhantomPlan:
    """Everything that is drawn once for a phantom.

    Attributes
    ----------
    parameters : PhantomParameters
    animals : tuple of Animal
    sections : tuple of SectionPlan
        Animal by animal, from the front to the back.
    planted : tuple of tuple of Island
        Rare domains of each animal.
    crowding : (n_animals, n_substructures) float64
        Factor on the density of each substructure: above 1 only for rare
        domains that would have too few cells otherwise.
    rare_cells : (n_animals, n_islands) float64
        Cells that each rare domain is expected to have.
    mixtures : Mixtures
    profiles : Profiles
    """

    parameters: PhantomParameters
    animals: tuple[Animal, ...]
    sections: tuple[SectionPlan, ...]
    planted: tuple[tuple[Island, ...], ...]
    crowding: NDArray[np.float64]
    rare_cells: NDArray[np.float64]
    mixtures: Mixtures
    profiles: Profiles

    @property
    def notes(self) -> tuple[str, ...]:
        """What this phantom does not keep of what larger ones promise, in sentences."""
        if (self.rare_cells >= RARE_CELLS).all():
            return ()
        return (
            f"rare domains have fewer than {RARE_CELLS} cells per animal "
            f"(down to about {self.rare_cells.min():.0f}); ask for more cells or more sections",
        )


def plan_phantom(parameters: PhantomParameters) -> PhantomPlan:
    """Draw what the sections of a phantom share, and plan each of them."""
    streams = [
        np.random.default_rng([PHANTOM_VERSION, parameters.seed, kind]) for kind in range(3)
    ]
    genes = phantom_genes(parameters.n_genes)
    animals = tuple(draw_animal(streams[0], len(genes)) for _ in range(parameters.n_animals))
    cuts = [_positions(animal, parameters.sections_per_animal) for animal in animals]
    planted = tuple(islands(cut) for cut in cuts)
    surveys = [
        [_survey(ap, animal.tilt, island) for ap in cut]
        for animal, cut, island in zip(animals, cuts, planted, strict=True)
    ]
    per_animal = _share(
        np.array(
            [
                a.size**2 * sum(s[0].sum() for s in survey)
                for a, survey in zip(animals, surveys, strict=True)
            ]
        ),
        parameters.n_cells,
        parameters.sections_per_animal,
    )
    sections, crowding, rare_cells = [], [], []
    for number, (cut, survey) in enumerate(zip(cuts, surveys, strict=True)):
        masses = np.array([mass for mass, _ in survey])
        crowd, expected = _crowd(masses, planted[number], int(per_animal[number]))
        crowding.append(crowd)
        rare_cells.append(expected)
        counts = _share((masses * crowd).sum(1), int(per_animal[number]), 1)
        for rank, (ap, count, (_, area)) in enumerate(zip(cut, counts, survey, strict=True)):
            sections.append(SectionPlan(len(sections), number, rank, float(ap), int(count), area))
    return PhantomPlan(
        parameters=parameters,
        animals=animals,
        sections=tuple(sections),
        planted=planted,
        crowding=np.array(crowding),
        rare_cells=np.array(rare_cells),
        mixtures=draw_mixtures(streams[1], null=parameters.null),
        profiles=draw_profiles(streams[2], genes, null=parameters.null),
    )


def _positions(animal: Animal, n_sections: int) -> NDArray[np.float64]:
    step = (FRONT - BACK) / n_sections
    positions = FRONT - step * (np.arange(n_sections) + 0.5) + animal.offset
    return np.clip(positions, BACK + 0.1, FRONT - 0.1)


def _survey(
    ap: float, tilt: float, planted: tuple[Island, ...]
) -> tuple[NDArray[np.float64], float]:
    """Cells relative to each other in each substructure of a section, and its area in mm²."""
    tree = structure_tree()
    x, y, _ = jittered_grid(SURVEY)
    codes = locate(x, y, ap, tilt)
    plant(codes, x, y, ap, planted)
    places = np.bincount(codes[codes >= 0], minlength=tree.n_substructures) * SURVEY**2
    return places * tree.density, float(places.sum())


def _crowd(
    masses: NDArray[np.float64], planted: tuple[Island, ...], n_cells: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    crowd = np.ones(masses.shape[1])
    codes = [island.code for island in planted]
    for _ in range(3):
        cells = n_cells * crowd * masses.sum(0) / (crowd * masses).sum()
        wanted = RARE_CELLS * RARE_MARGIN / np.maximum(cells[codes], 1e-9)
        crowd[codes] = np.clip(crowd[codes] * wanted, 1.0, MOST_CROWDED)
    cells = n_cells * crowd * masses.sum(0) / (crowd * masses).sum()
    return crowd, cells[codes]


def _share(masses: NDArray[np.float64], total: int, least: int) -> NDArray[np.int64]:
    """Whole numbers in proportion to `masses` that sum to `total`, none below `least`."""
    rest = total - least * len(masses)
    exact = masses / masses.sum() * rest
    counts = np.floor(exact).astype(np.int64)
    missing = rest - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    return counts + least
