"""Reassign: cells go to another neighborhood."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import numpy as np

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.cells import CellSet, compact, decode_cells
from napari_brain_atlas.model.commands.base import EditModel, NeighborhoodId
from napari_brain_atlas.model.commands.lock import require_unlocked
from napari_brain_atlas.model.curation import Curation, losing
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.wording import count, names


class Reassign(EditModel):
    """Cells go to another neighborhood; 0 makes them unassigned."""

    op: Literal["reassign"] = "reassign"
    cells: CellSet
    into: NeighborhoodId

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if the neighborhood does not exist or there are no cells."""
        curation.neighborhood(self.into)
        cells = decode_cells(self.cells, atlas, archive)
        if not len(cells):
            raise CommandError("reassign needs at least one cell")
        require_unlocked(curation, (self.into, *losing(curation, cells, atlas)), "move cells")
        return curation.with_cells(cells, self.into, atlas)

    def stored(self, curation: Curation, atlas: Atlas, archive: Archive) -> Reassign:
        """The same with a compact set of cells."""
        return self.model_copy(update={"cells": compact(self.cells, atlas, archive)})

    def sentence(self, before: Curation, after: Curation) -> str:
        """How many cells went from where to where; those that were there are not counted."""
        moved = {i: n for i, n in _moved(before, after).items() if i != self.into}
        into = names(after, [self.into])
        if not moved:
            return f"Placed {_size(_moved(before, after))} in {into} by hand"
        told = names(before, sorted(moved))
        if self.into == UNASSIGNED:
            return f"Unassigned {_size(moved)} of {told}"
        return f"Moved {_size(moved)} from {told} to {into}"


_Moved = dict[int, Counter[int]]


def _moved(before: Curation, after: Curation) -> _Moved:
    """How many cells each neighborhood gave up on which section."""
    moved: _Moved = {}
    stayed = np.zeros(after.partition.n_fragments, np.int64)
    for index, one in enumerate(before.partition.sections):
        two = after.partition.sections[index]
        if one is not two:
            stayed[two.present] = two.counts
            lost = one.counts - stayed[one.present]
            stayed[two.present] = 0
            for fragment, n in zip(one.present[lost > 0], lost[lost > 0].tolist(), strict=True):
                moved.setdefault(int(before.owners[fragment]), Counter())[index] += n
    return moved


def _size(moved: _Moved) -> str:
    cells = count(sum(n.total() for n in moved.values()), "cell")
    return f"{cells} on {count(len(set().union(*moved.values())), 'section')}"
