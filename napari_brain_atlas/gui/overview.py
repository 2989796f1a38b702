"""A whole section as a view: what thumbnails, extents and turns are measured by. No Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.cell_grid import CellGrid
from napari_brain_atlas.compute.view import View, whole_view

OVERVIEW = 512
"""Pixels along the longer side of the overview that thumbnail and extent come from."""


def overview_of(grid: CellGrid) -> View:
    """The whole section, with room for the discs of its outermost cells."""
    return whole_view(*grid.extent, grid.spacing, OVERVIEW)


def middle_of(overview: View) -> NDArray[np.float64]:
    """The point that a section is turned about, (x, y) in the unit of the atlas."""
    size = np.array([overview.width, overview.height])
    return np.array(overview.corner) + size / overview.scale / 2
