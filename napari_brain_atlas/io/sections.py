"""How cells lie on sections, and sections along the anterior-posterior axis."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from natsort import natsort_keygen
from numpy.typing import NDArray

from napari_brain_atlas.model.atlas import Section

_natural = natsort_keygen()
# "B-0.04", "a01_+0.26", "bregma -1.2": a signed decimal after a mark, so that the
# dash of "ABCA-1.089" is not taken for a sign.
_SIGNED = re.compile(r"(?:^|[_\s]|(?:^|[^A-Za-z])[Bb](?:regma)?[_\s]?)([+-]\d+\.\d+)(?:\s?mm)?$")


Coded = tuple[NDArray[np.int32], tuple[str, ...]]
"""A value per cell in file order: (n_cells,) codes, and the names they stand for."""


@dataclass(frozen=True, slots=True)
class Slices:
    """Which cells are cut together.

    Attributes
    ----------
    codes : (n_cells,) int32
        Slice of each cell in file order, numbered by first appearance.
    names, animals : tuple of str
        By slice.
    """

    codes: NDArray[np.int32]
    names: tuple[str, ...]
    animals: tuple[str, ...]


def group_cells(section: Coded, animal: Coded) -> Slices:
    """Cells of the same section of the same animal lie on one slice.

    Parameters
    ----------
    section, animal : Coded
        No code missing.
    """
    both = animal[0].astype(np.int64) * max(len(section[1]), 1) + section[0]
    # Numbered by first appearance, without sorting the whole brain.
    codes, keys = pd.factorize(both)
    return Slices(
        codes=codes.astype(np.int32),
        names=tuple(section[1][int(k) % len(section[1])] for k in keys),
        animals=tuple(animal[1][int(k) // len(section[1])] for k in keys),
    )


def positions_from_column(
    slices: Slices, values: NDArray[np.float64]
) -> tuple[float | None, ...] | None:
    """Position of each slice from a numeric column, or None if it is not one per slice."""
    n = len(slices.names)
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.fmin.at(low, slices.codes, values)
    np.fmax.at(high, slices.codes, values)
    spread = np.where(np.isfinite(high - low), high - low, 0.0)
    if np.any(spread > 1e-6 * np.maximum(1.0, np.abs(high))) or len(np.unique(high)) < min(n, 2):
        return None
    return tuple(float(value) if np.isfinite(value) else None for value in high)


def positions_from_names(slices: Slices) -> tuple[float | None, ...]:
    """Position of each slice in mm where its name states a bregma level."""
    found = [_SIGNED.search(name) for name in slices.names]
    return tuple(float(match.group(1)) if match else None for match in found)


def arrange(
    slices: Slices, positions: tuple[float | None, ...]
) -> tuple[tuple[Section, ...], NDArray[np.int64]]:
    """Put sections in atlas order: by animal, anterior to posterior, then by name.

    Returns
    -------
    sections : tuple of Section
    file_positions : (n_cells,) int64
        Row in the file of each cell in atlas order.
    """
    order = sorted(range(len(slices.names)), key=lambda i: _place(slices, positions, i))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    file_positions = np.argsort(rank[slices.codes], kind="stable")
    stops = np.cumsum(np.bincount(slices.codes, minlength=len(order))[order])
    starts = [0, *stops[:-1]]
    sections = tuple(
        Section(i, slices.names[s], slices.animals[s], positions[s], int(a), int(b))
        for i, (s, a, b) in enumerate(zip(order, starts, stops, strict=True))
    )
    return sections, file_positions


def _place(slices: Slices, positions: tuple[float | None, ...], i: int) -> tuple[object, ...]:
    position = positions[i]
    # Anterior positions are larger; sections without one come last.
    behind = float("inf") if position is None else -position
    return _natural(slices.animals[i]), behind, _natural(slices.names[i])
