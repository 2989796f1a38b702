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
from napari_brain_atlas.model.wording import listed, names

_WORDS = {"dois": "DOIs", "term_id": "term"}
_SHORT = {"color", "term_id", "certainty", "status"}
"""Fields whose value fits into a sentence."""


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
        """Which fields of which neighborhood, and what is said where that is short."""
        old, new = before.neighborhood(self.neighborhood), after.neighborhood(self.neighborhood)
        said = self.said()
        told = []
        if said.pop("name", old.name) != old.name:
            told.append(f"renamed {old.name!r} to {new.name!r}")
        if said.pop("parent", None) is not None:
            where = "to the top" if new.parent is None else f"under {names(after, [new.parent])}"
            told.append(f"moved {'it' if told else repr(old.name)} {where}")
        given = {field: value for field, value in said.items() if value}
        for verb, fields in (("set", given), ("cleared", said.keys() - given)):
            if fields:
                its, of = ("its", "") if told else ("the", f" of {old.name!r}")
                words = listed(_WORDS.get(f, f.replace("_", " ")) for f in said if f in fields)
                told.append(f"{verb} {its} {words}{of}")
        if len(said) == len(given) == 1 and given.keys() <= _SHORT:
            told[-1] += f" to {next(iter(given.values()))}"
        sentence = listed(told) or f"set the name of {old.name!r}"
        return sentence[0].upper() + sentence[1:]
