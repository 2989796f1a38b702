from __future__ import annotations

import numpy as np
import pytest

from napari_brain_atlas.datasets import phantom_genes
from napari_brain_atlas.datasets.anatomy.brain import BACK, FRONT, locate
from napari_brain_atlas.datasets.cell_types import cell_types
from napari_brain_atlas.datasets.sampling import jittered_grid
from napari_brain_atlas.datasets.structures import structure_tree
from napari_brain_atlas.datasets.tables import table_rows


def test_the_tree_has_three_nested_levels() -> None:
    tree = structure_tree()
    assert len(tree.structures) == 40
    assert 155 <= tree.n_substructures <= 175
    assert len(tree.divisions) == 12
    for structure in range(len(tree.structures)):
        members = tree.structure_of == structure
        assert len(np.unique(tree.division_of[members])) == 1
        assert members.sum() >= 2


@pytest.mark.parametrize("level", ["acronyms", "substructures", "structures", "divisions"])
def test_names_are_distinct(level: str) -> None:
    names = getattr(structure_tree(), level)
    assert len(set(names)) == len(names)
    assert all(names)


def test_every_substructure_lies_somewhere_in_the_brain() -> None:
    tree = structure_tree()
    x, y, _ = jittered_grid(0.08)
    found: set[int] = set()
    for ap in np.arange(FRONT, BACK, -0.15):
        found.update(np.unique(locate(x, y, float(ap))).tolist())
    hidden = set(range(tree.n_substructures)) - found
    assert {tree.acronyms[code] for code in hidden} == {
        name for name, rare in zip(tree.acronyms, tree.rare, strict=True) if rare
    }


def test_every_home_of_a_cell_type_is_a_known_region() -> None:
    known = frozenset().union(*structure_tree().tags)
    for row in table_rows("cell_types.csv"):
        assert {home.rsplit(":", 1)[0] for home in row["homes"].split()} <= known, row["name"]


def test_every_substructure_has_a_mixture_of_cells() -> None:
    types = cell_types()
    assert ((types.homes > 0).sum(1) >= 8).all()
    assert (types.homes > 0).any(0).all()
    assert len(set(types.names)) == len(types.names)


def test_every_marker_is_on_the_panel() -> None:
    panel = set(phantom_genes())
    for name, markers in zip(cell_types().names, cell_types().markers, strict=True):
        assert set(markers) <= panel, name


@pytest.mark.parametrize(
    ("cell_type", "gene"),
    [
        ("016 CA1-ProS Glut", "Calb1"),
        ("037 DG Glut", "Prox1"),
        ("061 STR D1 Gaba", "Drd1"),
        ("062 STR D2 Gaba", "Drd2"),
        ("006 L4/5 IT CTX Glut", "Rorb"),
        ("030 L6 CT CTX Glut", "Foxp2"),
        ("327 Oligo NN", "Mbp"),
        ("319 Astro-TE NN", "Aqp4"),
        ("313 CBX Purkinje Gaba", "Pcp2"),
    ],
)
def test_markers_are_those_of_the_textbook(cell_type: str, gene: str) -> None:
    types = cell_types()
    assert gene in types.markers[types.names.index(cell_type)]
