"""The colour of every cell of a section, without the drawing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.picture import Groups, Ramp
from napari_brain_atlas.gui.coloring import Tissue, color_section
from napari_brain_atlas.model.atlas import Atlas

Rgba = NDArray[np.uint8]


def cell_colors(atlas: Atlas, tissue: Tissue) -> tuple[Rgba, Rgba | None]:
    """RGBA of every cell, (n_cells, 4), as it is and as it is proposed."""
    coloring = color_section(atlas, tissue)
    now, then = coloring.now, coloring.proposed
    shown = now.colors[_rows(now)[coloring.codes]]
    if then is None:
        return shown, None
    proposed = then.colors[then.of_codes[coloring.codes]]
    return shown, np.where(proposed[:, 3:] > 0, proposed, shown)


def _rows(now: Groups | Ramp) -> NDArray[np.int32]:
    if isinstance(now, Groups):
        return now.of_codes
    rows = now.groups(now.of_codes)
    return rows if now.tables is None else rows + now.tables * np.int32(now.n_colors)
