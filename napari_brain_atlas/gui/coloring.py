"""The colour of every cell of a section, as it is and as it is proposed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.gui.arranging import with_members
from napari_brain_atlas.gui.view_state import Merging, Suggested
from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import NOBODY, UNASSIGNED
from napari_brain_atlas.model.palette import hex_to_rgb

FADED = 56
"""Opacity, of 255, of what is not selected: it blends into the background, as
grey would say unassigned."""
Rgba = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Tissue:
    """What the canvas paints, before any colour is computed.

    Attributes
    ----------
    curation : Curation
    section : int
        Index of the section.
    selection : tuple of int
        Neighborhoods that keep their colour, and with a group all under it; all
        where it is empty.
    staged : Merging or Suggested or None
        What is striped over the present state.
    """

    curation: Curation
    section: int
    selection: tuple[int, ...] = ()
    staged: Merging | Suggested | None = None

    def looks_like(self, other: Tissue | None) -> bool:
        """Whether both give the same picture, told by identity and so in no time."""
        return (
            other is not None
            and self.curation is other.curation
            and self.section == other.section
            and self.selection == other.selection
            and self.staged is other.staged
        )


def cell_colors(atlas: Atlas, tissue: Tissue) -> tuple[Rgba, Rgba | None]:
    """Colours of the cells of a section.

    Returns
    -------
    colors : (n_cells, 4) uint8
        The selected keep their colour, the others fade.
    proposed : (n_cells, 4) uint8 or None
        Colour of the stripes over it, where something is proposed.
    """
    curation, section, staged = tissue.curation, atlas.sections[tissue.section], tissue.staged
    owners = curation.owners_on(section.index)
    colors = color_table(curation, _lit(tissue))[owners]
    if isinstance(staged, Merging):
        return colors, _merged(curation, owners, colors, staged)
    if isinstance(staged, Suggested):
        return colors, _suggested(section, owners, colors, staged)
    return colors, None


def color_table(curation: Curation, lit: Collection[int] = ()) -> Rgba:
    """RGBA by neighborhood id; those not in `lit` are faded, none where it is empty.

    Returns
    -------
    (max_id + 1, 4) uint8
    """
    table = np.zeros((max(curation.neighborhoods) + 1, 4), np.uint8)
    for identity, neighborhood in curation.neighborhoods.items():
        shown = not lit or identity in lit
        table[identity] = (*hex_to_rgb(neighborhood.color), 255 if shown else FADED)
    return table


def _lit(tissue: Tissue) -> Collection[int]:
    staged = tissue.staged
    if isinstance(staged, Merging):
        return staged.members
    if isinstance(staged, Suggested):
        return staged.scope.neighborhoods
    return with_members(tissue.curation, tissue.selection)


def _merged(curation: Curation, owners: NDArray[np.int32], colors: Rgba, staged: Merging) -> Rgba:
    proposed = colors.copy()
    into = curation.neighborhood(staged.members[0])
    proposed[np.isin(owners, staged.members)] = (*hex_to_rgb(into.color), 255)
    return proposed


def _suggested(
    section: Section, owners: NDArray[np.int32], colors: Rgba, staged: Suggested
) -> Rgba:
    proposal = staged.proposal
    here = _scope_on(proposal.cells, section)
    local = slice(None) if proposal.cells is None else proposal.cells[here] - section.start
    # The last entry is what label -1 finds: unassigned.
    table = [hex_to_rgb(n.color) for n in proposal.neighborhoods] + [hex_to_rgb(NOBODY.color)]
    continued = [n.continues or -1 for n in proposal.neighborhoods] + [UNASSIGNED]
    labels = proposal.labels[here]
    stripes = np.full((len(labels), 4), 255, np.uint8)
    stripes[:, :3] = np.array(table, np.uint8)[labels]
    stays = np.array(continued)[labels] == owners[local]
    stripes[stays] = colors[local][stays]
    proposed = colors.copy()
    proposed[local] = stripes
    return proposed


def _scope_on(cells: NDArray[np.int64] | None, section: Section) -> slice:
    if cells is None:
        return section.cells
    first, last = np.searchsorted(cells, [section.start, section.stop])
    return slice(int(first), int(last))
