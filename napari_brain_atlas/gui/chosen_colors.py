"""Chosen cells as they are shown: striped with what they would become, a line around. No Qt."""

from __future__ import annotations

import numpy as np

from napari_brain_atlas.compute.picture import Coloring, Groups, Outline
from napari_brain_atlas.gui.cell_colors import paired
from napari_brain_atlas.gui.chosen import Chosen
from napari_brain_atlas.model.atlas import Section
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.palette import hex_to_rgb

AROUND = (255, 221, 51, 255)
AROUND_WIDTH = 2
"""Of the line around chosen cells, in pixels."""


def color_chosen(curation: Curation, section: Section, now: Groups, staged: Chosen) -> Coloring:
    """Codes are pairs of fragment and whether a cell is chosen.

    Parameters
    ----------
    now : Groups
        Neighborhoods by fragment, with their colours as they are shown.
    """
    fragments = curation.partition.sections[section.index].fragments
    first, last = np.searchsorted(staged.cells, [section.start, section.stop])
    chosen = np.zeros(len(fragments), np.int64)
    chosen[staged.cells[first:last] - section.start] = 1
    pairs, codes = paired(fragments, chosen, 2)
    owners, goes = curation.owners[pairs // 2], (pairs % 2).astype(np.int32)
    moves = (goes == 1) & (owners != staged.becomes.id)
    groups = np.where(moves, np.int32(len(now.colors)), owners)
    becomes = np.array([(*hex_to_rgb(staged.becomes.color), 255)], np.uint8)
    proposed = Groups(groups, np.concatenate([now.colors, becomes]))
    around = Outline(goes, AROUND, AROUND_WIDTH, around=True)
    return Coloring(codes, Groups(owners, now.colors), proposed, (around,))
