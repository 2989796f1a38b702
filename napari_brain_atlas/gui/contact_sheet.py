"""The contact sheet: all sections of an animal, small, at one scale. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.cell_grid import grid_cells
from napari_brain_atlas.compute.picture import Painter
from napari_brain_atlas.compute.view import View
from napari_brain_atlas.gui.coloring import Tissue, color_section, look_of
from napari_brain_atlas.gui.scene import position_text
from napari_brain_atlas.gui.turning import Turn, Turns
from napari_brain_atlas.model.atlas import Atlas, Section

MARGIN = 3
"""Pixels that stay free around the largest section."""
JOIN_TIP = "Ctrl+click: tools draw on this section, too"
Box = tuple[float, float, float, float]
"""Lowest x and y, highest x and y."""


@dataclass(frozen=True, slots=True)
class SheetItem:
    """One section on a strip.

    Attributes
    ----------
    section : int
        Index of the section.
    name, position : str
        As they are written under it; the position may not be known.
    tip : str
    """

    section: int
    name: str
    position: str
    tip: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The animals whose strips are shown, one under the other.

    Attributes
    ----------
    first : str
    beside : str
        Empty where only one is shown.
    """

    first: str
    beside: str = ""

    def showing(self, animal: str) -> Rows:
        """The same if it shows an animal, else with that one in place of the first."""
        return self if animal in self.animals else replace(self, first=animal)

    def with_beside(self, animal: str) -> Rows:
        """The same with another animal beside the first; with none if empty or the same."""
        return Rows(self.first, "" if animal == self.first else animal)

    @property
    def animals(self) -> tuple[str, ...]:
        """From top to bottom."""
        return (self.first, self.beside) if self.beside else (self.first,)


def items_of(atlas: Atlas, animal: str) -> tuple[SheetItem, ...]:
    """The sections of an animal from front to back, as they are written."""
    items = []
    for section in sections_of(atlas, animal):
        position = position_text(section.position)
        told = [f"section {section.name}", position, f"{section.n_cells:,} cells"]
        tip = f"{' · '.join(filter(None, told))}\n{JOIN_TIP}"
        items.append(SheetItem(section.index, section.name, position, tip))
    return tuple(items)


def sections_of(atlas: Atlas, animal: str) -> tuple[Section, ...]:
    """The sections of an animal from front to back."""
    return tuple(s for s in atlas.sections if s.animal == animal)


def counterpart(atlas: Atlas, section: int, animal: str) -> int:
    """Index of the section of an animal that lies where a section of another one does.

    The nearest position where positions are known, else the same share of the
    way from front to back.
    """
    here, others = atlas.sections[section], sections_of(atlas, animal)
    if here.animal == animal:
        return section
    positions = [s.position for s in others]
    if here.position is not None and None not in positions:
        apart = [abs(p - here.position) for p in positions if p is not None]
        return others[int(np.argmin(apart))].index
    mates = sections_of(atlas, here.animal)
    share = (section - mates[0].index) / max(len(mates) - 1, 1)
    return others[round(share * (len(others) - 1))].index


def scale_of(
    boxes: dict[int, Box], turns: Turns, width: int, height: int, margin: int = MARGIN
) -> float:
    """Pixels per unit at which each section of an animal fits, as it is laid.

    Parameters
    ----------
    boxes : dict of int to tuple of float
        Of the cells of each section, by its index.
    width, height : int
        Of a picture, in pixels.
    """
    room = np.array([width - 2 * margin, height - 2 * margin], np.float64)
    sizes = [turns.of(i).size(b[2] - b[0], b[3] - b[1]) for i, b in boxes.items()]
    largest = np.maximum(np.max(sizes, axis=0), 1e-9)
    return float((room / largest).min())


def frame_of(box: Box, turn: Turn, scale: float, width: int, height: int) -> View:
    """A view with the middle of a section in its middle, laid as it is shown."""
    (a, b), (d, e) = (turn.matrix * scale).tolist()
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    matrix = (a, b, width / 2 - a * x - b * y, d, e, height / 2 - d * x - e * y)
    return View(matrix, height, width)


class SheetPainter:
    """Paints small pictures of sections, from all their cells; keeps none of them.

    Not for two threads at once.

    Parameters
    ----------
    atlas : Atlas
    width, height : int
        Of a picture, in pixels.
    """

    def __init__(self, atlas: Atlas, width: int, height: int) -> None:
        self._atlas = atlas
        self._size = width, height
        self._boxes = cache(self._measure)

    def draw(
        self, tissue: Tissue, turns: Turns, animals: tuple[str, ...] = ()
    ) -> NDArray[np.uint8]:
        """Paint a section.

        Parameters
        ----------
        tissue : Tissue
            What to paint. Lines between neighborhoods are left out, as they would
            hide what is so small, and areas are filled.
        turns : Turns
            How all sections are laid.
        animals : tuple of str
            All their sections are painted at one scale; by default those of its own.

        Returns
        -------
        (height, width, 4) uint8
            RGBA.
        """
        section = self._atlas.sections[tissue.section]
        shown = animals or (section.animal,)
        scale = min(scale_of(self._boxes(animal), turns, *self._size) for animal in shown)
        box, turn = self._boxes(section.animal)[section.index], turns.of(section.index)
        view = frame_of(box, turn, scale, *self._size)
        grid = grid_cells(self._atlas.xy[section.cells])
        look = replace(look_of(self._atlas, tissue, grid.spacing), opacity=1.0)
        coloring = replace(color_section(self._atlas, tissue), outlines=())
        # A painter of its own: what it would keep for the next frame is larger than the picture.
        return Painter().draw(grid, view, coloring, look)

    def scale(self, animal: str, turns: Turns) -> float:
        """Pixels per unit of the sections of an animal."""
        return scale_of(self._boxes(animal), turns, *self._size)

    def _measure(self, animal: str) -> dict[int, Box]:
        found: dict[int, Box] = {}
        for section in sections_of(self._atlas, animal):
            xy = self._atlas.xy[section.cells]
            ends = np.concatenate([xy.min(axis=0), xy.max(axis=0)]) if len(xy) else np.zeros(4)
            found[section.index] = tuple(ends.tolist())
        return found
