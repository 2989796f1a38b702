"""Group and Ungroup: a tree of neighborhoods above the partition."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, model_validator

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands.base import EditModel, NeighborhoodId, require_chosen
from napari_brain_atlas.model.commands.lock import require_unlocked
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.lineage import ancestors, children, once
from napari_brain_atlas.model.neighborhood import Color, Name, Neighborhood
from napari_brain_atlas.model.separation import free_color, free_name
from napari_brain_atlas.model.wording import extent, names


class Group(EditModel):
    """Neighborhoods are grouped under one: a new one, or `into`.

    Nothing of the partition changes. A new one lies where its members lay, if
    that was one place, else at the top.
    """

    op: Literal["group"] = "group"
    neighborhoods: tuple[NeighborhoodId, ...]
    into: NeighborhoodId | None = None
    name: Annotated[Name, Field(min_length=1)] | None = None
    color: Color | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Group:
        if self.into is not None and (self.name or self.color):
            raise ValueError("give either into, or name and color of a new one")
        return self

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if one does not exist, is locked, or would lie under itself."""
        members = require_chosen(curation, self.neighborhoods, "group")
        require_unlocked(curation, (n.id for n in members), "group")
        if self.into is None:
            above = _new_group(curation, members, self.name, self.color)
        else:
            above = require_above(curation, self.into, (n.id for n in members))
        moved = (n.model_copy(update={"parent": above.id}) for n in members)
        return curation.with_neighborhoods(above, *moved)

    def stored(self, curation: Curation, atlas: Atlas, archive: Archive) -> Group:
        """The same with name and colour."""
        if self.into is not None:
            return self
        group = _new_group(curation, [], self.name, self.color)
        return self.model_copy(update={"name": group.name, "color": group.color})

    def sentence(self, before: Curation, after: Curation) -> str:
        """What was grouped, with the size of the outcome."""
        grouped = names(before, once(self.neighborhoods))
        above = before.next_id if self.into is None else self.into
        name = after.neighborhood(above).name
        return f"Grouped {grouped} under {name!r} — {extent(after, above)}"


class Ungroup(EditModel):
    """What is grouped under a neighborhood moves up; one without cells of its own is gone."""

    op: Literal["ungroup"] = "ungroup"
    neighborhood: NeighborhoodId

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if nothing is grouped under it, or something is locked."""
        (group,) = require_chosen(curation, (self.neighborhood,), "ungroup")
        members = children(curation.neighborhoods, group.id)
        if not members:
            raise CommandError(f"nothing is grouped under {group.name!r} ({group.id})")
        require_unlocked(curation, (group.id, *(n.id for n in members)), "ungroup")
        if not curation.n_cells(group.id):
            return curation.without((group.id,))
        moved = (n.model_copy(update={"parent": group.parent}) for n in members)
        return curation.with_neighborhoods(*moved)

    def sentence(self, before: Curation, after: Curation) -> str:
        """What is on its own again."""
        members = (n.id for n in children(before.neighborhoods, self.neighborhood))
        group = before.neighborhood(self.neighborhood).name
        return f"Ungrouped {group!r} into {names(before, members)}"


def require_above(curation: Curation, above: int, members: Iterable[int]) -> Neighborhood:
    """The neighborhood that others are to lie under, if it can take them.

    Raises
    ------
    CommandError
        If it does not exist, is locked, or lies under one of them.
    """
    (parent,) = require_chosen(curation, (above,), "group under")
    require_unlocked(curation, (parent.id,), "group under it")
    over = {parent.id, *(n.id for n in ancestors(curation.neighborhoods, parent.id))}
    for member in members:
        if member in over:
            name = curation.neighborhood(member).name
            raise CommandError(
                f"{name!r} ({member}) cannot lie under {parent.name!r} ({parent.id}): "
                + ("it is the same" if member == parent.id else "that lies under it")
            )
    return parent


def _new_group(
    curation: Curation, members: list[Neighborhood], name: str | None, color: str | None
) -> Neighborhood:
    places = {n.parent for n in members}
    return Neighborhood(
        id=curation.next_id,
        name=name or free_name(curation, "group"),
        color=color or free_color(curation),
        parent=places.pop() if len(places) == 1 else None,
    )
