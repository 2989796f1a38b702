"""Cells chosen by hand: what was drawn, which cells that gives, what becomes of them. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.cell_grid import CellGrid
from napari_brain_atlas.compute.selecting import (
    cells_in_brush,
    cells_in_polygon,
    cells_in_rectangle,
    side_of_cut,
)
from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.gui.tool import Mode, Stroke
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.model.cells import encode_cells
from napari_brain_atlas.model.commands import Command, Create, Reassign, Split
from napari_brain_atlas.model.curation import Curation, owners_of
from napari_brain_atlas.model.neighborhood import UNASSIGNED, Neighborhood
from napari_brain_atlas.model.separation import child_of, free_color, free_name

Ranks = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Chosen cells that wait for Enter.

    Attributes
    ----------
    cells : (n,) int64
        In atlas order, rising.
    owners : tuple of int
        The neighborhoods that have them, who has most at the front.
    becomes : Neighborhood
        What they would belong to: a new one, or one that there is.
    scope : tuple of int
        The neighborhoods that were chosen from; empty for all.
    strokes : tuple of (int, Stroke)
        What was drawn, and on which section.
    """

    cells: NDArray[np.int64]
    owners: tuple[int, ...]
    becomes: Neighborhood
    scope: tuple[int, ...]
    strokes: tuple[tuple[int, Stroke], ...]

    @property
    def splits(self) -> int | None:
        """The neighborhood they are split from, where it is one that loses them."""
        one = len(self.owners) == 1 and self.owners[0] != UNASSIGNED
        return self.owners[0] if one else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where is drawn: a section, and the neighborhoods on it that are chosen from."""

    atlas: Atlas
    curation: Curation
    grid: CellGrid
    section: int
    scope: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A stroke where it lies on one section.

    Attributes
    ----------
    place : Place
    stroke : Stroke
    mirrored : bool
        Whether its two sides are the other way round than on the section on which
        it was drawn by hand.
    """

    place: Place
    stroke: Stroke
    mirrored: bool = False


def choose(drawn: Sequence[Drawn], before: Chosen | None = None) -> Chosen | None:
    """The cells that are chosen once a stroke is drawn; None if there are none.

    Without a mode a stroke begins anew. With one it changes what was chosen on
    its sections, and leaves the other sections.

    Parameters
    ----------
    drawn : sequence of Drawn
        The same stroke on one or several sections, the one shown at the front.

    Raises
    ------
    CommandError
        If a cut is not across one neighborhood.
    InputError
        If there is no such outline.
    """
    place, mode = drawn[0].place, drawn[0].stroke.mode
    if mode == "new":
        before = None
    elif before is None and mode in ("subtract", "intersect"):
        return None
    cells = before.cells if before is not None else np.empty(0, np.int64)
    for one, ranks in zip(drawn, _pointed_on_all(drawn), strict=True):
        section = place.atlas.sections[one.place.section]
        first, last = np.searchsorted(cells, [section.start, section.stop])
        pointed = ranks.astype(np.int64) + section.start
        here = _combined(section, cells[first:last], pointed, mode)
        cells = np.concatenate([cells[:first], here, cells[last:]])
    if not len(cells):
        return None
    strokes = before.strokes if before is not None else ()
    strokes += tuple((one.place.section, one.stroke) for one in drawn)
    counts = np.bincount(owners_of(place.curation, cells, place.atlas))
    owners = tuple(int(i) for i in np.argsort(-counts, kind="stable") if counts[i])
    return Chosen(cells, owners, _born(place.curation, owners), place.scope, strokes)


def pointed_cells(place: Place, stroke: Stroke) -> Ranks:
    """Ranks in the section of the cells in scope that an outline holds; not for cuts."""
    grid, owners = place.grid, place.curation.owners_on(place.section)
    if stroke.tool == "rectangle":
        found = cells_in_rectangle(grid, *stroke.points)
    elif stroke.tool == "brush":
        found = cells_in_brush(grid, stroke.points, stroke.radius)
    else:
        found = cells_in_polygon(grid, stroke.points)
    return found[np.isin(owners[found], place.scope)] if place.scope else found


def _pointed_on_all(drawn: Sequence[Drawn]) -> list[Ranks]:
    if drawn[0].stroke.tool == "cut":
        return smaller_side(drawn)
    return [pointed_cells(one.place, one.stroke) for one in drawn]


def smaller_side(drawn: Sequence[Drawn]) -> list[Ranks]:
    """Ranks in each section of the smaller side of what a cut divides, on all of them together.

    Raises
    ------
    CommandError
        If that is not one neighborhood, or lies on one side.
    """
    curation = drawn[0].place.curation
    among = [_in_scope(one.place) for one in drawn]
    owners = [
        curation.owners_on(one.place.section)[ranks]
        for one, ranks in zip(drawn, among, strict=True)
    ]
    if not len(owners[0]) or len(np.unique(np.concatenate(owners))) != 1:
        raise CommandError(
            "select one neighborhood of this section first, then draw the cut across it"
        )
    sides = [_sides(one, ranks) for one, ranks in zip(drawn, among, strict=True)]
    smaller = min(zip(*sides, strict=True), key=lambda side: sum(map(len, side)))
    if not any(map(len, smaller)):
        name = curation.neighborhood(int(owners[0][0])).name
        raise CommandError(f"all cells of {name!r} lie on one side; draw the cut across them")
    return list(smaller)


def _in_scope(place: Place) -> Ranks:
    owners = place.curation.owners_on(place.section)
    return np.flatnonzero(np.isin(owners, place.scope)).astype(np.int32)


def _sides(one: Drawn, among: Ranks) -> tuple[Ranks, Ranks]:
    this, that = side_of_cut(one.place.grid, one.stroke.points, among)
    return (that, this) if one.mirrored else (this, that)


def moved(curation: Curation, chosen: Chosen, into: int | None) -> Chosen:
    """The same cells, to become part of a neighborhood; of a new one where `into` is None."""
    becomes = curation.neighborhood(into) if into is not None else _born(curation, chosen.owners)
    return replace(chosen, becomes=becomes)


def chosen_command(
    chosen: Chosen, curation: Curation, atlas: Atlas, archive: Archive
) -> Command:  # fmt: skip
    """The command that takes chosen cells.

    A Split where they leave one neighborhood, a Create where they leave several,
    a Reassign where they go to one that there is.

    Raises
    ------
    WriteError
        If the archive cannot keep them.
    """
    becomes = chosen.becomes
    given: dict[str, Any] = {
        "cells": encode_cells(chosen.cells, atlas, archive),
        "evidence": evidence_of(chosen, atlas),
    }
    if becomes.id in curation.neighborhoods:
        return Reassign(into=becomes.id, **given)
    given |= {"name": becomes.name, "color": becomes.color}
    if chosen.splits is not None:
        return Split(neighborhood=chosen.splits, **given)
    return Create(**given)


def evidence_of(chosen: Chosen, atlas: Atlas) -> dict[str, Any]:
    """How the cells were chosen, as it is written beside them."""
    return {
        "chosen": "by hand",
        "scope": list(chosen.scope) or "all",
        "unit": atlas.unit.name,
        "strokes": [
            {"section": atlas.sections[section].name, **stroke.told}
            for section, stroke in chosen.strokes
        ],
    }


def _combined(
    section: Section, before: NDArray[np.int64], pointed: NDArray[np.int64], mode: Mode
) -> NDArray[np.int64]:
    """What is chosen on a section after a stroke."""
    # Sets of sorted numbers would be sorted again: a mark for each cell is faster by ten.
    had, now = np.zeros(section.n_cells, bool), np.zeros(section.n_cells, bool)
    had[before - section.start] = True
    now[pointed - section.start] = True
    if mode in ("new", "add"):
        had |= now
    else:
        had &= now if mode == "intersect" else ~now
    return np.flatnonzero(had) + section.start


def _born(curation: Curation, owners: tuple[int, ...]) -> Neighborhood:
    """What cells of these become if nothing else is said."""
    if len(owners) == 1 and owners[0] != UNASSIGNED:
        return child_of(curation.neighborhood(owners[0]), curation, None, None)
    return Neighborhood(
        id=curation.next_id, name=free_name(curation, "new"), color=free_color(curation)
    )
