"""What all edits share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import UNASSIGNED, FrozenModel, Neighborhood, not_truth

NeighborhoodId = Annotated[int, BeforeValidator(not_truth), Field(ge=0)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class EditModel(FrozenModel):
    """What all commands share."""

    evidence: dict[str, Any] | None = None

    def stored(self, curation: Curation, atlas: Atlas, archive: Archive) -> Any:
        """The same command as it is written: every choice made, large sets in the archive."""
        return self

    def check(self, atlas: Atlas) -> None:
        """Refuse what contradicts the measurements.

        Asked only when a command is given, never when a journal is replayed,
        so that a column removed outside cannot undo a decision.
        """


def require_chosen(curation: Curation, identities: Iterable[int], op: str) -> list[Neighborhood]:
    """The neighborhoods that a command is about, once each.

    Raises
    ------
    CommandError
        If there is none, one does not exist, or one is unassigned.
    """
    chosen = [curation.neighborhood(i) for i in dict.fromkeys(identities)]
    if not chosen:
        raise CommandError(f"{op} needs at least one neighborhood")
    if any(n.id == UNASSIGNED for n in chosen):
        raise CommandError(f"cannot {op} unassigned; it is no neighborhood but what is left over")
    return chosen
