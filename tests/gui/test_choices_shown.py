"""Chosen cells as they are shown and told, and outlines while they are drawn. No window."""

from __future__ import annotations

import numpy as np
import pytest
from choices import SECTION, chosen_in, cut_across, largest, rectangle

from napari_brain_atlas.gui.chosen import moved
from napari_brain_atlas.gui.coloring import Tissue, color_section
from napari_brain_atlas.gui.draft import begin
from napari_brain_atlas.gui.strip import strip_of
from napari_brain_atlas.gui.tool import Mode, Stroke, mode_of
from napari_brain_atlas.model.palette import hex_to_rgb
from napari_brain_atlas.workflow.document import Document

# -- how it is shown -------------------------------------------------------


@pytest.mark.parametrize("into", [False, True], ids=["new", "into one that there is"])
def test_chosen_cells_are_striped_and_no_others(document: Document, into: bool) -> None:
    curation = document.session.curation
    chosen = chosen_in(document, rectangle(document, 0.6))
    if into:
        chosen = moved(curation, chosen, chosen.owners[-1])
    coloring = color_section(document.atlas, Tissue(curation, SECTION, staged=chosen))
    assert coloring.proposed is not None
    proposed = coloring.proposed.colors[coloring.proposed.of_codes[coloring.codes]]
    now = coloring.now.colors[coloring.now.of_codes[coloring.codes]]  # type: ignore[union-attr]
    start = document.atlas.sections[SECTION].start
    flags = np.zeros(len(now), bool)
    flags[chosen.cells - start] = True
    assert (proposed[flags, :3] == hex_to_rgb(chosen.becomes.color)).all()
    np.testing.assert_array_equal(proposed[~flags], now[~flags])
    around = coloring.outlines[-1]
    assert around.around
    np.testing.assert_array_equal(around.of_codes[coloring.codes] == 1, flags)


def test_other_sections_show_nothing_of_it(document: Document) -> None:
    chosen = chosen_in(document, rectangle(document, 0.6))
    tissue = Tissue(document.session.curation, 0, staged=chosen)
    coloring = color_section(document.atlas, tissue)
    assert coloring.proposed is not None
    np.testing.assert_array_equal(coloring.proposed.of_codes, coloring.now.of_codes)  # type: ignore[union-attr]
    assert not coloring.outlines[-1].of_codes.any()


def test_the_strip_tells_what_would_become_of_them(document: Document) -> None:
    curation = document.session.curation
    mine = largest(curation)
    name = curation.neighborhood(mine).name
    chosen = chosen_in(document, cut_across(document, mine), scope=(mine,))
    strip = strip_of(curation, chosen, (mine,), SECTION)
    assert strip is not None
    words = [p.text for p in strip.pieces]
    assert words == ["split", name, "→", chosen.becomes.name]
    assert strip.details == f"{len(chosen.cells):,} cells of {name} · on this section"
    assert strip.other == ""
    elsewhere = strip_of(curation, chosen, (), 0)
    assert elsewhere is not None and elsewhere.details.endswith("on 1 section")


def test_the_strip_offers_the_one_selected(document: Document) -> None:
    curation = document.session.curation
    chosen = chosen_in(document, rectangle(document, 0.8))
    into = chosen.owners[-1]
    name = curation.neighborhood(into).name
    for selection, other in (((), ""), ((into,), f"M  into '{name}'"), ((1, 2), ""), ((0,), "")):
        strip = strip_of(curation, chosen, selection, SECTION)
        assert strip is not None and strip.other == other
    strip = strip_of(curation, moved(curation, chosen, into), (into,), SECTION)
    assert strip is not None
    assert strip.pieces[0].text == "move" and strip.pieces[-1].text == name
    assert strip.other == "M  into a new one"


# -- drawing ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("shift", "alt", "mode"),
    [
        (False, False, "new"), (True, False, "add"),
        (False, True, "subtract"), (True, True, "intersect"),
    ],
)  # fmt: skip
def test_keys_say_what_a_stroke_does(shift: bool, alt: bool, mode: Mode) -> None:
    assert mode_of(shift, alt) == mode


def test_a_draft_grows_and_shrinks() -> None:
    draft = begin("polygon", "add", (0.0, 0.0)).with_point((4.0, 0.0)).with_tip((4.0, 3.0))
    assert draft.shown == ((0.0, 0.0), (4.0, 0.0), (4.0, 3.0))
    assert not draft.stroke().is_whole
    assert draft.with_point((4.0, 3.0)).stroke() == Stroke(
        "polygon", ((0.0, 0.0), (4.0, 0.0), (4.0, 3.0)), "add"
    )
    back = draft.shortened()
    assert back is not None and back.points == ((0.0, 0.0),)
    assert back.shortened() is None


def test_a_rectangle_is_shown_between_its_corners() -> None:
    draft = begin("rectangle", "new", (1.0, 2.0)).with_tip((5.0, 7.0))
    assert draft.shown == ((1.0, 2.0), (5.0, 2.0), (5.0, 7.0), (1.0, 7.0))
    assert draft.stroke().points == ((1.0, 2.0), (5.0, 7.0))


def test_a_cut_begins_anew_whatever_is_held() -> None:
    assert begin("cut", "subtract", (0.0, 0.0)).mode == "new"
