"""From what was measured of the cells of a section to their colours. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.picture import Groups, Ramp
from napari_brain_atlas.gui.color_maps import (
    BLEND_STEPS,
    MISSING,
    STEPS,
    blend_colors,
    map_colors,
)
from napari_brain_atlas.gui.colors import Painted, Shading
from napari_brain_atlas.model.atlas import Section
from napari_brain_atlas.model.neighborhood import NOBODY
from napari_brain_atlas.model.palette import hex_to_rgb
from napari_brain_atlas.model.partition import UNKNOWN_CONFIDENCE, SectionPartition

FADED = 72
"""Opacity, of 255, of what is not selected: it blends into the background, as
grey would say unassigned."""
_CONFIDENCES = 256
Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """The cells of a section in codes, and what each code stands for.

    Attributes
    ----------
    codes : (n_cells,) int32
        By rank in the section.
    placed : (n_codes,) int32
        What the neighborhoods are told by: a fragment, or its pair with a proposal.
    fragments : (n_codes,) int32
    measured : tuple of (n_codes,) int32
        Category + 1, level of each number, or confidence as stored.
    region : (n_codes,) int32 or None
        Category of the reference + 1, where its boundaries are drawn.
    """

    codes: Codes
    placed: Codes
    fragments: Codes
    measured: tuple[Codes, ...]
    region: Codes | None


def coded_cells(
    painted: Painted, section: Section, part: SectionPartition, placed: Codes
) -> Coded:
    """Pair what the neighborhoods need with what was measured; kept with `painted`.

    Parameters
    ----------
    placed : (n_cells,) int32
        Fragments, or their pairs with a proposal.
    """
    made = painted.codes.get(
        # Arrays are told apart by identity: the partition, and codes of it that are kept too.
        (section.index, id(placed)),
        lambda: (placed, _code_cells(painted, section, part, placed)),
        lambda value: _size(value[1]),
    )
    coded: Coded = made[1]
    return coded


def colors_of_codes(
    painted: Painted,
    shading: Shading,
    coded: Coded,
    faded: Codes,
    by_hand: NDArray[np.bool_],
) -> Groups | Ramp:
    """Colours of codes.

    Parameters
    ----------
    faded : (n_codes,) int32
        1 where a code is not lit.
    by_hand : (n_fragments,) bool
        What has no confidence.
    """
    if painted.categories is not None:
        return _of_categories(painted.categories.colors, coded.measured[0], faded)
    if painted.by.kind == "confidence":
        shares = np.where(
            (coded.measured[0] == UNKNOWN_CONFIDENCE) | by_hand[coded.fragments],
            np.nan,
            coded.measured[0] / 254,
        )[:, None]
        return _ramp(shares.astype(np.float32), map_colors(shading.map), STEPS, faded)
    found = [
        numbers.share(limits)[levels]
        for numbers, limits, levels in zip(
            painted.numbers, shading.limits, coded.measured, strict=False
        )
    ]
    if len(found) == 1:
        return _ramp(found[0][:, None], map_colors(shading.map), STEPS, faded)
    steps = BLEND_STEPS[len(found)]
    return _ramp(np.stack(found, axis=1), blend_colors(len(found)), steps, faded)


def paired(
    first: NDArray[np.int32], second: NDArray[np.int64], n_second: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The pairs that there are, as one number each, and the rank of each cell's among them."""
    keys = first.astype(np.int64) * n_second + second
    size = int(keys.max(initial=-1)) + 1
    if size > 16 * len(keys) + 65_536:
        pairs, codes = np.unique(keys, return_inverse=True)
        return pairs, codes.astype(np.int32)
    there = np.zeros(size, bool)
    there[keys] = True
    pairs = np.flatnonzero(there)
    rank = np.zeros(size, np.int32)
    rank[pairs] = np.arange(len(pairs), dtype=np.int32)
    return pairs, rank[keys]


def _code_cells(
    painted: Painted, section: Section, part: SectionPartition, placed: Codes
) -> Coded:
    columns = _measured(painted, section, part)
    regions = painted.reference
    if regions is not None:
        columns.append((regions.codes[section.cells] + 1, len(regions.names) + 1))
    codes, found = placed, [np.arange(int(placed.max(initial=-1)) + 1)]
    for values, n in columns:
        pairs, codes = paired(codes, values.astype(np.int64), n)
        found = [*(known[pairs // n] for known in found), pairs % n]
    placed_of, *measured = (f.astype(np.int32) for f in found)
    # What neighborhoods are told by is never shared by two fragments.
    fragments = np.zeros(len(found[0]) and int(placed_of.max()) + 1, np.int32)
    fragments[placed] = part.fragments
    region = measured.pop() if regions is not None else None
    return Coded(codes, placed_of, fragments[placed_of], tuple(measured), region)


def _measured(
    painted: Painted, section: Section, part: SectionPartition
) -> list[tuple[NDArray[Any], int]]:
    """What is measured of each cell, and one more than the largest of it."""
    if painted.by.kind == "confidence":
        return [(np.asarray(part.confidence), _CONFIDENCES)]
    if painted.categories is not None:
        shown = painted.categories
        return [(shown.codes[section.cells] + 1, len(shown.names) + 1)]
    return [(n.codes[section.cells], len(n.levels)) for n in painted.numbers]


def _of_categories(colors: tuple[str, ...], category: Codes, faded: Codes) -> Groups:
    """Missing comes first; the faded colours come after the lit ones."""
    table = np.full((2, len(colors) + 1, 4), 255, np.uint8)
    table[:, :, :3] = [hex_to_rgb(c) for c in (NOBODY.color, *colors)]
    table[1, :, 3] = FADED
    groups = category + faded * np.int32(len(colors) + 1)
    return Groups(groups.astype(np.int32), table.reshape(-1, 4))


def _ramp(
    shares: NDArray[np.float32], colors: NDArray[np.uint8], steps: int, faded: Codes
) -> Ramp:
    table = np.full((2, len(colors) + 1, 4), 255, np.uint8)
    table[:, :-1, :3] = colors
    table[:, -1, :3] = hex_to_rgb(MISSING)
    table[1, :, 3] = FADED
    return Ramp(shares, table.reshape(-1, 4), steps, faded.astype(np.int32))


def _size(coded: Coded) -> int:
    return coded.codes.nbytes * 2 + coded.placed.nbytes * (3 + len(coded.measured))
