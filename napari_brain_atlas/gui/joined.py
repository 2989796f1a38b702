"""Sections that are drawn on together: one stroke, at the same place of each. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.cell_grid import CellGrid
from napari_brain_atlas.gui.chosen import Drawn, Place
from napari_brain_atlas.gui.overview import middle_of, overview_of
from napari_brain_atlas.gui.tool import Point
from napari_brain_atlas.gui.turning import UPRIGHT, Turn, Turns
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.wording import count

ALONE = "Tools draw on the section shown only."


def with_section(joined: tuple[int, ...], section: int) -> tuple[int, ...]:
    """The same with a section more, or without it where it is there."""
    return tuple(sorted(set(joined) ^ {section}))


def told(joined: tuple[int, ...], shown: int) -> str:
    """What tools draw on, in a sentence."""
    others = len(set(joined) - {shown})
    if not others:
        return ALONE
    more = count(others, "section")
    return f"Tools draw on {more} beside the one shown, at the same place; Esc ends that."


def drawn_on(
    joined: tuple[int, ...],
    first: Drawn,
    atlas: Atlas,
    curation: Curation,
    turns: Turns,
    grid_of: Callable[[int], CellGrid],
) -> list[Drawn]:
    """A stroke on the section it was drawn on, and on those that are joined to it.

    Parameters
    ----------
    joined : tuple of int
        Indexes of sections.
    first : Drawn
        Where it was drawn by hand.
    turns : Turns
        How sections are laid. A stroke goes to where it would be seen: who has
        turned sections alike has aligned them.
    grid_of : callable
        The cells of a section by its index.
    """
    place, stroke = first.place, first.stroke
    laid = turns.of(place.section)
    drawn = [first]
    for section in joined:
        if section == place.section:
            continue
        other = turns.of(section)
        there = stroke
        if (laid, other) != (UPRIGHT, UPRIGHT):
            middles = (middle_of(overview_of(g)) for g in (place.grid, grid_of(section)))
            there = replace(stroke, points=_carried(stroke.points, (laid, other), *middles))
        mirrored = laid.flipped != other.flipped
        on = Place(atlas, curation, grid_of(section), section, place.scope)
        drawn.append(Drawn(on, there, mirrored))
    return drawn


def _carried(
    points: tuple[Point, ...],
    turns: tuple[Turn, Turn],
    middle: NDArray[np.float64],
    other: NDArray[np.float64],
) -> tuple[Point, ...]:
    seen = turns[0].about(points, middle)
    # The inverse of a turn is its transpose.
    back = (seen - other) @ turns[1].matrix + other
    return tuple((float(a), float(b)) for a, b in back)
