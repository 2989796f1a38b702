"""In how many animals a neighborhood stands, and how it goes on, in words. No Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.across_animals import ENOUGH_CELLS, stands
from napari_brain_atlas.compute.continuity import ENOUGH_ON_SECTION, gaps_within
from napari_brain_atlas.compute.sums import animal_of_sections
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.wording import count

_TOLD_FROM = 3
"""Between fewer sections of an animal than this there can be no gap."""


def standing_text(atlas: Atlas, counts: NDArray[np.int64]) -> str:
    """``in 4 of 5 animals, 2 gaps``; empty where one animal has one or two sections.

    Parameters
    ----------
    counts : (n_sections,) int64
        Cells of a neighborhood, and of all under it, on each section.

    See Also
    --------
    napari_brain_atlas.compute.continuity : what a gap is, and more that takes longer to tell.
    """
    if not counts.any():
        return ""
    animals = animal_of_sections(atlas)
    per_animal = np.bincount(animals, counts).astype(np.int64)
    words = []
    if len(per_animal) > 1:
        n = int(stands(per_animal[None], ENOUGH_CELLS).sum())
        words.append(f"in {n:,} of {count(len(per_animal), 'animal')}")
    if np.bincount(animals).max() >= _TOLD_FROM:
        stood = stands(counts[None], ENOUGH_ON_SECTION)
        gaps = int(gaps_within(stood, animals)[0])
        words.append(count(gaps, "gap") if gaps else "no gaps")
    return ", ".join(words)
