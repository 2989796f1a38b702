"""A section as a picture: which cell each pixel shows, and in which colour.

Cells are discs; in crowded pixels the cell with the nearest centre is shown, so
that dense tissue becomes a Voronoi mosaic and does not speckle. Which cell a
pixel shows does not depend on colours, so a merge repaints and never draws anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import cKDTree

NO_CELL = -1
LONG_SIDE = 2000
"""Pixels along the longer side of a section, at most."""
PIXELS_PER_SPACING = 20.0
"""Finer pixels than this would only make the picture larger."""
DISC_RADIUS = 0.9
"""Radius of a cell's disc, in median spacings: neighbors meet, so that a
neighborhood reads as an area and its cells can still be told apart."""
STRIPE_PERIOD = 30
STRIPE_WIDTH = 17
SAMPLED_CELLS = 5000


@dataclass(frozen=True, slots=True)
class Raster:
    """Which cell each pixel shows.

    Attributes
    ----------
    cells : (height, width) int32
        Rank of the cell within its section, -1 where there is none.
    origin : (2,) tuple of float
        Centre of pixel (0, 0), (x, y) in the unit of the atlas.
    pixel : float
        Side of a pixel in the unit of the atlas.
    """

    cells: NDArray[np.int32]
    origin: tuple[float, float]
    pixel: float

    def pixel_of(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the pixel that holds a point."""
        row = round((y - self.origin[1]) / self.pixel)
        return row, round((x - self.origin[0]) / self.pixel)


def cell_spacing(xy: NDArray[np.float32], tree: cKDTree | None = None) -> float:
    """Median distance of a cell to its nearest neighbor.

    Parameters
    ----------
    xy : (n_cells, 2) float32
        Centroids on one section.
    tree : cKDTree, optional
        Over the same cells, where there is one already.
    """
    if len(xy) < 2:
        return 1.0
    tree = cKDTree(xy) if tree is None else tree
    sample = xy[:: max(1, len(xy) // SAMPLED_CELLS)]
    distances = np.asarray(tree.query(sample, k=2)[0])[:, 1]
    apart = distances[distances > 0]
    if not len(apart):
        return 1.0
    return float(np.median(apart))


def rasterize(
    xy: NDArray[np.float32], spacing: float | None = None, *, long_side: int = LONG_SIDE
) -> Raster:
    """Draw the cells of one section as discs.

    Parameters
    ----------
    xy : (n_cells, 2) float32
        Centroids, (x, y).
    spacing : float, optional
        Median spacing of the cells; measured where not given.
    long_side : int
        Pixels along the longer side, at most.
    """
    if not len(xy):
        return Raster(np.full((1, 1), NO_CELL, np.int32), (0.0, 0.0), 1.0)
    spacing = cell_spacing(xy) if spacing is None else spacing
    radius = DISC_RADIUS * spacing
    low = xy.min(axis=0).astype(np.float64) - radius
    extent = xy.max(axis=0).astype(np.float64) + radius - low
    pixel = float(max(extent.max() / (long_side - 1), spacing / PIXELS_PER_SPACING))
    width, height = (np.ceil(extent / pixel).astype(int) + 1).tolist()
    cells = np.full((height, width), NO_CELL, np.int32)
    at = (xy - low) / pixel
    # Half a diagonal: however small a disc is, it covers the centre of some pixel.
    _fill_discs(at.astype(np.float32), np.float32(max(radius / pixel, 0.71)), cells)
    _keep_lonely(np.rint(at).astype(np.int64), cells)
    cells.flags.writeable = False
    return Raster(cells, (float(low[0]), float(low[1])), pixel)


def paint(
    raster: Raster, colors: NDArray[np.uint8], proposed: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Colour a raster; what is proposed is hatched over what is.

    Parameters
    ----------
    colors : (n_cells, 4) uint8
        RGBA of each cell of the section.
    proposed : (n_cells, 4) uint8, optional
        Colour of the diagonal stripes; a cell whose two colours are equal has none.

    Returns
    -------
    (height, width, 4) uint8
        RGBA; transparent where there is no cell.
    """
    height, width = raster.cells.shape
    out = np.zeros((height, width), np.uint32)
    if len(colors):
        stripes = colors if proposed is None else proposed
        _paint(raster.cells, _packed(colors), _packed(stripes), out)
    return out.view(np.uint8).reshape(height, width, 4)


def warm() -> None:
    """Compile what drawing needs, so that nothing compiles under the user's hand."""
    xy = np.array([[0, 0], [1, 1]], np.float32)
    paint(rasterize(xy), np.zeros((2, 4), np.uint8))


def _keep_lonely(pixels: NDArray[np.int64], cells: NDArray[np.int32]) -> None:
    """Give cells that are alone in their pixel, and shown nowhere, that pixel.

    The centre of a small cell's pixel may be nearer to a cell of the next one.
    """
    flat = pixels[:, 1] * cells.shape[1] + pixels[:, 0]
    alone = np.bincount(flat, minlength=cells.size)[flat] == 1
    while True:
        shown = np.zeros(len(pixels), bool)
        shown[cells[cells >= 0]] = True
        lost = np.flatnonzero(alone & ~shown)
        if not len(lost):
            return
        # What it takes from another may leave that one lost: it has a pixel of its own, too.
        cells.reshape(-1)[flat[lost]] = lost


def _packed(colors: NDArray[np.uint8]) -> NDArray[np.uint32]:
    return np.ascontiguousarray(colors).view(np.uint32).ravel()


@njit(cache=True)
def _fill_discs(at, radius, cells):  # type: ignore[no-untyped-def]
    height, width = cells.shape
    nearest = np.full((height, width), np.inf, np.float32)
    limit = radius * radius
    for k in range(len(at)):
        x, y = at[k, 0], at[k, 1]
        for i in range(max(int(np.ceil(y - radius)), 0), min(int(y + radius) + 1, height)):
            for j in range(max(int(np.ceil(x - radius)), 0), min(int(x + radius) + 1, width)):
                distance = (i - y) ** 2 + (j - x) ** 2
                if distance <= limit and distance < nearest[i, j]:
                    nearest[i, j] = distance
                    cells[i, j] = k


@njit(cache=True)
def _paint(cells, colors, stripes, out):  # type: ignore[no-untyped-def]
    height, width = cells.shape
    for i in range(height):
        for j in range(width):
            cell = cells[i, j]
            if cell >= 0:
                on_stripe = (i + j) % STRIPE_PERIOD < STRIPE_WIDTH
                out[i, j] = stripes[cell] if on_stripe else colors[cell]
