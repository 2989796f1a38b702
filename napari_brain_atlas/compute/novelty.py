"""What neighborhoods say that a reference does not: regions divided, and borders crossed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.across_animals import ENOUGH_CELLS, stands
from napari_brain_atlas.compute.contingency import Contingency
from napari_brain_atlas.model.neighborhood import UNASSIGNED

UNCHARTED = 0
"""Stands for "no region" in the table, as `UNASSIGNED` does for "no neighborhood"."""


@dataclass(frozen=True, slots=True)
class NoveltyParameters:
    """What counts as lying in a region.

    Attributes
    ----------
    mostly : float
        A neighborhood divides a region when at least this share of its cells lies inside;
        above one half, so that it divides one region only.
    substantial : float
        A neighborhood crosses a border when at least two regions hold this share of it.
    enough : int
        Parts of fewer cells are chance; so many are enough in one animal.
    """

    mostly: float = 0.7
    substantial: float = 0.2
    enough: int = ENOUGH_CELLS


USUAL = NoveltyParameters()


@dataclass(frozen=True, slots=True)
class Part:
    """A neighborhood within a region.

    Attributes
    ----------
    neighborhood : int
    cells : int
        Its cells in the region.
    share_of_region : float
        Of the cells of the region, those it holds.
    share_inside : float
        Of its own cells, those in the region.
    animals, sections : int
        In how many animals it stands within the region, and on how many sections it has
        cells there.
    """

    neighborhood: int
    cells: int
    share_of_region: float
    share_inside: float
    animals: int
    sections: int


@dataclass(frozen=True, slots=True)
class Subdivision:
    """A region that holds at least two neighborhoods, each lying mostly inside it.

    Attributes
    ----------
    region : int
        Code in the table.
    cells : int
    parts : tuple of Part
        The largest first.
    divided : float
        Share of the region's cells in any of the parts.
    bits : float
        Information that the parts add to the region: the entropy of their sizes. One bit
        is what two equal halves add.
    in_all_animals : int
        Parts that stand in every animal.
    """

    region: int
    cells: int
    parts: tuple[Part, ...]
    divided: float
    bits: float
    in_all_animals: int


@dataclass(frozen=True, slots=True)
class Crossing:
    """A neighborhood with a substantial share in each of several regions.

    Attributes
    ----------
    neighborhood, cells : int
    parts : tuple of (int, int, float)
        Region, cells and share of the neighborhood; the largest first, only substantial ones.
    bits : float
        Entropy of its cells over all regions.
    animals : int
        Animals in which it stands in each of these regions.
    """

    neighborhood: int
    cells: int
    parts: tuple[tuple[int, int, float], ...]
    bits: float
    animals: int


@dataclass(frozen=True, slots=True)
class Novelty:
    """All that differs from a reference.

    Attributes
    ----------
    subdivisions : tuple of Subdivision
        The most informative first: bits times cells.
    crossings : tuple of Crossing
        Those with the most cells outside their main region first.
    uncharted : tuple of Part
        Neighborhoods that lie mostly where the reference has no region, the largest first.
    n_regions, n_neighborhoods : int
        With cells.
    n_matching : int
        Neighborhoods that lie mostly inside a region and hold most of it.
    bits : float
        Information that neighborhoods add to the reference, mean over the cells that have
        both: H(neighborhood | region).
    """

    subdivisions: tuple[Subdivision, ...]
    crossings: tuple[Crossing, ...]
    uncharted: tuple[Part, ...]
    n_regions: int
    n_neighborhoods: int
    n_matching: int
    bits: float


def novelty(
    table: Contingency,
    animal_of_section: NDArray[np.int64],
    parameters: NoveltyParameters = USUAL,
) -> Novelty:
    """Set neighborhoods against the regions of a reference.

    Parameters
    ----------
    table : Contingency
        Region codes before, 0 where there is none; neighborhoods after.
    animal_of_section : (n_sections,) int64
        0 to n_animals - 1.
    """
    return _Comparing(table, animal_of_section, parameters).told()


class _Comparing:
    """One comparison: cells of regions × neighborhoods × animals, in arrays."""

    def __init__(
        self, table: Contingency, animal_of_section: NDArray[np.int64], how: NoveltyParameters
    ) -> None:
        self._how = how
        starts = table.starts
        self.regions = table.before[starts[:-1]]
        self.neighborhoods = table.after[starts[:-1]]
        pair = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        self.sections = np.diff(starts)
        n_animals = int(animal_of_section.max(initial=-1)) + 1
        by_animal = np.zeros((len(starts) - 1, n_animals), np.int64)
        np.add.at(by_animal, (pair, animal_of_section[table.sections]), table.counts)
        self.cells = by_animal.sum(axis=1)
        self.stood = stands(by_animal, how.enough)
        self.of_region = _totals(self.regions, self.cells)
        self.of_neighborhood = _totals(self.neighborhoods, self.cells)

    def told(self) -> Novelty:
        named = self.neighborhoods != UNASSIGNED
        charted = named & (self.regions != UNCHARTED)
        inside = self.cells / np.maximum(self.of_neighborhood, 1)
        mostly = named & (inside >= self._how.mostly) & (self.cells >= self._how.enough)
        matching = mostly & charted & (self.cells >= self._how.mostly * self.of_region)
        return Novelty(
            subdivisions=self._subdivisions(np.flatnonzero(mostly & charted)),
            crossings=self._crossings(charted),
            uncharted=self._parts(np.flatnonzero(mostly & ~charted)),
            n_regions=len(np.unique(self.regions[self.regions != UNCHARTED])),
            n_neighborhoods=len(np.unique(self.neighborhoods[named])),
            n_matching=int(matching.sum()),
            bits=self._bits(charted),
        )

    def _subdivisions(self, rows: NDArray[np.intp]) -> tuple[Subdivision, ...]:
        found = []
        for region in np.unique(self.regions[rows]).tolist():
            mine = rows[self.regions[rows] == region]
            if len(mine) < 2:
                continue
            cells = int(self.of_region[mine[0]])
            divided = self.cells[mine].sum() / cells
            bits = _entropy_bits(self.cells[mine])
            in_all = int(self.stood[mine].all(axis=1).sum())
            found.append(
                Subdivision(region, cells, self._parts(mine), float(divided), bits, in_all)
            )
        return tuple(sorted(found, key=lambda s: (-s.bits * s.divided * s.cells, s.region)))

    def _parts(self, rows: NDArray[np.intp]) -> tuple[Part, ...]:
        parts = [
            Part(
                neighborhood=int(self.neighborhoods[i]),
                cells=int(self.cells[i]),
                share_of_region=float(self.cells[i] / self.of_region[i]),
                share_inside=float(self.cells[i] / self.of_neighborhood[i]),
                animals=int(self.stood[i].sum()),
                sections=int(self.sections[i]),
            )
            for i in rows.tolist()
        ]
        return tuple(sorted(parts, key=lambda p: (-p.cells, p.neighborhood)))

    def _crossings(self, charted: NDArray[np.bool_]) -> tuple[Crossing, ...]:
        share = self.cells / np.maximum(self.of_neighborhood, 1)
        rows = np.flatnonzero(charted & (share >= self._how.substantial))
        rows = rows[self.cells[rows] >= self._how.enough]
        found = []
        for identity, mine in _grouped(self.neighborhoods, rows):
            if len(mine) > 1:
                found.append(self._crossing(identity, mine, share, charted))
        # What lies outside the main region is what the border does not tell.
        return tuple(sorted(found, key=lambda c: (-c.cells * (1 - c.parts[0][2]), c.neighborhood)))

    def _crossing(
        self, identity: int, mine: NDArray[np.intp], share: NDArray[np.float64],
        charted: NDArray[np.bool_],
    ) -> Crossing:  # fmt: skip
        mine = mine[np.lexsort((self.regions[mine], -self.cells[mine]))]
        everywhere = self.cells[charted & (self.neighborhoods == identity)]
        return Crossing(
            neighborhood=identity,
            cells=int(self.of_neighborhood[mine[0]]),
            parts=tuple(
                (int(self.regions[i]), int(self.cells[i]), float(share[i])) for i in mine.tolist()
            ),
            bits=_entropy_bits(everywhere),
            animals=int(self.stood[mine].all(axis=0).sum()),
        )

    def _bits(self, charted: NDArray[np.bool_]) -> float:
        cells, regions = self.cells[charted], self.regions[charted]
        if not cells.size:
            return float("nan")
        added = cells * np.log2(_totals(regions, cells) / cells)
        return float(added.sum() / cells.sum())


def _totals(keys: NDArray[np.int32], cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each entry the cells of all entries with its key."""
    _, codes = np.unique(keys, return_inverse=True)
    return np.bincount(codes, cells).astype(np.int64)[codes]


def _grouped(
    keys: NDArray[np.int32], rows: NDArray[np.intp]
) -> list[tuple[int, NDArray[np.intp]]]:
    rows = rows[np.argsort(keys[rows], kind="stable")]
    ids, firsts = np.unique(keys[rows], return_index=True)
    return list(zip(ids.tolist(), np.split(rows, firsts[1:]), strict=False))


def _entropy_bits(cells: NDArray[np.int64]) -> float:
    shares = cells / cells.sum()
    return abs(float(shares @ np.log2(shares)))
