"""The cells that stand for a brain, coloured as those of any section are. No Qt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.picture import Groups, Ramp
from napari_brain_atlas.gui.brain import Brain
from napari_brain_atlas.gui.chosen import Chosen
from napari_brain_atlas.gui.coloring import Tissue, color_section
from napari_brain_atlas.gui.colors import NEIGHBORHOODS, Categories, Painted
from napari_brain_atlas.gui.turning import UPRIGHT
from napari_brain_atlas.gui.view_state import Merging, Suggested
from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.partition import Partition, SectionPartition

Rgba = NDArray[np.uint8]
Staged = Merging | Suggested | Chosen | None


class DrawnCells:
    """The drawn cells of a brain as one section of a small atlas.

    So every way of colouring that a section has is theirs too, and no colour
    costs more than looking up as many cells as are drawn, however many there
    are. What is looked up is kept until it changes: after a merge no cell is.

    Parameters
    ----------
    atlas : Atlas
    brain : Brain
    """

    def __init__(self, atlas: Atlas, brain: Brain) -> None:
        cells = brain.thinned.cells
        self._brain, self._cells = brain, cells
        section = Section(0, brain.animal, brain.animal, None, 0, len(cells))
        self._atlas = Atlas(
            (section,), np.ascontiguousarray(atlas.xy[cells]), np.arange(len(cells)), atlas.unit,
            atlas.fingerprint, atlas.measurements, atlas.cell_type,
        )  # fmt: skip
        self._starts = [s.start for s in atlas.sections]
        self._seen: tuple[SectionPartition, ...] = ()
        self._part: SectionPartition | None = None
        self._painted: tuple[Painted, Painted] = (NEIGHBORHOODS, NEIGHBORHOODS)
        self._staged: tuple[Staged, Staged] = (None, None)

    def colors(self, tissue: Tissue) -> tuple[Rgba, Rgba | None]:
        """Colours of the drawn cells, and of what is proposed for them.

        Returns
        -------
        now : (n, 4) uint8
            RGBA.
        proposed : (n, 4) uint8 or None
            A colour that is transparent leaves what is there.
        """
        coloring = color_section(self._atlas, self._small(tissue))
        now, then, codes = coloring.now, coloring.proposed, coloring.codes
        proposed = None if then is None else _looked_up(then, codes)
        return _looked_up(now, codes), proposed

    def _small(self, tissue: Tissue) -> Tissue:
        partition = Partition((self._of(tissue.curation),), tissue.curation.partition.n_fragments)
        if self._painted[0] is not tissue.painted:
            self._painted = tissue.painted, self._thin_painted(tissue.painted)
        if self._staged[0] is not tissue.staged:
            self._staged = tissue.staged, self._thin_staged(tissue.staged)
        return replace(
            tissue, curation=replace(tissue.curation, partition=partition), section=0,
            turn=UPRIGHT, painted=self._painted[1], staged=self._staged[1],
        )  # fmt: skip

    def _of(self, curation: Curation) -> SectionPartition:
        """Fragment and confidence of the drawn cells; of sections that changed they are read."""
        first, brain = self._brain.first, self._brain
        now = curation.partition.sections[first : first + len(brain.sheets)]
        changed = [i for i, part in enumerate(now) if not self._seen or part is not self._seen[i]]
        if self._part is not None and not changed:
            return self._part
        n = len(self._cells)
        if self._part is None:
            fragments, confidence = np.zeros(n, np.int32), np.zeros(n, np.uint8)
        else:
            fragments, confidence = self._part.fragments.copy(), self._part.confidence.copy()
        for i in changed:
            mine = brain.thinned.within(i)
            ranks = self._cells[mine] - self._starts[first + i]
            fragments[mine] = now[i].fragments[ranks]
            confidence[mine] = now[i].confidence[ranks]
        self._seen, self._part = now, SectionPartition.of(fragments, confidence)
        return self._part

    def _thin_painted(self, painted: Painted) -> Painted:
        if painted is NEIGHBORHOODS:
            return painted
        cells = self._cells
        # No lines are drawn between cells in space.
        numbers = tuple(replace(n, codes=n.codes[cells]) for n in painted.numbers)
        return Painted(painted.by, _thin_categories(painted.categories, cells), numbers)

    def _thin_staged(self, staged: Staged) -> Staged:
        cells = self._cells
        if isinstance(staged, Chosen):
            here = np.isin(cells, staged.cells, assume_unique=True)
            return replace(staged, cells=np.flatnonzero(here))
        if not isinstance(staged, Suggested):
            return staged
        proposal = staged.proposal
        if proposal.cells is None:
            rows = cells
        else:
            at = np.minimum(np.searchsorted(proposal.cells, cells), len(proposal.cells) - 1)
            there = proposal.cells[at] == cells
            rows, cells = at[there], np.flatnonzero(there)
        thin = replace(
            proposal, labels=proposal.labels[rows], confidence=proposal.confidence[rows],
            cells=None if proposal.cells is None else cells,
        )  # fmt: skip
        return replace(staged, proposal=thin)


def _thin_categories(shown: Categories | None, cells: NDArray[np.int64]) -> Categories | None:
    return shown and replace(shown, codes=shown.codes[cells])


def _looked_up(given: Groups | Ramp, codes: NDArray[np.int32]) -> Rgba:
    """Colour of each cell, (n, 4)."""
    if isinstance(given, Groups):
        rows = given.of_codes
    else:
        rows = given.groups(given.of_codes)
        if given.tables is not None:
            rows = rows + given.tables * np.int32(given.n_colors)
    found: Rgba = np.ascontiguousarray(given.colors)[rows[codes]]
    return found
