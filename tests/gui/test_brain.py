"""Which cells stand for a brain, where they are, and which colours they have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from painted_cells import cell_colors

from napari_brain_atlas.gui import brain as brains
from napari_brain_atlas.gui.brain import Brain, Registered, placed_by_ccf, stacked, thin_animal
from napari_brain_atlas.gui.chosen import Chosen
from napari_brain_atlas.gui.color_sources import ColorSources
from napari_brain_atlas.gui.coloring import Tissue
from napari_brain_atlas.gui.colors import ColorBy
from napari_brain_atlas.gui.drawn_cells import DrawnCells
from napari_brain_atlas.gui.turning import AS_MEASURED, Turn
from napari_brain_atlas.gui.view_state import Merging, Suggested
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands import Merge, Split
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.proposal import Proposal, ProposedNeighborhood
from napari_brain_atlas.workflow.discovery import Scope
from napari_brain_atlas.workflow.document import Document

DRAWN = 700


@pytest.fixture
def atlas(document: Document, monkeypatch: pytest.MonkeyPatch) -> Atlas:
    """An atlas of whose second animal about half of the cells are drawn."""
    monkeypatch.setattr(brains, "DRAWN", DRAWN)
    return document.atlas


@pytest.fixture
def brain(atlas: Atlas) -> Brain:
    animal = atlas.animals[1]
    return stacked(atlas, animal, thin_animal(atlas, animal), AS_MEASURED)


def test_cells_lie_on_their_section_at_its_position(atlas: Atlas, brain: Brain) -> None:
    cells = brain.thinned.cells
    assert len(cells) == DRAWN
    section_of = atlas.section_of(cells)
    assert {atlas.sections[i].animal for i in section_of} == {brain.animal}
    np.testing.assert_allclose(brain.cloud.points[:, :2], atlas.xy[cells], atol=1e-2)
    positions = np.array([atlas.sections[i].position for i in section_of], np.float64)
    np.testing.assert_allclose(brain.cloud.points[:, 2], 1000 * positions, atol=1e-2)
    total = sum(s.n_cells for s in atlas.sections if s.animal == brain.animal)
    assert brain.told == f"{DRAWN:,} of {total:,} cells · sections at their positions"


def test_each_section_has_its_share_and_its_sheet(atlas: Atlas, brain: Brain) -> None:
    total = sum(s.n_cells for s in atlas.sections if s.animal == brain.animal)
    for section in atlas.sections:
        first, stop = brain.drawn_of(section.index)
        corners = brain.sheet_of(section.index)
        if section.animal != brain.animal:
            assert first == stop and corners is None
            continue
        assert abs(stop - first - DRAWN * section.n_cells / total) < 1
        mine = brain.cloud.points[first:stop]
        assert corners is not None
        assert (mine >= corners.min(axis=0) - 0.1).all()
        assert (mine <= corners.max(axis=0) + 0.1).all()


def test_sections_lie_as_they_are_turned(atlas: Atlas, brain: Brain) -> None:
    section = next(s for s in atlas.sections if s.animal == brain.animal)
    turn = Turn(1, True)
    turned = stacked(
        atlas, brain.animal, brain.thinned, AS_MEASURED.with_turn(section.index, turn)
    )
    first, stop = brain.drawn_of(section.index)
    xy = atlas.xy[section.cells].astype(np.float64)
    middle = (xy.min(axis=0) + xy.max(axis=0)) / 2
    wanted = turn.about(atlas.xy[brain.thinned.cells[first:stop]], middle)
    np.testing.assert_allclose(turned.cloud.points[first:stop, :2], wanted, atol=0.01)
    np.testing.assert_array_equal(turned.cloud.points[stop:], brain.cloud.points[stop:])


def test_by_ccf_cells_lie_at_their_coordinates(atlas: Atlas) -> None:
    ccf = np.random.default_rng(0).uniform(500, 9000, (atlas.n_cells, 3)).astype("f4")
    missing = np.random.default_rng(1).random(atlas.n_cells) < 0.1
    ccf[missing] = np.nan
    registered, animal = Registered(ccf), atlas.animals[0]
    thinned = thin_animal(atlas, animal, registered)
    found = placed_by_ccf(atlas, animal, thinned, AS_MEASURED, registered)
    assert not missing[thinned.cells].any()
    # To the right the third axis, down the second, and in depth the first.
    np.testing.assert_array_equal(found.cloud.points, ccf[thinned.cells][:, [2, 1, 0]])
    last = max(s.stop for s in atlas.sections if s.animal == animal)
    assert f"at their CCF coordinates; {missing[:last].sum():,} cells have none" in found.told


def test_an_animal_without_ccf_is_empty_and_says_so(atlas: Atlas) -> None:
    registered = Registered(np.full((atlas.n_cells, 3), np.nan, "f4"))
    animal = atlas.animals[0]
    thinned = thin_animal(atlas, animal, registered)
    found = placed_by_ccf(atlas, animal, thinned, AS_MEASURED, registered)
    assert len(found.cloud.points) == 0
    assert found.told == "no cell of this animal has CCF coordinates"


# -- colours -------------------------------------------------------------------


def chosen_on(atlas: Atlas, curation: Any, sections: list[int]) -> Chosen:
    cells = np.concatenate([np.arange(atlas.sections[i].start, atlas.sections[i].stop, 3)
                            for i in sections])  # fmt: skip
    becomes = Neighborhood(id=curation.next_id, name="new", color="#123456")
    return Chosen(cells, (1,), becomes, (), ())


def suggested(atlas: Atlas, cells: Any) -> Suggested:
    n = atlas.n_cells if cells is None else len(cells)
    labels = (np.arange(n) % 3 - 1).astype(np.int32)
    names = tuple(ProposedNeighborhood(name=c, color=c) for c in ("#aa0011", "#00bb22"))
    proposal = Proposal(labels, np.full(n, 200, np.uint8), names, cells)
    return Suggested(proposal, Scope(()))


WAYS: dict[str, Any] = {
    "neighborhoods": lambda atlas, curation: {},
    "selected": lambda atlas, curation: {"selection": (2, 3)},
    "a merge": lambda atlas, curation: {"staged": Merging((1, 2))},
    "chosen cells": lambda atlas, curation: {"staged": chosen_on(atlas, curation, [3, 4])},
    "a proposal for all": lambda atlas, curation: {"staged": suggested(atlas, None)},
    "a proposal for some": lambda atlas, curation: {
        "staged": suggested(atlas, np.arange(5, atlas.n_cells, 2))
    },
    "a column": lambda atlas, curation: {
        "painted": ColorSources(atlas).painted(ColorBy("column", ("cell_type",)))
    },
    "a gene": lambda atlas, curation: {
        "painted": ColorSources(atlas).painted(ColorBy("genes", atlas.genes[:1]))
    },
    "three genes": lambda atlas, curation: {
        "painted": ColorSources(atlas).painted(ColorBy("genes", atlas.genes[:3])),
        "selection": (1,),
    },
    "confidence": lambda atlas, curation: {
        "painted": ColorSources(atlas).painted(ColorBy("confidence"))
    },
}


@pytest.mark.parametrize("way", WAYS)
def test_drawn_cells_have_the_colors_of_their_sections(
    way: str, document: Document, atlas: Atlas, brain: Brain
) -> None:
    curation = document.session.curation
    tissue = Tissue(curation, 0, **WAYS[way](atlas, curation))
    now, proposed = DrawnCells(atlas, brain).colors(tissue)
    compared = 0
    for section in atlas.sections:
        first, stop = brain.drawn_of(section.index)
        if first == stop:
            continue
        ranks = brain.thinned.cells[first:stop] - section.start
        wanted, then = cell_colors(atlas, replace(tissue, section=section.index))
        np.testing.assert_array_equal(now[first:stop], wanted[ranks])
        assert (proposed is None) == (then is None)
        if proposed is not None and then is not None:
            shown = np.where(proposed[:, 3:] > 0, proposed, now)
            np.testing.assert_array_equal(shown[first:stop], then[ranks])
        compared += stop - first
    assert compared == DRAWN


def test_colors_follow_every_command(document: Document, atlas: Atlas, brain: Brain) -> None:
    cells, session = DrawnCells(atlas, brain), document.session

    def check() -> None:
        now, _ = cells.colors(Tissue(session.curation, 0))
        for section in atlas.sections:
            first, stop = brain.drawn_of(section.index)
            if first < stop:
                ranks = brain.thinned.cells[first:stop] - section.start
                wanted, _ = cell_colors(atlas, Tissue(session.curation, section.index))
                np.testing.assert_array_equal(now[first:stop], wanted[ranks])

    check()
    session.do(Merge(neighborhoods=(1, 2), into=1))
    check()
    mine = session.curation.cells_of(1)
    mine = mine[mine >= atlas.sections[brain.first].start][::2]
    session.do(Split(neighborhood=1, cells=tuple(atlas.file_positions[mine].tolist())))
    check()
