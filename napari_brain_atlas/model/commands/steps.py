"""Undo and Redo: the journal only grows."""

from __future__ import annotations

from typing import Literal

from napari_brain_atlas.model.neighborhood import FrozenModel


class Undo(FrozenModel):
    """Take back the last command that is not yet undone."""

    op: Literal["undo"] = "undo"


class Redo(FrozenModel):
    """Do again what was undone last."""

    op: Literal["redo"] = "redo"
