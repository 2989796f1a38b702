"""The phantom brain, drawn section by section.

Every section is drawn by itself from the plan, so that a phantom of any size
needs the memory of one section, and sections may be drawn in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.datasets.anatomy.brain import FRONT, locate
from napari_brain_atlas.datasets.animals import displace, draw_waves, kept_share, lay_on_slide
from napari_brain_atlas.datasets.cell_types import cell_types, draw_types, smooth_fields
from napari_brain_atlas.datasets.expression import draw_counts
from napari_brain_atlas.datasets.parameters import PHANTOM_VERSION, PhantomParameters
from napari_brain_atlas.datasets.plan import PhantomPlan, SectionPlan, plan_phantom
from napari_brain_atlas.datasets.rare import plant
from napari_brain_atlas.datasets.sampling import choose_cells, jittered_grid
from napari_brain_atlas.datasets.structures import StructureTree, structure_tree

PLACES_PER_CELL = 5
"""Places that are examined for each cell."""
REGISTRATION = 0.07
"""By how much the reference lies beside the truth, mm, for each of three waves."""

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labels:
    """One categorical value per cell of a section.

    Attributes
    ----------
    codes : (n_cells,) int16
        Index into `names`.
    names : tuple of str
        The same for all sections of all phantoms of this version.
    """

    codes: NDArray[np.int16]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhantomSection:
    """One section of a phantom brain.

    Attributes
    ----------
    name, animal : str
    position : float
        Position from bregma, mm; falls from the front to the back.
    cells : (n_cells,) str
        Names of the cells, unique in the phantom.
    xy : (n_cells, 2) float32
        Centroids on the slide, µm, (x, y), y downwards.
    z : float
        Depth of the section from the front of the brain, µm.
    counts : (n_cells, n_genes) csr_matrix of float32
        Counts, whole numbers, of `phantom_genes`.
    cell_type, cell_class : Labels
    truth_division, truth_structure, truth_substructure : Labels
        The truth at three nested levels.
    reference_region : Labels
        The structure as a textbook atlas would tell it: coarse, and with its
        borders slightly beside the truth.
    rare_domain : (n_cells,) bool
        Cells of the planted rare domains.
    """

    name: str
    animal: str
    position: float
    cells: NDArray[np.str_]
    xy: NDArray[np.float32]
    z: float
    counts: sparse.csr_matrix[Any]
    cell_type: Labels
    cell_class: Labels
    truth_division: Labels
    truth_structure: Labels
    truth_substructure: Labels
    reference_region: Labels
    rare_domain: NDArray[np.bool_]

    @property
    def n_cells(self) -> int:
        """Number of cells on the section."""
        return len(self.xy)


def phantom_sections(parameters: PhantomParameters) -> Iterator[PhantomSection]:
    """Draw a phantom brain, one section after the other, animal by animal.

    Yields
    ------
    PhantomSection
        From the front to the back of each animal; nothing is kept of a section
        when the next one is asked for.
    """
    plan = plan_phantom(parameters)
    for section in plan.sections:
        yield draw_section(plan, section)


def draw_section(plan: PhantomPlan, section: SectionPlan) -> PhantomSection:
    """Draw one section; the same whichever sections were drawn before."""
    streams = [
        np.random.default_rng(
            [PHANTOM_VERSION, plan.parameters.seed, 100 + section.animal, section.rank, kind]
        )
        for kind in range(5)
    ]
    tree, types = structure_tree(), cell_types()
    x, y, codes = _place_cells(plan, section, streams[0])
    structures = tree.structure_of[codes]
    fields = smooth_fields(plan.mixtures, structures, x, y, section.ap)
    drawn = draw_types(plan.mixtures, codes, structures, fields, streams[1])
    animal = plan.animals[section.animal].animal
    scale = animal.gene_scale * np.exp(streams[2].normal(0, 0.08, len(animal.gene_scale)))
    name = f"animal{section.animal + 1}"
    label = f"{name}_s{section.rank + 1:03d}"
    return PhantomSection(
        name=label,
        animal=name,
        position=section.ap,
        cells=np.char.add(f"{label}_", np.arange(section.n_cells).astype(str)),
        xy=lay_on_slide(animal, x, y, streams[3]),
        z=1000.0 * (FRONT + 0.1 - section.ap),
        counts=draw_counts(
            plan.profiles, drawn, codes, fields[0], scale.astype(np.float32), streams[2]
        ),
        cell_type=Labels(drawn, types.names),
        cell_class=Labels(types.class_of[drawn], types.classes),
        truth_division=Labels(tree.division_of[codes], tree.divisions),
        truth_structure=Labels(structures, tree.structures),
        truth_substructure=Labels(codes, tree.substructures),
        reference_region=Labels(
            _registered(x, y, section.ap, animal.tilt, structures, tree, streams[4]),
            tree.structures,
        ),
        rare_domain=tree.rare[codes],
    )


def _place_cells(
    plan: PhantomPlan, section: SectionPlan, rng: np.random.Generator
) -> tuple[Values, Values, NDArray[np.int16]]:
    tree, shared = structure_tree(), plan.animals[section.animal]
    spacing = min(0.05, float(np.sqrt(section.area / (PLACES_PER_CELL * section.n_cells))))
    x, y, order = jittered_grid(spacing, rng)
    codes = locate(x, y, section.ap, shared.animal.tilt)
    plant(codes, x, y, section.ap, shared.planted)
    density = np.append(tree.density * shared.crowding, 0.0)
    kept = np.where(np.append(tree.rare, False)[codes], 1.0, kept_share(x, y, rng))
    weights = density[codes] * kept
    if not weights.any():
        weights = density[codes]  # Never lose the whole of a small section.
    chosen = choose_cells(weights, order, section.n_cells, rng)
    # A place may hold several cells; they must not lie on each other.
    moved = (rng.random((2, len(chosen))) - 0.5) * 0.3 * spacing
    return x[chosen] + moved[0], y[chosen] + moved[1], codes[chosen]


def _registered(
    x: Values,
    y: Values,
    ap: float,
    tilt: float,
    structures: NDArray[np.int16],
    tree: StructureTree,
    rng: np.random.Generator,
) -> NDArray[np.int16]:
    moved_x, moved_y = displace(draw_waves(rng, 3, REGISTRATION), x, y)
    codes = locate(moved_x, moved_y, ap, tilt)
    return np.where(codes >= 0, tree.structure_of[codes], structures).astype(np.int16)
