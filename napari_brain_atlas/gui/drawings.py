"""The shapes of sections: rasters and search trees, kept for the sections seen last. No Qt."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from napari_brain_atlas.compute.raster import Raster, cell_spacing, rasterize
from napari_brain_atlas.model.atlas import Atlas

KEPT = 8
REACH = 3.0
"""A point farther than this many spacings from every cell lies beside the tissue."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """The shape of one section.

    Attributes
    ----------
    raster : Raster
    tree : cKDTree
        Over all cells of the section.
    spacing : float
        Median spacing of the cells, in the unit of the atlas.
    """

    raster: Raster
    tree: cKDTree
    spacing: float

    def nearest(self, x: float, y: float) -> int | None:
        """Rank within the section of the cell nearest to a point; None beside the tissue."""
        if not self.tree.n or not np.isfinite([x, y]).all():
            return None
        distance, cell = self.tree.query((x, y))
        return int(cell) if distance <= REACH * self.spacing else None


class Drawings:
    """Drawings of an atlas, made when asked for. A cache: dropping it loses nothing."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._kept: OrderedDict[int, Drawing] = OrderedDict()

    def of(self, section: int) -> Drawing:
        """The drawing of a section."""
        drawing = self._kept.pop(section, None) or self._make(section)
        self._kept[section] = drawing
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return drawing

    def _make(self, section: int) -> Drawing:
        xy: NDArray[np.float32] = self._atlas.xy[self._atlas.sections[section].cells]
        # An unbalanced tree is built several times faster and searched as fast here.
        tree = cKDTree(xy, balanced_tree=False, compact_nodes=False)
        spacing = cell_spacing(xy, tree)
        return Drawing(rasterize(xy, spacing), tree, spacing)
