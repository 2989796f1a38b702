"""Merge: neighborhoods become one."""

from __future__ import annotations

from typing import Literal

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands.base import EditModel, NeighborhoodId
from napari_brain_atlas.model.commands.link import require_not_apart
from napari_brain_atlas.model.commands.lock import require_unlocked
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.lineage import children, once
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.wording import extent, names


class Merge(EditModel):
    """Neighborhoods become one, which keeps the id, name, colour and annotation of `into`."""

    op: Literal["merge"] = "merge"
    neighborhoods: tuple[NeighborhoodId, ...]
    into: NeighborhoodId

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if there are fewer than two, or one of them does not exist."""
        members = self._members()
        for identity in members:
            curation.neighborhood(identity)
        if UNASSIGNED in members:
            raise CommandError(
                "unassigned cells cannot be merged; give them to a neighborhood with reassign"
            )
        if len(members) < 2:
            raise CommandError("a merge needs at least two neighborhoods")
        gone = [i for i in members if i != self.into]
        moving = (n.id for n in children(curation.neighborhoods, *gone))
        require_unlocked(curation, (*members, *moving), "merge")
        require_not_apart(curation, members, self.into)
        return curation.without(gone, self.into)

    def sentence(self, before: Curation, after: Curation) -> str:
        """What was merged, with the size of the outcome."""
        name = after.neighborhood(self.into).name
        merged = names(before, self._members())
        return f"Merged {merged} into {name!r} — {extent(after, self.into)}"

    def _members(self) -> tuple[int, ...]:
        return once((*self.neighborhoods, self.into))
