"""Rare domains: small islands planted in larger structures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.datasets.structures import structure_tree

RADIUS = 0.34
"""Radius of an island, mm."""


@dataclass(frozen=True, slots=True)
class Island:
    """A planted domain, in both hemispheres.

    Attributes
    ----------
    code : int
        Its substructure.
    center : tuple of float
        |x|, y and position from bregma, mm.
    reach : float
        How far it goes to the front and the back of its center, mm.
    """

    code: int
    center: tuple[float, float, float]
    reach: float = 0.8


CENTERS = {
    "rareSSp": (3.6, 2.15, -0.9),
    "rareCP": (2.3, 4.2, 0.3),
    "rareLHA": (1.35, 6.2, -1.4),
    "rareMRN": (1.5, 4.0, -3.9),
}


def islands(section_positions: NDArray[np.float64]) -> tuple[Island, ...]:
    """Islands of a brain that is cut at these positions.

    An island reaches at least to the nearest section, so that a brain with few
    sections has it too.
    """
    tree = structure_tree()
    return tuple(
        Island(
            tree.code(acronym),
            center,
            max(0.8, float(np.abs(section_positions - center[2]).min()) + 0.05),
        )
        for acronym, center in CENTERS.items()
    )


def plant(
    codes: NDArray[np.int16],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    ap: float,
    planted: tuple[Island, ...],
) -> None:
    """Paint the islands into the codes of a section, within their host structures."""
    tree = structure_tree()
    for island in planted:
        if abs(ap - island.center[2]) > island.reach:
            continue
        away = np.hypot(np.abs(x) - island.center[0], y - island.center[1])
        near = np.flatnonzero((away < RADIUS) & (codes >= 0))
        host = tree.structure_of[island.code]
        codes[near[tree.structure_of[codes[near]] == host]] = island.code
