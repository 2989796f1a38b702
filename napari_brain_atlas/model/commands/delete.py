"""Delete: a neighborhood is given up."""

from __future__ import annotations

from typing import Literal

from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands.base import EditModel, NeighborhoodId, require_chosen
from napari_brain_atlas.model.commands.lock import require_unlocked
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.lineage import children, once
from napari_brain_atlas.model.wording import count, names


class Delete(EditModel):
    """Neighborhoods are gone; their cells are unassigned, what was under them moves up."""

    op: Literal["delete"] = "delete"
    neighborhoods: tuple[NeighborhoodId, ...]

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if one does not exist, or it or what is under it is locked."""
        gone = [n.id for n in require_chosen(curation, self.neighborhoods, "delete")]
        moving = (n.id for n in children(curation.neighborhoods, *gone))
        require_unlocked(curation, (*gone, *moving), "delete")
        return curation.without(gone)

    def sentence(self, before: Curation, after: Curation) -> str:
        """What is gone, how many cells are unassigned by it, and what moved up."""
        gone = once(self.neighborhoods)
        cells = count(before.n_cells(*gone), "cell")
        sections = count(before.n_sections(*gone), "section")
        told = f"{cells} on {sections} unassigned" if before.n_cells(*gone) else "no cells"
        moved = [n.id for n in children(before.neighborhoods, *gone) if n.id not in gone]
        if moved:
            told += f"; {names(before, moved)} moved up"
        return f"Deleted {names(before, gone)} — {told}"
