"""How each neighborhood stands in animals and on sections, as records of a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.across_animals import Likeness, Profiles, likeness
from napari_brain_atlas.compute.continuity import Continuity, continuity
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.progress import Progress, silent

Report = dict[str, Any]
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Standing:
    """Figures of all neighborhoods of a state, in animals and from section to section."""

    atlas: Atlas
    profiles: Profiles
    likeness: Likeness
    continuity: Continuity

    @classmethod
    def of(
        cls,
        atlas: Atlas,
        owners: NDArray[np.int32],
        profiles: Profiles,
        progress: Progress = silent,
    ) -> Standing:
        """Compare animals by `profiles`, and follow neighborhoods through the sections.

        Parameters
        ----------
        owners : (n_cells,) int32
            In atlas order; 0 is unassigned.
        """
        placed = np.where(owners == UNASSIGNED, -1, owners).astype(np.int32)
        return cls(atlas, profiles, likeness(profiles), continuity(atlas, placed, progress))

    def record(self, identity: int) -> Report:
        """Of one neighborhood; None for what it has not, as unassigned and groups have not."""
        rows = (
            np.searchsorted(self.profiles.ids, identity),
            np.searchsorted(self.continuity.ids, identity),
        )
        ids = self.continuity.ids
        if rows[1] == len(ids) or ids[rows[1]] != identity:
            return {"across_animals": None, "continuity": None}
        return {
            "across_animals": self._across(int(rows[0])),
            "continuity": self._continuity(int(rows[1])),
        }

    def _across(self, i: int) -> Report:
        profiles, found = self.profiles, self.likeness
        cells = zip(self.atlas.animals, profiles.cells[i].tolist(), strict=True)
        return {
            "animals": int(found.n_animals[i]),
            "of_animals": len(self.atlas.animals),
            "cells": {animal: n for animal, n in cells if n},
            "basis": profiles.basis,
            "correlation": _rounded(found.correlation[i]),
            "compared": int(found.n_compared[i]),
            "recognized": int(found.n_recognized[i]),
        }

    def _continuity(self, i: int) -> Report:
        found = self.continuity
        return {
            "sections": int(found.n_sections[i]),
            "gaps": int(found.n_gaps[i]),
            "steps": int(found.n_steps[i]),
            "size_likeness": _rounded(found.size_likeness[i]),
            "steps_placed": int(found.n_placed[i]),
            "steps_as_given": int(found.n_as_given[i]),
            "overlap": _rounded(found.overlap[i]),
            "by_chance": _rounded(found.by_chance[i]),
        }


def standing_notes(rows: Sequence[Report]) -> list[str]:
    """What the columns of the table mean, as far as there is anything in them."""
    steps = [r["continuity"] for r in rows if r["continuity"] and r["continuity"]["steps_placed"]]
    animals = [r["across_animals"] for r in rows if r["across_animals"]]
    notes: list[str] = []
    if steps:
        placed = sum(s["steps_placed"] for s in steps)
        turned = placed - sum(s["steps_as_given"] for s in steps)
        notes += _wrapped(
            "in place: how far it lies in the same place on the next section of the animal "
            "(by chance). For this, sections were laid on each other by the centers of the "
            "neighborhoods that they share, turned, mirrored and shifted but not stretched, in "
            f"{turned:,} of {placed:,} steps, and taken as they lie in the file in the others; "
            "deformed tissue makes it too low. gaps: sections in between without it."
        )
    if any(a["correlation"] is not None for a in animals):
        notes += _wrapped(
            f"alike: correlation of its {animals[0]['basis']} between animals, and in how many "
            "animals it is more like itself in the others than like any other neighborhood."
        )
    return notes


def _wrapped(note: str) -> list[str]:
    return wrap(note, _WIDTH, subsequent_indent="  ")


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
