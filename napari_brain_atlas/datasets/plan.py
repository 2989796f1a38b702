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

Values = NDArray[np.float64]
SURVEY = 0.06
"""Spacing of the grid on which tissue is measured, mm."""
RARE_CELLS = 200
"""Cells that each rare domain has in each animal, if the phantom is large enough."""
RARE_MARGIN = 1.3
"""A domain is planned larger than promised by so much, against chance."""
TORN_MARGIN = 1.08
"""Uneven tissue may leave a domain with so much less than planned."""
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
class AnimalPlan:
    """What the sections of one animal share.

    Attributes
    ----------
    animal : Animal
    planted : tuple of Island
        Its rare domains.
    crowding : (n_substructures,) float64
        Factor on the density of each substructure: above 1 only for rare
        domains that would have too few cells otherwise.
    rare_cells : (n_islands,) float64
        Cells that each rare domain is expected to have.
    """

    animal: Animal
    planted: tuple[Island, ...]
    crowding: Values
    rare_cells: Values


@dataclass(frozen=True, slots=True)
class PhantomPlan:
    """Everything that is drawn once for a phantom.

    Attributes
    ----------
    parameters : PhantomParameters
    animals : tuple of AnimalPlan
    sections : tuple of SectionPlan
        Animal by animal, from the front to the back.
    mixtures : Mixtures
    profiles : Profiles
    """

    parameters: PhantomParameters
    animals: tuple[AnimalPlan, ...]
    sections: tuple[SectionPlan, ...]
    mixtures: Mixtures
    profiles: Profiles

    @property
    def notes(self) -> tuple[str, ...]:
        """What this phantom does not keep of what larger ones promise, in sentences."""
        fewest = min(float(animal.rare_cells.min()) for animal in self.animals)
        if fewest >= RARE_CELLS * TORN_MARGIN:
            return ()
        return (
            f"rare domains have fewer than {RARE_CELLS} cells per animal "
            f"(down to about {fewest:.0f}); ask for more cells or more sections",
        )


@dataclass(frozen=True, slots=True)
class _Survey:
    """Tissue of one animal: (n_sections,) positions and areas, (n_sections, n_substructures)."""

    animal: Animal
    planted: tuple[Island, ...]
    cuts: Values
    areas: Values
    masses: Values


def plan_phantom(parameters: PhantomParameters) -> PhantomPlan:
    """Draw what the sections of a phantom share, and plan each of them."""
    streams = [
        np.random.default_rng([PHANTOM_VERSION, parameters.seed, kind]) for kind in range(3)
    ]
    genes = phantom_genes(parameters.n_genes)
    n_sections = parameters.sections_per_animal
    donors = [draw_animal(streams[0], len(genes)) for _ in range(parameters.n_animals)]
    surveys = [_survey(animal, n_sections) for animal in donors]
    tissue = np.array([s.animal.size**2 * s.masses.sum() for s in surveys])
    animals: list[AnimalPlan] = []
    sections: list[SectionPlan] = []
    for survey, n_cells in zip(
        surveys, _share(tissue, parameters.n_cells, n_sections), strict=True
    ):
        animals.append(_plan_animal(survey, int(n_cells)))
        sections.extend(_plan_sections(survey, animals, len(sections), int(n_cells)))
    return PhantomPlan(
        parameters=parameters,
        animals=tuple(animals),
        sections=tuple(sections),
        mixtures=draw_mixtures(streams[1], null=parameters.null),
        profiles=draw_profiles(streams[2], genes, null=parameters.null),
    )


def _survey(animal: Animal, n_sections: int) -> _Survey:
    tree = structure_tree()
    step = (FRONT - BACK) / n_sections
    cuts = FRONT - step * (np.arange(n_sections) + 0.5) + animal.offset
    cuts = np.clip(cuts, BACK + 0.1, FRONT - 0.1)
    planted = islands(cuts)
    x, y, _ = jittered_grid(SURVEY)
    areas = np.zeros((n_sections, tree.n_substructures))
    for rank, ap in enumerate(cuts):
        codes = locate(x, y, float(ap), animal.tilt)
        plant(codes, x, y, float(ap), planted)
        areas[rank] = np.bincount(codes[codes >= 0], minlength=tree.n_substructures) * SURVEY**2
    return _Survey(animal, planted, cuts, areas.sum(1), areas * tree.density)


def _plan_animal(survey: _Survey, n_cells: int) -> AnimalPlan:
    masses = survey.masses.sum(0)
    crowding = np.ones(len(masses))
    codes = [island.code for island in survey.planted]
    # Crowding a domain takes cells from the others, so it is balanced in turns.
    for _ in range(4):
        cells = n_cells * crowding * masses / (crowding * masses).sum()
        wanted = RARE_CELLS * RARE_MARGIN / np.maximum(cells[codes], 1e-9)
        crowding[codes] = np.clip(crowding[codes] * wanted, 1.0, MOST_CROWDED)
    cells = n_cells * crowding * masses / (crowding * masses).sum()
    return AnimalPlan(survey.animal, survey.planted, crowding, cells[codes])


def _plan_sections(
    survey: _Survey, animals: list[AnimalPlan], first: int, n_cells: int
) -> list[SectionPlan]:
    number = len(animals) - 1
    counts = _share((survey.masses * animals[number].crowding).sum(1), n_cells, 1)
    return [
        SectionPlan(first + rank, number, rank, float(ap), int(count), float(area))
        for rank, (ap, count, area) in enumerate(
            zip(survey.cuts, counts, survey.areas, strict=True)
        )
    ]


def _share(masses: Values, total: int, least: int) -> NDArray[np.int64]:
    """Whole numbers in proportion to `masses` that sum to `total`, none below `least`."""
    rest = total - least * len(masses)
    exact = masses / masses.sum() * rest
    counts = np.floor(exact).astype(np.int64)
    missing = rest - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    shared: NDArray[np.int64] = counts + least
    return shared
