"""Dismiss: a suggestion is not made again."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands.base import EditModel
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import Name


class Dismiss(EditModel):
    """A suggestion of the program is turned down.

    `suggestion` is its key, the same each time it is made; `told` what it said.
    """

    op: Literal["dismiss"] = "dismiss"
    suggestion: Annotated[Name, Field(min_length=1, max_length=500)]
    told: Name = ""

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if it was dismissed before."""
        if self.suggestion in curation.dismissed:
            raise CommandError(f"the suggestion {self.suggestion!r} was dismissed already")
        return replace(curation, dismissed=curation.dismissed | {self.suggestion})

    def sentence(self, before: Curation, after: Curation) -> str:
        """What was suggested."""
        return f"Dismissed the suggestion {self.told or self.suggestion!r}"
