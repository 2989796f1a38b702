"""What cells are coloured by in tests, and the colour of each, without the drawing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.picture import Groups, Ramp
from napari_brain_atlas.gui.color_sources import ColorSources
from napari_brain_atlas.gui.coloring import Tissue, color_section
from napari_brain_atlas.gui.colors import ColorBy, Painted
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.workflow.document import Document

Rgba = NDArray[np.uint8]

SECTION = 1


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


def types_of(atlas: Atlas) -> ColorBy:
    assert atlas.cell_type is not None
    return ColorBy("column", (atlas.cell_type,))


MODES = ("types", "gene", "two genes", "three genes", "confidence")


def painted_as(mode: str, document: Document, sources: ColorSources) -> Painted:
    atlas = document.atlas
    n = {"gene": 1, "two genes": 2, "three genes": 3}.get(mode)
    if n is not None:
        return sources.painted(ColorBy("genes", atlas.genes[:n]))
    if mode == "types":
        return sources.painted(types_of(atlas))
    return sources.painted(ColorBy("confidence"))


def with_missing(painted: Painted, cells: NDArray[np.int64]) -> Painted:
    """The same with nothing known of some cells."""
    shown = painted.categories
    assert shown is not None
    codes = shown.codes.copy()
    codes[cells] = -1
    return Painted(painted.by, replace(shown, codes=codes))
