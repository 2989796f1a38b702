"""What figures show: the present view, or all sections of an animal."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.cell_grid import CellGrid
from napari_brain_atlas.compute.picture import Painter
from napari_brain_atlas.compute.view import View
from napari_brain_atlas.gui.coloring import Tissue, color_section, look_of
from napari_brain_atlas.gui.contact_sheet import SheetPainter, sections_of
from napari_brain_atlas.gui.figure import Figure, Tile
from napari_brain_atlas.gui.legend import Legend
from napari_brain_atlas.gui.scene import title_of
from napari_brain_atlas.gui.turning import Turns
from napari_brain_atlas.model.atlas import Atlas

FINER = 2.0
"""Pixels for each point: a figure is printed finer than a screen shows it."""
SHEET_POINTS = 900
"""Width of all sections of an animal in points."""
SHEET_SHAPE = 0.8
"""Height of the picture of a section by its width."""


def view_figure(
    atlas: Atlas, grid: CellGrid, tissue: Tissue, view: View, legend: Legend
) -> Figure:
    """The section as it is seen now.

    Parameters
    ----------
    grid : CellGrid
        The cells of the section.
    view : View
        Of the section; each pixel is a point of the figure.
    """
    look = look_of(atlas, tissue, grid.spacing)
    picture = Painter().draw(grid, _finer(view), color_section(atlas, tissue), look)
    tile = Tile(picture, title_of(atlas, atlas.sections[tissue.section]))
    return Figure((tile,), 1, FINER, view.scale, atlas.unit.name, legend)


def brain_figure(
    atlas: Atlas, picture: NDArray[np.uint8], scale: float, title: str, legend: Legend
) -> Figure:
    """The whole brain as it is seen now, `FINER` than the canvas.

    Parameters
    ----------
    scale : float
        Pixels of the canvas for each unit, in the middle of the brain.
    """
    tile = Tile(picture, title.replace("\n", " · "))
    return Figure((tile,), 1, FINER, scale, atlas.unit.name, legend)


def sheet_figure(atlas: Atlas, tissue: Tissue, turns: Turns, legend: Legend) -> Figure:
    """All sections of the animal that is shown, at one scale, from front to back."""
    mine = sections_of(atlas, atlas.sections[tissue.section].animal)
    columns = ceil(sqrt(len(mine)))
    points = SHEET_POINTS // columns
    width, height = round(FINER * points), round(FINER * SHEET_SHAPE * points)
    painter = SheetPainter(atlas, width, height)
    tiles = tuple(Tile(_drawn(painter, tissue, s.index, turns), title_of(atlas, s)) for s in mine)
    scale = painter.scale(mine[0].animal, turns) / FINER
    return Figure(tiles, columns, FINER, scale, atlas.unit.name, legend)


def _drawn(painter: SheetPainter, tissue: Tissue, section: int, turns: Turns) -> NDArray[np.uint8]:
    return painter.draw(replace(tissue, section=section), turns)


def _finer(view: View) -> View:
    a, b, c, d, e, f = (FINER * v for v in view.matrix)
    return View((a, b, c, d, e, f), round(FINER * view.height), round(FINER * view.width))
