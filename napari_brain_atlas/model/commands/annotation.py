"""What can be said of a neighborhood, for the commands that say it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands.base import EditModel
from napari_brain_atlas.model.commands.group import require_above
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.genes import unknown_gene
from napari_brain_atlas.model.neighborhood import (
    UNASSIGNED,
    Certainty,
    Color,
    Name,
    Neighborhood,
    Status,
    not_truth,
)


class Annotation(EditModel):
    """Fields that are not given stay as they are; an empty one clears, as parent 0 does."""

    name: Annotated[Name, Field(min_length=1)] | None = None
    color: Color | None = None
    full_name: str | None = None
    term_id: str | None = None
    term_label: str | None = None
    marker_genes: tuple[str, ...] | None = None
    rationale: str | None = None
    dois: tuple[str, ...] | None = None
    certainty: Certainty | Literal[""] | None = None
    notes: str | None = None
    status: Status | None = None
    parent: Annotated[int, BeforeValidator(not_truth), Field(ge=0)] | None = None

    def said(self) -> dict[str, Any]:
        """The fields that were given, by name."""
        given = self.model_dump(include=set(Annotation.model_fields), exclude_none=True)
        given.pop("evidence", None)
        return given

    def said_of(self, neighborhood: Neighborhood, curation: Curation) -> Neighborhood:
        """The neighborhood with the fields that were given.

        Raises
        ------
        CommandError
            If it cannot lie under the parent.
        """
        given = self.said()
        if self.certainty == "":
            given["certainty"] = None
        if self.parent is not None:
            given["parent"] = self.parent or None
            if self.parent != UNASSIGNED:
                require_above(curation, self.parent, (neighborhood.id,))
        return neighborhood.model_copy(update=given)

    def check(self, atlas: Atlas) -> None:
        """Refuse marker genes that the file does not measure."""
        known = set(atlas.genes) if self.marker_genes else set()
        for gene in self.marker_genes or ():
            if gene not in known:
                raise CommandError(unknown_gene(gene, atlas.genes))
