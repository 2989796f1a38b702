"""The colours of a section, as it is and as it is proposed. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.picture import Coloring, Groups, Look, Outline, Ramp
from napari_brain_atlas.gui.arranging import with_members
from napari_brain_atlas.gui.cell_colors import (
    FADED,
    Coded,
    coded_cells,
    colors_of_codes,
    paired,
)
from napari_brain_atlas.gui.chosen import Chosen
from napari_brain_atlas.gui.chosen_colors import color_chosen
from napari_brain_atlas.gui.colors import NEIGHBORHOODS, USUALLY, Painted, Shading
from napari_brain_atlas.gui.turning import UPRIGHT, Turn
from napari_brain_atlas.gui.view_state import Merging, Showing, Suggested
from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import NOBODY, UNASSIGNED
from napari_brain_atlas.model.palette import hex_to_rgb
from napari_brain_atlas.model.proposal import ProposedNeighborhood

TRUE_RADIUS_UM = 5.0
"""Of the body of a cell, where the unit of the coordinates is known."""
TRUE_RADIUS = 0.4
"""The same in spacings, where it is not."""
PLAIN = Showing()
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
    staged : Merging or Suggested or Chosen or None
        What is striped over the present state.
    showing : Showing
        What is drawn beside the cells.
    turn : Turn
        How the section is laid.
    painted : Painted
        What cells are coloured by.
    shading : Shading
        How numbers become colours.
    """

    curation: Curation
    section: int
    selection: tuple[int, ...] = ()
    staged: Merging | Suggested | Chosen | None = None
    showing: Showing = PLAIN
    turn: Turn = UPRIGHT
    painted: Painted = NEIGHBORHOODS
    shading: Shading = USUALLY

    def looks_like(self, other: Tissue | None) -> bool:
        """Whether both give the same picture, told by identity and so in no time."""
        return (
            other is not None
            and self.curation is other.curation
            and self.section == other.section
            and self.selection == other.selection
            and self.staged is other.staged
            and self.showing == other.showing
            and self.turn == other.turn
            and self.painted is other.painted
            and self.shading == other.shading
        )


def look_of(atlas: Atlas, tissue: Tissue, spacing: float) -> Look:
    """Sizes of cells and territories, in the unit of the atlas.

    Parameters
    ----------
    spacing : float
        Median spacing of the cells of the section.
    """
    known = atlas.unit.name != "px"
    disc = min(TRUE_RADIUS_UM if known else np.inf, TRUE_RADIUS * spacing)
    showing = tissue.showing
    reach = showing.reach if showing.reach is not None else showing.spacings * spacing
    return Look(disc, reach if showing.territories else 0.0, showing.opacity)


def color_section(atlas: Atlas, tissue: Tissue) -> Coloring:
    """What the cells of a section are coloured by.

    The selected keep their colour, the others fade; what is proposed is striped
    over it.
    """
    if tissue.painted.by.kind == "neighborhood" and tissue.painted.reference is None:
        return _with_boundaries(_by_neighborhood(atlas, tissue), tissue)
    return _by_measurement(atlas, tissue)


def _by_neighborhood(atlas: Atlas, tissue: Tissue) -> Coloring:
    curation, staged = tissue.curation, tissue.staged
    section = atlas.sections[tissue.section]
    fragments = curation.partition.sections[section.index].fragments
    now = Groups(curation.owners, color_table(curation, _lit(tissue)))
    if isinstance(staged, Suggested):
        return _suggested(curation, section, fragments, now, staged)
    if isinstance(staged, Chosen):
        return color_chosen(curation, section, now, staged)
    return Coloring(fragments, now, _merged(now, staged) if isinstance(staged, Merging) else None)


def _by_measurement(atlas: Atlas, tissue: Tissue) -> Coloring:
    """Codes are pairs of what the neighborhoods need and of what was measured."""
    plain = _by_neighborhood(atlas, tissue)
    assert isinstance(plain.now, Groups)
    section, painted = atlas.sections[tissue.section], tissue.painted
    part = tissue.curation.partition.sections[section.index]
    coded = coded_cells(painted, section, part, plain.codes)
    owners = np.take(plain.now.of_codes, coded.placed)
    now: Groups | Ramp = Groups(owners, plain.now.colors)
    if painted.by.kind != "neighborhood":
        faded = _faded(tissue)[owners]
        # A fragment that was placed by hand has no confidence, whatever was computed once.
        by_hand = tissue.curation.by_hand
        now = colors_of_codes(painted, tissue.shading, coded, faded, by_hand)
    proposed = plain.proposed and _over(plain, plain.proposed, coded)
    around = (replace(o, of_codes=np.take(o.of_codes, coded.placed)) for o in plain.outlines)
    lines = _lines(tissue, owners, coded.region)
    return Coloring(coded.codes, now, proposed, (*lines, *around))


def _over(plain: Coloring, proposed: Groups, coded: Coded) -> Groups:
    """Stripes only where something changes: beside them the cells keep what they show."""
    assert isinstance(plain.now, Groups)
    groups = np.take(proposed.of_codes, coded.placed)
    stays = groups == np.take(plain.now.of_codes, coded.placed)
    colors = np.concatenate([proposed.colors, np.zeros((1, 4), np.uint8)])
    return Groups(np.where(stays, np.int32(len(proposed.colors)), groups), colors)


def _faded(tissue: Tissue) -> NDArray[np.int32]:
    """1 for neighborhoods that are not lit, (max_id + 1,)."""
    lit = _lit(tissue)
    faded = np.full(max(tissue.curation.neighborhoods) + 1, int(bool(lit)), np.int32)
    faded[list(lit)] = 0
    return faded


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


def _with_boundaries(coloring: Coloring, tissue: Tissue) -> Coloring:
    assert isinstance(coloring.now, Groups)
    lines = _lines(tissue, coloring.now.of_codes, None)
    return replace(coloring, outlines=(*lines, *coloring.outlines)) if lines else coloring


def _lines(
    tissue: Tissue, owners: NDArray[np.int32], regions: NDArray[np.int32] | None
) -> tuple[Outline, ...]:
    """Of the reference below those of the neighborhoods, which are what is worked on."""
    showing, found = tissue.showing, []
    if regions is not None and showing.reference is not None:
        color = (*hex_to_rgb(showing.reference_color), 255)
        found.append(Outline(regions, color, showing.reference_width))
    if showing.boundaries:
        color = (*hex_to_rgb(showing.boundary_color), 255)
        found.append(Outline(owners, color, showing.boundary_width))
    return tuple(found)


def _lit(tissue: Tissue) -> Collection[int]:
    staged = tissue.staged
    if isinstance(staged, Merging):
        return staged.members
    if isinstance(staged, Suggested):
        return staged.scope.neighborhoods
    return with_members(tissue.curation, tissue.selection)


def _merged(now: Groups, staged: Merging) -> Groups:
    goes = np.isin(now.of_codes, staged.members)
    return Groups(np.where(goes, np.int32(staged.members[0]), now.of_codes), now.colors)


def _suggested(
    curation: Curation, section: Section, fragments: NDArray[np.int32], now: Groups,
    staged: Suggested,
) -> Coloring:  # fmt: skip
    """Codes are pairs of fragment and label, since either may change without the other."""
    proposal = staged.proposal
    n_labels = len(proposal.neighborhoods)
    labels = np.full(len(fragments), n_labels + 1, np.int64)
    here = _scope_on(proposal.cells, section)
    local = slice(None) if proposal.cells is None else proposal.cells[here] - section.start
    # Label -1 is unassigned; what is out of scope comes after it and stays.
    labels[local] = np.where(proposal.labels[here] < 0, n_labels, proposal.labels[here])
    pairs, codes = paired(fragments, labels, n_labels + 2)
    owners, label = curation.owners[pairs // (n_labels + 2)], pairs % (n_labels + 2)
    continued = np.array([n.continues or -1 for n in proposal.neighborhoods] + [UNASSIGNED, -1])
    stays = (label == n_labels + 1) | (continued[label] == owners)
    first = len(now.colors)
    groups = np.where(stays, owners, first + label).astype(np.int32)
    colors = np.concatenate([now.colors, _proposed_table(proposal.neighborhoods)])
    return Coloring(codes, Groups(owners.astype(np.int32), now.colors), Groups(groups, colors))


def _proposed_table(neighborhoods: Sequence[ProposedNeighborhood]) -> Rgba:
    table = np.full((len(neighborhoods) + 1, 4), 255, np.uint8)
    colors = [n.color for n in neighborhoods]
    table[:, :3] = [hex_to_rgb(c) for c in (*colors, NOBODY.color)]
    return table


def _scope_on(cells: NDArray[np.int64] | None, section: Section) -> slice:
    if cells is None:
        return section.cells
    first, last = np.searchsorted(cells, [section.start, section.stop])
    return slice(int(first), int(last))
