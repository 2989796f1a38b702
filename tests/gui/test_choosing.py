"""Cells chosen without a window: which they are, and what becomes of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from choices import (
    SECTION,
    chosen_in,
    cut_across,
    in_rectangle,
    largest,
    middle_of,
    place_on,
    rectangle,
)

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.gui.chosen import Chosen, Drawn, choose, chosen_command, moved
from napari_brain_atlas.gui.tool import Mode, Stroke
from napari_brain_atlas.model.commands import command_to_json, parse_command
from napari_brain_atlas.workflow.document import Document

# -- what is chosen --------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "combine"),
    [
        pytest.param("add", set.union, id="add"),
        pytest.param("subtract", set.difference, id="subtract"),
        pytest.param("intersect", set.intersection, id="intersect"),
        pytest.param("new", lambda _, new: new, id="anew"),
    ],
)
def test_strokes_are_combined_as_sets(document: Document, mode: Mode, combine: object) -> None:
    one = rectangle(document, 0.4)
    middle = middle_of(document)
    other = Stroke("rectangle", (tuple(middle.tolist()), (1e6, 1e6)), mode)
    chosen = chosen_in(document, one, other)
    known = combine(in_rectangle(document, one), in_rectangle(document, other))  # type: ignore[operator]
    assert set(chosen.cells.tolist()) == known
    assert (np.diff(chosen.cells) > 0).all()
    owners = document.session.curation.owners_of_cells()[chosen.cells]
    assert set(chosen.owners) == set(owners.tolist())
    assert chosen.owners[0] == np.bincount(owners).argmax()


def test_only_the_neighborhoods_in_scope_are_chosen_from(document: Document) -> None:
    curation = document.session.curation
    scope = largest(curation)
    stroke = rectangle(document, 2.0)
    chosen = chosen_in(document, stroke, scope=(scope,))
    mine = np.flatnonzero(curation.owners_on(SECTION) == scope)
    start = document.atlas.sections[SECTION].start
    np.testing.assert_array_equal(chosen.cells, mine + start)
    assert chosen.owners == (scope,)


def test_another_section_is_added_and_left_alone(document: Document) -> None:
    here = chosen_in(document, rectangle(document, 0.5))
    there = rectangle(document, 0.5, "add", 2)
    both = choose([Drawn(place_on(document, 2), there)], here)
    assert both is not None
    assert set(both.cells.tolist()) == set(here.cells.tolist()) | in_rectangle(document, there, 2)
    less = choose([Drawn(place_on(document, 2), rectangle(document, 3.0, "subtract", 2))], both)
    assert less is not None
    np.testing.assert_array_equal(less.cells, here.cells)


def test_nothing_is_chosen_where_no_cell_lies(document: Document) -> None:
    beside = Stroke("lasso", ((1e7, 1e7), (1e7 + 9, 1e7), (1e7, 1e7 + 9)))
    assert choose([Drawn(place_on(document), beside)]) is None
    one = rectangle(document, 0.3)
    chosen = chosen_in(document, one)
    assert (
        choose([Drawn(place_on(document), rectangle(document, 0.5, "subtract"))], chosen) is None
    )


def test_a_brush_and_a_lasso_choose_every_cell_under_them(document: Document) -> None:
    middle = middle_of(document)
    part = document.atlas.sections[SECTION]
    apart = np.linalg.norm(document.atlas.xy[part.cells] - middle, axis=1)
    radius = float(np.partition(apart, 60)[60]) * 1.001
    dab = chosen_in(document, Stroke("brush", (tuple(middle.tolist()),), radius=radius))
    assert set(dab.cells.tolist()) == set((np.flatnonzero(apart <= radius) + part.start).tolist())
    turns = np.linspace(0, 2 * np.pi, 4000, endpoint=False)
    ring = middle + radius * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    lasso = chosen_in(document, Stroke("lasso", tuple(map(tuple, ring.tolist()))))
    assert set(lasso.cells.tolist()) == set(dab.cells.tolist())


def test_a_cut_chooses_the_smaller_side(document: Document) -> None:
    curation = document.session.curation
    mine = largest(curation)
    stroke = cut_across(document, mine)
    chosen = chosen_in(document, stroke, scope=(mine,))
    part = document.atlas.sections[SECTION]
    owned = np.flatnonzero(curation.owners_on(SECTION) == mine)
    left = document.atlas.xy[part.cells][owned, 0] < np.float32(stroke.points[0][0])
    known = min(owned[left], owned[~left], key=len)
    np.testing.assert_array_equal(chosen.cells, known + part.start)
    assert chosen.splits == mine


@pytest.mark.parametrize("n", [0, 2], ids=["none", "two"])
def test_a_cut_needs_one_neighborhood(document: Document, n: int) -> None:
    curation = document.session.curation
    scope = np.unique(curation.owners_on(SECTION))[:n].tolist()
    with pytest.raises(CommandError, match="select one neighborhood"):
        cut = cut_across(document, largest(curation))
        choose([Drawn(place_on(document, SECTION, *scope), cut)])


def test_a_cut_beside_a_neighborhood_is_refused(document: Document) -> None:
    mine = largest(document.session.curation)
    beside = Stroke("cut", ((-1e6, 0.0), (-1e6, 5.0)))
    with pytest.raises(CommandError, match="lie on one side"):
        choose([Drawn(place_on(document, SECTION, mine), beside)])


# -- what becomes of them --------------------------------------------------


def command_of(document: Document, chosen: Chosen) -> object:
    session = document.session
    return chosen_command(chosen, session.curation, document.atlas, session.archive)


def test_cells_of_one_are_split_from_it(document: Document) -> None:
    session = document.session
    mine = largest(session.curation)
    chosen = chosen_in(document, cut_across(document, mine), scope=(mine,))
    command = command_of(document, chosen)
    assert command.op == "split"  # type: ignore[attr-defined]
    before = session.curation
    session.do(command)  # type: ignore[arg-type]
    born = session.curation.neighborhood(before.next_id)
    # What was shown is what came.
    assert (born.name, born.color) == (chosen.becomes.name, chosen.becomes.color)
    np.testing.assert_array_equal(session.curation.cells_of(born.id), chosen.cells)
    assert session.curation.n_cells(mine) == before.n_cells(mine) - len(chosen.cells)


def test_cells_of_several_become_a_new_one(document: Document) -> None:
    session = document.session
    chosen = chosen_in(document, rectangle(document, 0.8))
    assert len(chosen.owners) > 1 and chosen.splits is None
    command = command_of(document, chosen)
    assert command.op == "create"  # type: ignore[attr-defined]
    born = session.curation.next_id
    session.do(command)  # type: ignore[arg-type]
    np.testing.assert_array_equal(session.curation.cells_of(born), chosen.cells)
    assert session.curation.neighborhood(born).color == chosen.becomes.color


def test_cells_are_moved_into_one_that_there_is_and_back(document: Document) -> None:
    session = document.session
    plain = chosen_in(document, rectangle(document, 0.8))
    into = plain.owners[-1]
    chosen = moved(session.curation, plain, into)
    assert moved(session.curation, chosen, None).becomes == plain.becomes
    command = command_of(document, chosen)
    assert command.op == "reassign"  # type: ignore[attr-defined]
    session.do(command)  # type: ignore[arg-type]
    assert (session.curation.owners_of_cells()[chosen.cells] == into).all()


def test_the_journal_keeps_how_cells_were_chosen(document: Document) -> None:
    outline = ((0.1, 0.2), (5000.3, 0.0), (2500.0, 7000.125))
    one = Stroke("lasso", outline)
    brush = Stroke("brush", ((300.0, 400.0),), "add", radius=55.5)
    chosen = chosen_in(document, one, brush)
    written = json.loads(json.dumps(command_to_json(command_of(document, chosen))))  # type: ignore[arg-type]
    evidence = written["evidence"]
    assert evidence["chosen"] == "by hand" and evidence["scope"] == "all"
    assert evidence["unit"] == document.atlas.unit.name
    lasso, dab = evidence["strokes"]
    name = document.atlas.sections[SECTION].name
    assert (lasso["tool"], lasso["mode"], lasso["section"]) == ("lasso", "new", name)
    assert (dab["tool"], dab["mode"], dab["radius"]) == ("brush", "add", 55.5)
    np.testing.assert_array_equal(
        np.array(lasso["points"], np.float32), np.array(outline, np.float32)
    )
    assert parse_command(written).evidence == evidence
    # The same outline gives the same cells.
    again = chosen_in(
        document,
        Stroke("lasso", tuple(map(tuple, lasso["points"]))),
        Stroke("brush", tuple(map(tuple, dab["points"])), "add", dab["radius"]),
    )
    np.testing.assert_array_equal(again.cells, chosen.cells)
