"""Cells to choose on the small tissue, and outlines around them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.cell_grid import grid_cells
from napari_brain_atlas.gui.chosen import Chosen, Drawn, Place, choose
from napari_brain_atlas.gui.tool import Mode, Stroke
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.workflow.document import Document

SECTION = 1
Corner = tuple[float, float]


def place_on(document: Document, section: int = SECTION, *scope: int) -> Place:
    atlas = document.atlas
    grid = grid_cells(atlas.xy[atlas.sections[section].cells])
    return Place(atlas, document.session.curation, grid, section, scope)


def middle_of(document: Document, section: int = SECTION) -> NDArray[np.float64]:
    xy = document.atlas.xy[document.atlas.sections[section].cells]
    return np.median(xy, axis=0).astype(np.float64)


def rectangle(
    document: Document, share: float, mode: Mode = "new", section: int = SECTION
) -> Stroke:
    """About the middle of a section, a share of its size."""
    xy = document.atlas.xy[document.atlas.sections[section].cells]
    middle, half = middle_of(document, section), share * np.ptp(xy, axis=0) / 2
    corners = (tuple((middle - half).tolist()), tuple((middle + half).tolist()))
    return Stroke("rectangle", corners, mode)


def in_rectangle(document: Document, stroke: Stroke, section: int = SECTION) -> set[int]:
    part = document.atlas.sections[section]
    xy = document.atlas.xy[part.cells]
    low, high = np.sort(np.array(stroke.points, np.float32), axis=0)
    inside = ((xy >= low) & (xy <= high)).all(axis=1)
    return set((np.flatnonzero(inside) + part.start).tolist())


def largest(curation: Curation, section: int = SECTION) -> int:
    owners = curation.owners_on(section)
    return int(np.bincount(owners[owners != UNASSIGNED]).argmax())


def chosen_in(document: Document, *strokes: Stroke, scope: tuple[int, ...] = ()) -> Chosen:
    chosen: Chosen | None = None
    for stroke in strokes:
        chosen = choose([Drawn(place_on(document, SECTION, *scope), stroke)], chosen)
    assert chosen is not None
    return chosen


def cut_across(document: Document, identity: int) -> Stroke:
    curation = document.session.curation
    xy = document.atlas.xy[document.atlas.sections[SECTION].cells]
    x, y = np.quantile(xy[curation.owners_on(SECTION) == identity], 0.4, axis=0).tolist()
    return Stroke("cut", ((x, y - 1.0), (x, y + 1.0)))
