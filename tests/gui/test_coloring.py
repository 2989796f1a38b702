from __future__ import annotations

import numpy as np
import pytest
from painted_cells import cell_colors

from napari_brain_atlas.gui.cell_colors import FADED
from napari_brain_atlas.gui.coloring import Tissue
from napari_brain_atlas.gui.view_state import Merging, Suggested
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.palette import hex_to_rgb
from napari_brain_atlas.model.proposal import Proposal, ProposedNeighborhood
from napari_brain_atlas.workflow.discovery import Scope
from napari_brain_atlas.workflow.document import Document

SECTION = 1


@pytest.fixture
def curation(document: Document) -> Curation:
    return document.session.curation


def rgb(curation: Curation, identity: int) -> tuple[int, ...]:
    return hex_to_rgb(curation.neighborhood(identity).color)


def test_every_cell_has_the_color_of_its_neighborhood(
    document: Document, curation: Curation
) -> None:
    colors, proposed = cell_colors(document.atlas, Tissue(curation, SECTION))
    assert proposed is None
    for cell, owner in enumerate(curation.owners_on(SECTION).tolist()):
        assert tuple(colors[cell]) == (*rgb(curation, owner), 255)


def test_what_is_not_selected_fades_and_keeps_its_hue(
    document: Document, curation: Curation
) -> None:
    colors, _ = cell_colors(document.atlas, Tissue(curation, SECTION, selection=(1,)))
    mine = curation.owners_on(SECTION) == 1
    assert mine.any() and not mine.all()
    assert (colors[mine, 3] == 255).all()
    assert (colors[~mine, 3] == FADED).all()
    plain, _ = cell_colors(document.atlas, Tissue(curation, SECTION))
    np.testing.assert_array_equal(colors[:, :3], plain[:, :3])


def test_a_merge_is_striped_with_the_color_that_stays(
    document: Document, curation: Curation
) -> None:
    first, second = sorted(set(curation.owners_on(SECTION).tolist()))[:2]
    staged = Merging((first, second))
    colors, proposed = cell_colors(document.atlas, Tissue(curation, SECTION, staged=staged))
    owners = curation.owners_on(SECTION)
    assert proposed is not None
    assert (proposed[owners == second] == (*rgb(curation, first), 255)).all()
    assert (colors[owners == second] == (*rgb(curation, second), 255)).all()
    np.testing.assert_array_equal(proposed[owners == first], colors[owners == first])
    others = ~np.isin(owners, (first, second))
    np.testing.assert_array_equal(proposed[others], colors[others])


@pytest.mark.parametrize("whole", [True, False], ids=["all cells", "inside one"])
def test_a_proposal_is_striped_where_it_changes_something(
    document: Document, curation: Curation, whole: bool
) -> None:
    atlas, owners = document.atlas, curation.owners_on(SECTION)
    origin = int(np.bincount(owners).argmax())
    cells = None if whole else curation.cells_of(origin)
    of_all = curation.owners_of_cells() if cells is None else np.full(len(cells), origin)
    # One half continues the origin, the other is new.
    labels = (np.arange(len(of_all)) % 2).astype(np.int32)
    proposal = Proposal(
        labels=labels,
        confidence=np.zeros(len(labels), np.uint8),
        neighborhoods=(
            ProposedNeighborhood(
                name="stays", color=curation.neighborhood(origin).color, continues=origin
            ),
            ProposedNeighborhood(name="new", color="#123456"),
        ),
        cells=cells,
    )
    staged = Suggested(proposal, Scope() if whole else Scope((origin,)))
    colors, proposed = cell_colors(atlas, Tissue(curation, SECTION, staged=staged))
    assert proposed is not None
    in_scope = np.arange(atlas.n_cells) if cells is None else cells
    label_of = dict(zip(in_scope.tolist(), labels.tolist(), strict=True))
    section = atlas.sections[SECTION]
    for cell, owner in enumerate(owners.tolist()):
        label = label_of.get(cell + section.start)
        if label == 1:
            assert tuple(proposed[cell]) == (0x12, 0x34, 0x56, 255)
        elif label == 0 and owner != origin:
            assert tuple(proposed[cell]) == (*rgb(curation, origin), 255)
        else:
            assert tuple(proposed[cell]) == tuple(colors[cell])


def test_a_tissue_looks_different_only_when_something_did_change(curation: Curation) -> None:
    tissue = Tissue(curation, 0, (1,))
    assert tissue.looks_like(Tissue(curation, 0, (1,)))
    assert not tissue.looks_like(None)
    assert not tissue.looks_like(Tissue(curation, 1, (1,)))
    assert not tissue.looks_like(Tissue(curation, 0, (2,)))
    assert not tissue.looks_like(Tissue(curation, 0, (1,), Merging((1, 2))))
