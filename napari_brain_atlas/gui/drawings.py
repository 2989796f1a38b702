"""Sections ready to be drawn: their cells in spatial order, kept for those seen last. No Qt."""

from __future__ import annotations

from collections import OrderedDict

from napari_brain_atlas.compute.cell_grid import CellGrid, grid_cells
from napari_brain_atlas.model.atlas import Atlas

KEPT = 8
KEPT_CELLS = 4_000_000
"""More cells than these are kept of the present section only: some 16 bytes each."""
REACH = 3.0
"""A point farther than this many spacings from every cell lies beside the tissue."""


class Drawings:
    """Grids of the sections of an atlas, made when asked for. Dropping one loses nothing."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._kept: OrderedDict[int, CellGrid] = OrderedDict()

    def of(self, section: int) -> CellGrid:
        """The cells of a section, ready to be drawn."""
        grid = self._kept.pop(section, None) or self._make(section)
        self._kept[section] = grid
        while len(self._kept) > 1 and self._too_many():
            self._kept.popitem(last=False)
        return grid

    def nearest(self, section: int, x: float, y: float) -> int | None:
        """Rank within the section of the cell nearest to a point; None beside the tissue."""
        grid = self.of(section)
        return grid.nearest(x, y, REACH * grid.spacing)

    def _make(self, section: int) -> CellGrid:
        return grid_cells(self._atlas.xy[self._atlas.sections[section].cells])

    def _too_many(self) -> bool:
        cells = sum(grid.n_cells for grid in self._kept.values())
        return len(self._kept) > KEPT or cells > KEPT_CELLS
