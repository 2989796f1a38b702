"""Reassign: cells go to another neighborhood."""

from __future__ import annotations

from typing import Literal

import numpy as np

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.cells import CellSet, compact, decode_cells
from napari_brain_atlas.model.commands.base import EditModel, NeighborhoodId
from napari_brain_atlas.model.commands.lock import require_unlocked
from napari_brain_atlas.model.curation import Curation, losing
from napari_brain_atlas.model.wording import count


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
        """How many cells went where."""
        spread = after.partition.spread
        moved = count(int(spread.sizes[-1]), "cell")
        sections = count(spread.n_sections(np.array([len(spread.sizes) - 1])), "section")
        return f"Moved {moved} on {sections} to {after.neighborhood(self.into).name!r}"
