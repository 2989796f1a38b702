"""Annotate: what a curator says of a neighborhood."""

from __future__ import annotations

from typing import Literal

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands.annotation import Annotation
from napari_brain_atlas.model.commands.base import EditModel, NeighborhoodId
from napari_brain_atlas.model.commands.lock import require_unlocked
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import UNASSIGNED


class _OfOne(EditModel):
    """Comes before what is said, in a line as it always was."""

    op: Literal["annotate"] = "annotate"
    neighborhood: NeighborhoodId


class Annotate(Annotation, _OfOne):
    """Say what a neighborhood is. Fields that are not given stay as they are."""

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if it does not exist, is locked, or nothing is said of it."""
        neighborhood = curation.neighborhood(self.neighborhood)
        if neighborhood.id == UNASSIGNED:
            raise CommandError("unassigned cannot be annotated; split cells from it first")
        if not self.said():
            fields = (f for f in Annotation.model_fields if f != "evidence")
            raise CommandError("annotate needs at least one of: " + ", ".join(fields))
        require_unlocked(curation, (neighborhood.id,), "annotate")
        return curation.with_neighborhoods(self.said_of(neighborhood, curation))

    def sentence(self, before: Curation, after: Curation) -> str:
        """Which fields of which neighborhood."""
        old = before.neighborhood(self.neighborhood).name
        said = self.said()
        name = said.pop("name", None)
        renamed = f"Renamed {old!r} to {name!r}" if name is not None and name != old else ""
        told = ", ".join(f"{field.replace('_', ' ')}" for field in said)
        if renamed and told:
            return f"{renamed} and set its {told}"
        return renamed or f"Set the {told or 'name'} of {old!r}"
