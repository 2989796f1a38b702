"""Split: cells leave a neighborhood and become new ones."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import model_validator

from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.cells import CellSet, compact, decode_cells
from napari_brain_atlas.model.commands.base import EditModel, NeighborhoodId
from napari_brain_atlas.model.commands.lock import require_unlocked
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import Color, FrozenModel, Name
from napari_brain_atlas.model.separation import child_of, require_separable
from napari_brain_atlas.model.wording import extent, listed


class SplitPart(FrozenModel):
    """Cells that leave a neighborhood, and what they become."""

    cells: CellSet
    name: Name | None = None
    color: Color | None = None


class Split(EditModel):
    """Cells leave a neighborhood and become new ones.

    The part that stays keeps id, name, colour and annotation. Give `cells` for
    one part that leaves, or `parts` for several.
    """

    op: Literal["split"] = "split"
    neighborhood: NeighborhoodId
    cells: CellSet | None = None
    name: Name | None = None
    color: Color | None = None
    parts: tuple[SplitPart, ...] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Split:
        if (self.cells is None) == (self.parts is None):
            raise ValueError("give either cells or parts")
        if self.parts is not None and (self.name or self.color):
            raise ValueError("with parts, give name and color to each part")
        return self

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if a cell is not in the neighborhood, or none would stay."""
        origin = curation.neighborhood(self.neighborhood)
        require_unlocked(curation, (origin.id,), "split")
        cells = [decode_cells(p.cells, atlas, archive) for p in self._parts()]
        leaving = np.sort(np.concatenate(cells)) if cells else np.empty(0, np.int64)
        require_separable(curation, atlas, origin, cells, leaving)
        after, born = curation, []
        for part in self._parts():
            born.append(child_of(origin, after, part.name, part.color))
            after = after.with_neighborhoods(born[-1])
        leaving_to = [(c, child.id) for c, child in zip(cells, born, strict=True)]
        return after.with_parts(leaving_to, atlas)

    def stored(self, curation: Curation, atlas: Atlas, archive: Archive) -> Split:
        """The same with names, colours and compact sets of cells."""
        origin = curation.neighborhood(self.neighborhood)
        parts: list[SplitPart] = []
        state = curation
        for part in self._parts():
            child = child_of(origin, state, part.name, part.color)
            state = state.with_neighborhoods(child)
            cells = compact(part.cells, atlas, archive)
            parts.append(SplitPart(cells=cells, name=child.name, color=child.color))
        if self.parts is None:
            return self.model_copy(update=dict(parts[0]))
        return self.model_copy(update={"parts": tuple(parts)})

    def sentence(self, before: Curation, after: Curation) -> str:
        """What left, and how much of it."""
        origin = before.neighborhood(self.neighborhood).name
        born = sorted(set(after.neighborhoods) - set(before.neighborhoods))
        told = listed(f"{after.neighborhood(i).name!r} ({extent(after, i)})" for i in born)
        return f"Split {told} from {origin!r}"

    def _parts(self) -> tuple[SplitPart, ...]:
        if self.parts is not None:
            return self.parts
        assert self.cells is not None
        return (SplitPart(cells=self.cells, name=self.name, color=self.color),)
