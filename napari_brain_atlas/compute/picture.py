"""The picture of a section in a view: drawn from all its cells, whatever the zoom.

Where a pixel may hold several cells they are counted, and the most frequent
colour wins, so that dense tissue does not speckle. Where cells are apart each
pixel shows the nearest cell, so that they read as a mosaic, and as discs once
there is room for these. The cost is that of the pixels, and little for a cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.bands import Buffers
from napari_brain_atlas.compute.binning import Bins, bin_cells, mean_rows
from napari_brain_atlas.compute.cell_grid import CellGrid, grid_cells
from napari_brain_atlas.compute.filling import LONGEST, fill_gaps
from napari_brain_atlas.compute.mosaic import nearest_cells
from napari_brain_atlas.compute.painting import Coat, Line, Rgba, Style, Units, paint
from napari_brain_atlas.compute.pixel_codes import Levels, PixelMajorities, majorities_of
from napari_brain_atlas.compute.view import View

CROWDED = 2.5
"""Cells that are closer than this many pixels are counted, not drawn one by one."""
MOSAIC, ALONE = 4.0, 14.0
"""Spacing in pixels up to which cells touch, and from which they have their true size."""
TOUCHING = 1.4
"""Radius in spacings at which cells leave no gap, so that a neighborhood reads as an area."""
SEEN = 3.0
"""Radius in pixels that a disc has at least, where there is room for it."""
DOT = 0.71
"""Half a diagonal of a pixel: however small a disc is, it covers the centre of some pixel."""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """What codes mean, and the colour of each.

    Attributes
    ----------
    of_codes : (n_codes,) int32
    colors : (n_groups, 4) uint8
        RGBA.
    """

    of_codes: NDArray[np.int32]
    colors: Rgba


@dataclass(frozen=True, slots=True, eq=False)
class Ramp:
    """Numbers as colours; where a pixel holds several cells, that of their mean.

    Attributes
    ----------
    of_codes : (n_codes, k) float32
        k numbers, 0 to 1; NaN where missing.
    colors : (n_tables * (n_steps ** k + 1), 4) uint8
        RGBA by step of the first number, then of the next; at the end that of
        what has no number. One table after the other.
    n_steps : int
        Steps from 0 to 1.
    tables : (n_codes,) int32, optional
        Which table a code has its colours from; the first where it is None.
    """

    of_codes: NDArray[np.float32]
    colors: Rgba
    n_steps: int
    tables: NDArray[np.int32] | None = None

    @property
    def n_colors(self) -> int:
        """Size of one table."""
        return int(self.n_steps ** self.of_codes.shape[1]) + 1

    def groups(self, numbers: NDArray[np.float32]) -> NDArray[np.int32]:
        """Rows of the first table for numbers, (n, k)."""
        steps = np.clip(numbers * self.n_steps, 0, self.n_steps - 1)
        missing = np.isnan(steps).any(axis=1)
        steps[missing] = 0
        rows = np.zeros(len(numbers), np.int32)
        for column in steps.astype(np.int32).T:
            rows = rows * self.n_steps + column
        rows[missing] = self.n_colors - 1
        return rows


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A boundary between cells of different groups.

    Attributes
    ----------
    of_codes : (n_codes,) int32
    color : tuple of int
        RGBA, 0 to 255.
    width : int
        In pixels.
    around : bool
        Whether group 0 counts as no cells, so that only the others have a rim.
    """

    of_codes: NDArray[np.int32]
    color: tuple[int, int, int, int]
    width: int
    around: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Coloring:
    """How the cells of one section are coloured.

    Attributes
    ----------
    codes : (n_cells,) int32
        By rank in the section. The same array means the same codes.
    now : Groups or Ramp
    proposed : Groups, optional
        Striped over it; a colour that is transparent leaves what is there.
    outlines : tuple of Outline
    """

    codes: NDArray[np.int32]
    now: Groups | Ramp
    proposed: Groups | None = None
    outlines: tuple[Outline, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """Sizes, in the unit of the coordinates.

    Attributes
    ----------
    disc : float
        Radius of a cell where there is room for it.
    reach : float
        How far from its cells the territory of a neighborhood goes; 0 for none.
    opacity : float
        Of the territory, 0 to 1.
    """

    disc: float
    reach: float = 0.0
    opacity: float = 0.45


class _Shape(NamedTuple):
    """Which unit each pixel shows; `bins` where units are pixels, None where they are cells."""

    nearest: Units
    squares: NDArray[np.float32]
    bins: Bins | None
    margin: int


class Painter:
    """Draws sections one after the other; what a change does not touch is not computed again."""

    def __init__(self) -> None:
        self._buffers = Buffers()
        self._grid: CellGrid | None = None
        self._codes: tuple[NDArray[np.int32], NDArray[np.int32]] | None = None
        self._shape: tuple[tuple[View, Look], _Shape] | None = None
        self._levels: Levels | None = None
        self._pixels: PixelMajorities | None = None

    def draw(self, grid: CellGrid, view: View, coloring: Coloring, look: Look) -> Rgba:
        """Paint a view of a section.

        Returns
        -------
        (height, width, 4) uint8
            RGBA, not premultiplied. Overwritten by the next call.
        """
        if grid is not self._grid:
            self._grid, self._codes, self._shape, self._levels = grid, None, None, None
        codes = self._in_order(grid, coloring.codes)
        if self._shape is None or self._shape[0] != (view, look):
            self._shape = (view, look), self._make(grid, view, look)
        shape = self._shape[1]
        radius = disc_radius(grid.spacing, view.scale, look)
        self._pixels = majorities_of(shape.bins, codes, self._buffers, self._pixels)
        units = _Units(shape, codes, self._buffers, self._pixels)
        if isinstance(coloring.now, Ramp) and shape.bins is not None:
            now = units.means(coloring.now, self._in_levels(coloring.now, codes))
        else:
            now = units.coat(coloring.now, "now")
        then = coloring.proposed
        proposed = units.coat(then, "proposed") if then is not None else None
        lines = tuple(units.line(o, f"line {i}") for i, o in enumerate(coloring.outlines))
        given = shape.nearest, shape.squares, shape.margin, Style(radius, look.opacity)
        return paint(*given, now, proposed, lines, self._buffers)

    def _in_order(self, grid: CellGrid, codes: NDArray[np.int32]) -> NDArray[np.int32]:
        if self._codes is None or self._codes[0] is not codes:
            self._codes = codes, codes[grid.order]
        return self._codes[1]

    def _in_levels(self, ramp: Ramp, codes: NDArray[np.int32]) -> NDArray[np.float32]:
        """Numbers of all cells, in the order of the grid: read one after the other."""
        kept = self._levels
        if kept is None or kept.of_codes is not ramp.of_codes or kept.codes is not codes:
            kept = self._levels = Levels(ramp.of_codes, codes, ramp.of_codes[codes])
        return kept.of_cells

    def _make(self, grid: CellGrid, view: View, look: Look) -> _Shape:
        spacing, reach = grid.spacing * view.scale, look.reach * view.scale
        if spacing >= CROWDED:
            reach = max(reach, disc_radius(grid.spacing, view.scale, look) + 0.5, 1.0)
            return _Shape(*nearest_cells(grid, view, reach, self._buffers), None, 0)
        # Cells that are not a pixel wide leave gaps, by chance.
        reach = min(max(reach, TOUCHING * spacing, 1.0), LONGEST)
        margin = int(reach) + 1
        bins = bin_cells(grid, view.widened(margin), self._buffers)
        return _Shape(*fill_gaps(bins.counts, reach, self._buffers), bins, margin)


class _Units:
    """Groups of the units of a shape; of the same codes they are found once."""

    def __init__(
        self, shape: _Shape, codes: NDArray[np.int32], buffers: Buffers,
        pixels: PixelMajorities | None,
    ) -> None:  # fmt: skip
        self._shape, self._codes, self._buffers = shape, codes, buffers
        self._pixels = pixels
        self._found: list[tuple[NDArray[np.int32], Units]] = []

    def coat(self, given: Groups | Ramp, name: str) -> Coat:
        if isinstance(given, Groups):
            return Coat(self._of(given.of_codes, name), given.colors)
        return Coat(_rows_of_codes(given)[self._codes], given.colors)

    def means(self, given: Ramp, levels: NDArray[np.float32]) -> Coat:
        """Of the numbers of the cells in each pixel, where pixels are the units."""
        assert self._shape.bins is not None
        tables = None if given.tables is None else self._of(given.tables, "tables")
        steps = given.n_steps, given.n_colors
        rows = mean_rows(self._shape.bins, levels, steps, tables, self._buffers)
        return Coat(rows, given.colors)

    def line(self, outline: Outline, name: str) -> Line:
        units = self._of(outline.of_codes, name)
        # Where there is no cell the group is -1.
        return Line(units - 1 if outline.around else units, outline.color, outline.width)

    def _of(self, of_codes: NDArray[np.int32], name: str) -> Units:
        for known, units in self._found:
            if known is of_codes:
                return units
        if self._pixels is not None:
            units = self._pixels.of(of_codes, name)
        else:
            units = np.take(
                of_codes, self._codes, out=self._buffers.take(name, self._codes.shape, np.int32)
            )
        self._found.append((of_codes, units))
        return units


@lru_cache(maxsize=4)
def _rows_of_codes(ramp: Ramp) -> NDArray[np.int32]:
    """Rows of the colours for codes; the same for all frames until the colours change."""
    rows = ramp.groups(ramp.of_codes)
    return rows if ramp.tables is None else rows + ramp.tables * np.int32(ramp.n_colors)


def disc_radius(spacing: float, scale: float, look: Look) -> float:
    """Radius of a cell in pixels: touching while they are small, then of its true size."""
    touching = TOUCHING * spacing * scale
    true = max(look.disc * scale, min(SEEN, 0.4 * spacing * scale))
    room = np.clip((spacing * scale - MOSAIC) / (ALONE - MOSAIC), 0.0, 1.0)
    return float(max(touching + (min(true, touching) - touching) * room, DOT))


def warm() -> None:
    """Compile what drawing needs, so that nothing compiles under the user's hand."""
    grid = grid_cells(np.array([[0, 0], [50, 0], [0, 50]], np.float32))
    one = Groups(np.zeros(1, np.int32), np.zeros((1, 4), np.uint8))
    ramp = Ramp(np.zeros((1, 1), np.float32), np.zeros((2, 4), np.uint8), 1)
    codes = np.zeros(3, np.int32)
    for scale in (0.01, 1.0):
        view = View((scale, 0.0, 1.0, 0.0, scale, 1.0), 64, 64)
        for now in (one, ramp):
            lines = (Outline(one.of_codes, (0, 0, 0, 255), 1),)
            Painter().draw(grid, view, Coloring(codes, now, one, lines), Look(1.0))
    many, codes = grid_cells(np.zeros((99, 2), np.float32)), np.arange(99, dtype=np.int32) % 2
    two = Groups(np.arange(2, dtype=np.int32), np.zeros((2, 4), np.uint8))
    Painter().draw(
        many, View((0.01, 0.0, 0.0, 0.0, 0.01, 0.0), 1, 1), Coloring(codes, two), Look(1.0)
    )
    grid.nearest(0.0, 0.0, 1.0)
