"""Annotate: what a curator says of a neighborhood."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands.base import EditModel, NeighborhoodId
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.genes import unknown_gene
from napari_brain_atlas.model.neighborhood import (
    UNASSIGNED,
    Certainty,
    Color,
    Name,
    Status,
)

_NOT_SAID = {"op", "neighborhood", "evidence"}


class Annotate(EditModel):
    """Say what a neighborhood is. Fields that are not given stay as they are."""

    op: Literal["annotate"] = "annotate"
    neighborhood: NeighborhoodId
    name: Annotated[Name, Field(min_length=1)] | None = None
    color: Color | None = None
    full_name: str | None = None
    term_id: str | None = None
    term_label: str | None = None
    marker_genes: tuple[str, ...] | None = None
    rationale: str | None = None
    dois: tuple[str, ...] | None = None
    certainty: Certainty | None = None
    notes: str | None = None
    status: Status | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were given, by name."""
        given = self.model_dump(exclude=_NOT_SAID, exclude_none=True)
        return dict(given)

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if the neighborhood does not exist or nothing is said of it."""
        neighborhood = curation.neighborhood(self.neighborhood)
        if neighborhood.id == UNASSIGNED:
            raise CommandError("unassigned cannot be annotated; split cells from it first")
        if not self.changes():
            fields = (f for f in type(self).model_fields if f not in _NOT_SAID)
            raise CommandError("annotate needs at least one of: " + ", ".join(fields))
        return curation.with_neighborhoods(neighborhood.model_copy(update=self.changes()))

    def check(self, atlas: Atlas) -> None:
        """Refuse marker genes that the file does not measure."""
        known = set(atlas.genes) if self.marker_genes else set()
        for gene in self.marker_genes or ():
            if gene not in known:
                raise CommandError(unknown_gene(gene, atlas.genes))

    def sentence(self, before: Curation, after: Curation) -> str:
        """Which fields of which neighborhood."""
        old = before.neighborhood(self.neighborhood).name
        changes = self.changes()
        name = changes.pop("name", None)
        renamed = f"Renamed {old!r} to {name!r}" if name is not None and name != old else ""
        told = ", ".join(f"{field.replace('_', ' ')}" for field in changes)
        if renamed and told:
            return f"{renamed} and set its {told}"
        return renamed or f"Set the {told or 'name'} of {old!r}"
