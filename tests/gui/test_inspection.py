from __future__ import annotations

import numpy as np
import pytest

from napari_brain_atlas.gui.drawings import KEPT, Drawings
from napari_brain_atlas.gui.inspection import Inspection
from napari_brain_atlas.gui.wishes import is_grey, merged_selection
from napari_brain_atlas.model.commands import Reassign
from napari_brain_atlas.workflow.document import Document


def test_the_nearest_cell_is_found_among_all(document: Document) -> None:
    atlas, section = document.atlas, document.atlas.sections[2]
    drawings = Drawings(atlas)
    xy = atlas.xy[section.cells]
    for x, y in np.random.default_rng(0).choice(xy, 20) + 0.01:
        expected = int(np.linalg.norm(xy - (x, y), axis=1).argmin())
        assert drawings.nearest(2, float(x), float(y)) == expected


def test_beside_the_tissue_there_is_no_cell(document: Document) -> None:
    drawings = Drawings(document.atlas)
    spacing = drawings.of(0).spacing
    far = document.atlas.xy[document.atlas.sections[0].cells].max(axis=0) + 50 * spacing
    assert drawings.nearest(0, float(far[0]), float(far[1])) is None
    assert drawings.nearest(0, float("nan"), 0.0) is None


def test_drawings_are_kept_and_bounded(document: Document) -> None:
    drawings = Drawings(document.atlas)
    first = drawings.of(0)
    assert drawings.of(0) is first
    assert KEPT >= 2


def test_a_cell_is_told_with_neighborhood_confidence_and_type(document: Document) -> None:
    atlas, curation = document.atlas, document.session.curation
    section = atlas.sections[1]
    told = Inspection(atlas).sentence(curation, 1, 5)
    row = int(atlas.file_positions[section.start + 5])
    owner = curation.neighborhood(int(curation.owners_on(1)[5]))
    confidence = curation.confidence_on(1)[5]
    assert atlas.cell_type is not None
    types = atlas.measurements.column(atlas.cell_type)
    kind = types.names[types.codes[section.start + 5]]
    assert told == f"cell {row:,} · {owner.name} ({confidence:.2f}) · {kind}"


def test_a_cell_placed_by_hand_has_no_confidence(document: Document) -> None:
    atlas = document.atlas
    row = int(atlas.file_positions[atlas.sections[0].start])
    document.session.do(Reassign(cells=(row,), into=3))
    told = Inspection(atlas).sentence(document.session.curation, 0, 0)
    assert "N3 ·" in told


@pytest.mark.parametrize(
    ("before", "now", "after"),
    [
        pytest.param((), (3, 1), (3, 1), id="new"),
        pytest.param((2,), (1, 2, 3), (2, 1, 3), id="extended"),
        pytest.param((2, 1), (1,), (1,), id="reduced"),
        pytest.param((2, 1), (), (), id="cleared"),
        pytest.param((5,), (4, 4), (4,), id="told twice"),
    ],
)
def test_what_was_selected_first_stays_first(
    before: tuple[int, ...], now: tuple[int, ...], after: tuple[int, ...]
) -> None:
    assert merged_selection(before, now) == after


@pytest.mark.parametrize(
    ("color", "grey"),
    [("#808080", True), ("#101418", True), ("#ffffff", True), ("#803030", False)],
)
def test_grey_is_kept_for_unassigned(color: str, grey: bool) -> None:
    assert is_grey(color) == grey
