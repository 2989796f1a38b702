"""Rebase: a curation carried over from another file."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands.base import Digest, EditModel
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import FrozenModel, Name
from napari_brain_atlas.model.state import bytes_to_state
from napari_brain_atlas.model.wording import count


class Origin(FrozenModel):
    """The journal that a curation was carried over from."""

    file: Name
    journal: str
    author: Name
    seq: int
    fingerprint: str


class Rebase(EditModel):
    """The state that a journal of another file has led to, for the cells that are here too.

    `lost` cells are only there, `found` cells only here: these are unassigned.
    """

    op: Literal["rebase"] = "rebase"
    blob: Digest
    origin: Origin
    kept: Annotated[int, Field(ge=0)]
    lost: Annotated[int, Field(ge=0)]
    found: Annotated[int, Field(ge=0)]

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises JournalError if the state is missing, damaged or of other cells."""
        carried = bytes_to_state(archive.read(self.blob), atlas)
        return replace(carried, next_id=max(carried.next_id, curation.next_id))

    def sentence(self, before: Curation, after: Curation) -> str:
        """From where, and how many cells are in both files."""
        n = count(len(after.neighborhoods) - 1, "neighborhood")
        return (
            f"Carried over {count(self.origin.seq, 'decision')} of {self.origin.author} from "
            f"{self.origin.file} — {n}, {count(self.kept, 'cell')} kept, {self.lost:,} lost, "
            f"{self.found:,} new"
        )
