from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from napari_brain_atlas.datasets import (
    PhantomParameters,
    PhantomSection,
    phantom_sections,
    plan_phantom,
)
from napari_brain_atlas.datasets.structures import structure_tree

FEWEST = 60


def dependence(section: PhantomSection) -> list[float]:
    """p-value of cell type being independent of substructure, for each structure."""
    found = []
    for structure in np.unique(section.truth_structure.codes):
        here = section.truth_structure.codes == structure
        table = np.zeros((200, 200))
        np.add.at(
            table, (section.truth_substructure.codes[here], section.cell_type.codes[here]), 1
        )
        table = table[table.sum(1) >= FEWEST]
        rare = table.sum(0) < 8 * len(table)
        table = np.column_stack([table[:, ~rare], table[:, rare].sum(1)])
        table = table[:, table.sum(0) >= 8 * len(table)]
        if table.shape[0] > 1 and table.shape[1] > 1:
            found.append(float(chi2_contingency(table).pvalue))
    return found


@pytest.mark.parametrize(("null", "least", "most"), [(True, 0.0, 0.08), (False, 0.85, 1.0)])
def test_mixtures_depend_on_substructures_unless_null(
    null: bool, least: float, most: float
) -> None:
    parameters = PhantomParameters(60_000, 1, n_sections=4, n_genes=2, seed=1, null=null)
    values = [p for section in phantom_sections(parameters) for p in dependence(section)]
    assert len(values) > 30
    assert least <= np.mean(np.array(values) < 0.01) <= most


def test_null_keeps_geometry_and_cells() -> None:
    plain, null = (
        next(phantom_sections(PhantomParameters(4_000, n_sections=2, n_genes=5, null=null)))
        for null in (False, True)
    )
    assert np.array_equal(plain.xy, null.xy)
    assert np.array_equal(plain.truth_substructure.codes, null.truth_substructure.codes)
    assert np.array_equal(plain.reference_region.codes, null.reference_region.codes)
    assert not np.array_equal(plain.cell_type.codes, null.cell_type.codes)


def test_null_rates_are_those_of_the_structure() -> None:
    tree = structure_tree()
    plan = plan_phantom(PhantomParameters(4_000, n_genes=20, null=True))
    for structure in range(len(tree.structures)):
        members = tree.structure_of == structure
        assert np.ptp(plan.mixtures.logits[members], axis=0).max() == 0
        assert np.ptp(plan.profiles.of_place[members], axis=0).max() == 0
    # Within a section nothing changes with the place.
    assert (plan.mixtures.directions[:, :, :2] == 0).all()
