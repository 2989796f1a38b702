"""Repartition: a proposal is taken."""

from __future__ import annotations

from typing import Any, Literal

from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands.base import Digest, EditModel
from napari_brain_atlas.model.commands.lock import require_unlocked
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.proposal import bytes_to_proposal
from napari_brain_atlas.model.repartition import changed_though_locked, take_proposal
from napari_brain_atlas.model.wording import count


class Repartition(EditModel):
    """A proposal is taken: the cells in its scope get its neighborhoods."""

    op: Literal["repartition"] = "repartition"
    scope: Any = "all"
    blob: Digest

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises JournalError if the proposal is missing, damaged or of other cells."""
        proposal = bytes_to_proposal(archive.read(self.blob), atlas)
        after = take_proposal(curation, proposal, atlas)
        require_unlocked(curation, changed_though_locked(curation, after), "take the proposal")
        return after

    def sentence(self, before: Curation, after: Curation) -> str:
        """How many neighborhoods there are now."""
        n = len(after.neighborhoods) - 1
        return f"Took a proposal: {count(n, 'neighborhood')} now, {len(before.ids) - 1:,} before"
