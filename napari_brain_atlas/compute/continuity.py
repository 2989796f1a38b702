"""How a neighborhood goes on from section to section of an animal.

Sections are taken from front to back as the atlas has them. Three things are told, the
first two without laying sections on each other: whether it is missing on a section
between two on which it stands, how its share of the section changes, and how far it
lies in the same place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.across_animals import stands
from napari_brain_atlas.compute.footprints import (
    Footprints,
    bin_side,
    dealt_anew,
    footprints,
    in_common,
)
from napari_brain_atlas.compute.laying import pose_by_landmarks
from napari_brain_atlas.compute.sums import animal_of_sections, ids_and_codes
from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.model.progress import Progress, silent

ENOUGH_ON_SECTION = 5
"""A neighborhood stands on a section where it has so many cells; a small one half its most."""
ENOUGH_TO_PLACE = 20
"""With fewer cells on one of two sections nothing is said of whether they lie alike."""

Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Told:
    """Of each neighborhood: whether it can be told, and how far it lies in the same place."""

    known: NDArray[np.bool_]
    overlap: Shares
    by_chance: Shares
    as_given: bool


@dataclass(frozen=True, slots=True)
class Continuity:
    """How neighborhoods go on; row ``i`` of every array is neighborhood ``ids[i]``.

    Attributes
    ----------
    ids : (n,) int32
    n_sections : (n,) int64
        Sections on which it stands.
    n_gaps : (n,) int64
        Sections on which it does not, between the first and the last of an animal on
        which it does.
    n_steps : (n,) int64
        Pairs of neighboring sections on both of which it stands.
    size_likeness : (n,) float64
        Smaller by larger of its shares of the cells of two neighboring sections, median
        over the steps; NaN without any.
    n_placed : (n,) int64
        Steps over which places were compared.
    overlap : (n,) float64
        How far it lies in the same place on both, mean over those steps: the common part
        of its densities in squares some four cells wide, by what is common when the cells
        of both are dealt out at random, so that 1 is as alike as can be; NaN without any.
    by_chance : (n,) float64
        The same of its cells and of any cells of the next section: what fills the whole
        section overlaps whatever it is.
    n_as_given : (n,) int64
        Steps of these over which sections lay better on each other with the coordinates
        of the file than when turned, mirrored and shifted to bring the centers of common
        neighborhoods together.
    """

    ids: NDArray[np.int32]
    n_sections: NDArray[np.int64]
    n_gaps: NDArray[np.int64]
    n_steps: NDArray[np.int64]
    size_likeness: Shares
    n_placed: NDArray[np.int64]
    overlap: Shares
    by_chance: Shares
    n_as_given: NDArray[np.int64]


def continuity(atlas: Atlas, owner: NDArray[np.int32], progress: Progress = silent) -> Continuity:
    """Follow every neighborhood through the sections of each animal.

    Parameters
    ----------
    owner : (n_cells,) int32
        Neighborhood of each cell in atlas order; cells below 0 are in none.

    Notes
    -----
    Sections are laid on each other as rigid bodies by the neighborhoods that they share:
    three numbers fitted to as many centers as there are common neighborhoods. Where these
    are few, the overlap is somewhat too good; where the tissue is deformed, too bad.
    """
    ids, codes = ids_and_codes(owner)
    counts = _counts(atlas, codes, len(ids))
    stood = stands(counts, ENOUGH_ON_SECTION)
    pairs = list(_neighbors(atlas))
    told = []
    for done, (one, two) in enumerate(pairs):
        progress("Following neighborhoods", done / len(pairs))
        told.append(_Step(atlas, one, two, codes, len(ids)).told())
    progress("Following neighborhoods", 1.0)
    n = len(ids)
    sizes = _size_ratios(atlas, counts, stood, pairs)
    placed = [t.known & stood[:, one.index] & stood[:, two.index]
              for t, (one, two) in zip(told, pairs, strict=True)]  # fmt: skip
    return Continuity(
        ids=ids,
        n_sections=stood.sum(axis=1),
        n_gaps=gaps_within(stood, animal_of_sections(atlas)),
        n_steps=(~np.isnan(sizes)).sum(axis=0),
        size_likeness=_medians(sizes),
        n_placed=_counted(placed, n),
        overlap=_means([t.overlap for t in told], placed, n),
        by_chance=_means([t.by_chance for t in told], placed, n),
        n_as_given=_counted(
            [p for p, t in zip(placed, told, strict=True) if t.as_given], len(ids)
        ),
    )


def _counts(atlas: Atlas, codes: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Cells of each neighborhood on each section, (n, n_sections)."""
    counts = [np.bincount(codes[s.cells], minlength=n + 1)[:n] for s in atlas]
    return np.array(counts, np.int64).reshape(len(atlas.sections), n).T


def _neighbors(atlas: Atlas) -> Iterator[tuple[Section, Section]]:
    return ((a, b) for a, b in pairwise(atlas.sections) if a.animal == b.animal)


def gaps_within(
    stood: NDArray[np.bool_], animal_of_section: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Sections without a neighborhood between two of the same animal with it, (n,).

    Parameters
    ----------
    stood : (n, n_sections) bool
        Where each neighborhood stands; sections from front to back.
    animal_of_section : (n_sections,) int64
    """
    gaps = np.zeros(len(stood), np.int64)
    for animal in np.unique(animal_of_section):
        here = stood[:, animal_of_section == animal]
        begun = np.maximum.accumulate(here, axis=1)
        goes_on = np.maximum.accumulate(here[:, ::-1], axis=1)[:, ::-1]
        gaps += (begun & goes_on & ~here).sum(axis=1)
    return gaps


def _size_ratios(
    atlas: Atlas, counts: NDArray[np.int64], stood: NDArray[np.bool_],
    pairs: list[tuple[Section, Section]],
) -> Shares:  # fmt: skip
    """Smaller by larger share of two neighboring sections, (n_pairs, n); NaN off either."""
    share = counts / np.maximum(np.array([s.n_cells for s in atlas]), 1)
    ratios = np.full((len(pairs), len(counts)), np.nan)
    for row, (one, two) in enumerate(pairs):
        both = stood[:, one.index] & stood[:, two.index]
        a, b = share[both, one.index], share[both, two.index]
        ratios[row, both] = np.minimum(a, b) / np.maximum(a, b)
    return ratios


def _medians(steps: Shares) -> Shares:
    medians = np.full(steps.shape[1], np.nan)
    known = (~np.isnan(steps)).any(axis=0)
    medians[known] = np.nanmedian(steps[:, known], axis=0)
    return medians


def _counted(places: list[NDArray[np.bool_]], n: int) -> NDArray[np.int64]:
    return np.asarray(np.array(places, np.int64).reshape(len(places), n).sum(axis=0))


def _means(values: list[Shares], known: list[NDArray[np.bool_]], n: int) -> Shares:
    total, count = np.zeros(n), np.zeros(n)
    for value, there in zip(values, known, strict=True):
        total += np.where(there, value, 0.0)
        count += there
    return np.asarray(np.divide(total, count, out=np.full(n, np.nan), where=count > 0))


class _Step:
    """From one section to the next."""

    def __init__(
        self, atlas: Atlas, one: Section, two: Section, codes: NDArray[np.int64], n: int
    ) -> None:
        self._here = footprints(atlas, one, codes, n)
        self._there = footprints(atlas, two, codes, n)
        self._fewer = np.minimum(self._here.counts, self._there.counts)

    def told(self) -> _Told:
        known = self._fewer >= ENOUGH_TO_PLACE
        if not known.any():
            none = np.zeros(len(known))
            return _Told(known, none, none, False)
        side = max(bin_side(self._here), bin_side(self._there))
        laid = [self._here, *self._laid_by_landmarks()]
        weights = np.where(known, self._fewer, 0)
        found = [in_common(cells, self._there, side) for cells in laid]
        best = int(np.argmax([common @ weights for common, _ in found]))
        common, by_chance = found[best]
        # Two samples of one density have less than all in common, the fewer cells the less.
        ceiling = np.maximum(in_common(*dealt_anew(laid[best], self._there), side)[0], 1e-9)
        return _Told(
            known,
            np.minimum(common / ceiling, 1.0),
            np.minimum(by_chance / ceiling, 1.0),
            best == 0,
        )

    def _laid_by_landmarks(self) -> Iterator[Footprints]:
        common = np.flatnonzero(self._fewer >= ENOUGH_ON_SECTION)
        pose = pose_by_landmarks(
            self._here.centers()[common],
            self._there.centers()[common],
            self._fewer[common].astype(np.float64),
        )
        if pose is not None:
            yield replace(self._here, xy=np.ascontiguousarray(pose.lay(self._here.xy.T).T))
