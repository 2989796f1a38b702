"""Whether the parts of a region lie apart or through each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.progress import Progress, silent

TOUCHING = 6
ASKED = 500_000
"""Of more cells than this an even share is asked for its neighbors."""


def compactness(
    atlas: Atlas,
    parts: NDArray[np.int32],
    region_of_part: NDArray[np.int64],
    progress: Progress = silent,
) -> NDArray[np.float64]:
    """How far the parts of each region lie apart on their sections, against chance.

    Of each cell the six nearest cells of the section in any part are looked at, those of
    its own region counted. The share of them in its own part is set against the share
    that parts dealt out at random on this section would have (as Cohen's kappa).

    Parameters
    ----------
    parts : (n_cells,) int32
        Part of each cell; -1 is in none.
    region_of_part : (n_parts,) int64
        0 to n_regions - 1.

    Returns
    -------
    (n_regions,) float64
        1 where parts lie wholly apart, 0 where they are mixed as by chance; NaN where no
        section holds two parts.
    """
    n_regions = int(region_of_part.max(initial=-1)) + 1
    met, chance, asked = np.zeros((3, n_regions))
    step = max(int((parts >= 0).sum()) // ASKED, 1)
    for section in atlas:
        progress("Comparing places", section.start / max(atlas.n_cells, 1))
        own = parts[section.cells]
        there = np.flatnonzero(own >= 0)
        if len(there) > 1:
            xy = atlas.xy[section.cells][there].astype(np.float64)
            same, expected, cells = _compared(xy, own[there], region_of_part, step)
            regions = region_of_part[own[there][cells]]
            met += np.bincount(regions, same, n_regions)
            chance += np.bincount(regions, expected, n_regions)
            asked += np.bincount(regions, minlength=n_regions)
    apart = np.full(n_regions, np.nan)
    return np.asarray(np.divide(met - chance, asked - chance, out=apart, where=asked > chance))


def _compared(
    xy: NDArray[np.float64],
    parts: NDArray[np.int32],
    region_of_part: NDArray[np.int64],
    step: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Share of neighbors in the own part, by chance, and the cells asked, of one section."""
    regions = region_of_part[parts]
    in_part, in_region = np.bincount(parts)[parts], np.bincount(regions)[regions]
    # A part that is alone in its region on this section has nothing to lie apart from.
    cells = np.flatnonzero(in_region > in_part)[::step]
    k = min(TOUCHING + 1, len(xy))
    _, nearest = cKDTree(xy).query(xy[cells], k=k, workers=-1)
    others = nearest != cells[:, None]
    others &= regions[nearest] == regions[cells][:, None]
    count = others.sum(axis=1)
    same = ((parts[nearest] == parts[cells][:, None]) & others).sum(axis=1)
    met = count > 0
    cells = cells[met]
    expected = (in_part[cells] - 1) / (in_region[cells] - 1)
    return same[met] / count[met], expected, cells
