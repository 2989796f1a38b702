"""Steps through the history: the journal only grows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from napari_brain_atlas.model.neighborhood import FrozenModel, Name, not_truth


class Undo(FrozenModel):
    """Take back the last command that is not yet undone."""

    op: Literal["undo"] = "undo"


class Redo(FrozenModel):
    """Do again what was undone last."""

    op: Literal["redo"] = "redo"


class Snapshot(FrozenModel):
    """Give the present state a name, by which it can be compared and restored."""

    op: Literal["snapshot"] = "snapshot"
    name: Annotated[Name, Field(min_length=1, max_length=200)]
    evidence: dict[str, Any] | None = None


class Restore(FrozenModel):
    """Bring an older state back, as a new step: a snapshot, or the state after a decision.

    Decision 0 is the base.
    """

    op: Literal["restore"] = "restore"
    snapshot: str | None = None
    seq: Annotated[int, BeforeValidator(not_truth), Field(ge=0)] | None = None
    evidence: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Restore:
        if (self.snapshot is None) == (self.seq is None):
            raise ValueError("give either snapshot or seq")
        return self
