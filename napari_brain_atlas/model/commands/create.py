"""Create: a new neighborhood, empty or of given cells."""

from __future__ import annotations

from typing import Any, Literal

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.cells import CellSet, compact, decode_cells
from napari_brain_atlas.model.commands.annotation import Annotation
from napari_brain_atlas.model.commands.lock import require_unlocked
from napari_brain_atlas.model.curation import Curation, losing
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.separation import free_color, free_name
from napari_brain_atlas.model.wording import extent


class Create(Annotation):
    """A new neighborhood, of the given cells wherever they are now, or empty."""

    op: Literal["create"] = "create"
    cells: CellSet | None = None

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if cells are of a locked neighborhood, or the parent is none."""
        made = Neighborhood(
            id=curation.next_id,
            name=self.name or free_name(curation, "new"),
            color=self.color or free_color(curation),
        )
        after = curation.with_neighborhoods(self.said_of(made, curation))
        if self.cells is None:
            return after
        cells = decode_cells(self.cells, atlas, archive)
        if not len(cells):
            raise CommandError("create needs at least one cell, or no cells at all")
        require_unlocked(curation, losing(curation, cells, atlas), "move cells")
        return after.with_cells(cells, made.id, atlas)

    def stored(self, curation: Curation, atlas: Atlas, archive: Archive) -> Create:
        """The same with name, colour and a compact set of cells."""
        given: dict[str, Any] = {
            "name": self.name or free_name(curation, "new"),
            "color": self.color or free_color(curation),
        }
        if self.cells is not None:
            given["cells"] = compact(self.cells, atlas, archive)
        return self.model_copy(update=given)

    def sentence(self, before: Curation, after: Curation) -> str:
        """What was made, and how large it is."""
        made = after.neighborhood(before.next_id)
        size = "no cells yet" if self.cells is None else extent(after, made.id)
        return f"Created {made.name!r} — {size}"
