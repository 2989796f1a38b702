"""cell → fragment, shared section by section between states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.model.resting import CellArray

UNKNOWN_CONFIDENCE = 255
"""Stored confidence of a cell that no algorithm has placed."""


@dataclass(frozen=True, slots=True, eq=False)
class SectionPartition:
    """The fragments of one section. Read-only and shared between states.

    Attributes
    ----------
    fragment_array : CellArray
        Fragment of each cell of the section, int32.
    confidence_array : CellArray
        How surely the algorithm placed the cell, uint8: 0 to 254 stand for 0
        to 1, 255 for not known.
    present : (m,) int32
        Fragments on the section, sorted.
    counts : (m,) int64
        Cells of each of them.
    """

    fragment_array: CellArray
    confidence_array: CellArray
    present: NDArray[np.int32]
    counts: NDArray[np.int64]

    @classmethod
    def of(
        cls, fragments: NDArray[np.int32], confidence: NDArray[np.uint8] | CellArray
    ) -> SectionPartition:
        """Freeze the arrays and count the fragments; a confidence array may be shared."""
        counts = np.bincount(fragments)
        present = np.flatnonzero(counts)
        shared = confidence if isinstance(confidence, CellArray) else CellArray(confidence)
        return cls(CellArray(fragments), shared, present.astype(np.int32), counts[present])

    @property
    def fragments(self) -> NDArray[np.int32]:
        """Fragment of each cell of the section, (n_cells,) int32."""
        return self.fragment_array.values

    @property
    def confidence(self) -> NDArray[np.uint8]:
        """Stored confidence of each cell of the section, (n_cells,) uint8."""
        return self.confidence_array.values


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cells of which fragment are on which section; one entry for each pair.

    Attributes
    ----------
    fragments, sections : (m,) int32
    counts : (m,) int64
    """

    fragments: NDArray[np.int32]
    sections: NDArray[np.int32]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spread:
    """How large fragments are, and on which sections.

    Attributes
    ----------
    sizes : (n_fragments,) int64
        Cells of each.
    places : (n_fragments, ceil(n_sections / 8)) uint8
        One bit for each section, the lowest first.
    """

    sizes: NDArray[np.int64]
    places: NDArray[np.uint8]

    def n_sections(self, chosen: NDArray[Any]) -> int:
        """Number of sections on which any of the chosen fragments has cells."""
        together = np.bitwise_or.reduce(self.places[chosen], axis=0)
        return int(np.bitwise_count(together).sum())

    def moved(
        self, pairs: Iterable[tuple[int, SectionPartition, SectionPartition]], n_fragments: int
    ) -> Spread:
        """The same after sections, given with their index, went from one partition to another."""
        more = n_fragments - len(self.sizes)
        sizes = np.append(self.sizes, np.zeros(more, np.int64))
        places = np.pad(self.places, ((0, more), (0, 0)))
        for index, before, after in pairs:
            byte, bit = places[:, index // 8], np.uint8(1 << index % 8)
            sizes[before.present] -= before.counts
            byte[before.present] &= ~bit
            sizes[after.present] += after.counts
            byte[after.present] |= bit
        return Spread(sizes, places)


@dataclass(frozen=True, eq=False)
class Partition:
    """All cells in fragments.

    Attributes
    ----------
    sections : tuple of SectionPartition
        In atlas order.
    n_fragments : int
        Fragments are numbered 0 to n_fragments - 1; some may be empty.
    """

    sections: tuple[SectionPartition, ...]
    n_fragments: int

    @cached_property
    def tally(self) -> Tally:
        """Cells of each fragment on each section."""
        lengths = [len(s.present) for s in self.sections]
        return Tally(
            np.concatenate([s.present for s in self.sections] or [np.empty(0, np.int32)]),
            np.repeat(np.arange(len(lengths), dtype=np.int32), lengths),
            np.concatenate([s.counts for s in self.sections] or [np.empty(0, np.int64)]),
        )

    @cached_property
    def spread(self) -> Spread:
        """How large fragments are, and on which sections."""
        nothing = Spread(
            np.zeros(self.n_fragments, np.int64),
            np.zeros((self.n_fragments, (len(self.sections) + 7) // 8), np.uint8),
        )
        pairs = ((i, _NOBODY_HERE, section) for i, section in enumerate(self.sections))
        return nothing.moved(pairs, self.n_fragments)

    def replaced(self, changed: Mapping[int, SectionPartition], n_fragments: int) -> Partition:
        """The same partition with some sections changed; the others stay the same objects."""
        sections = list(self.sections)
        for index, section in changed.items():
            sections[index] = section
        made = Partition(tuple(sections), n_fragments)
        if n_fragments >= self.n_fragments and len(changed) < len(sections):
            # Counted on from here, so that a small step does not count the whole brain.
            pairs = ((i, self.sections[i], section) for i, section in changed.items())
            made.__dict__["spread"] = self.spread.moved(pairs, n_fragments)
        return made

    def arrays_not_in(self, other: Partition) -> list[CellArray]:
        """The per-cell arrays of this partition that the other one does not hold."""
        if self is other:
            return []
        mine: list[CellArray] = []
        for one, two in zip(self.sections, other.sections, strict=True):
            if one is not two:
                if one.fragment_array is not two.fragment_array:
                    mine.append(one.fragment_array)
                if one.confidence_array is not two.confidence_array:
                    mine.append(one.confidence_array)
        return mine

    def forget(self) -> None:
        """Drop what can be counted again."""
        for name in ("tally", "spread"):
            self.__dict__.pop(name, None)


_NOBODY_HERE = SectionPartition.of(np.empty(0, np.int32), np.empty(0, np.uint8))


def confidence_to_bytes(confidence: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Store confidences 0 to 1 as 0 to 254, and NaN as 255."""
    known = np.nan_to_num(np.clip(confidence, 0, 1), nan=0.0)
    stored = np.rint(known * 254).astype(np.uint8)
    stored[np.isnan(confidence)] = UNKNOWN_CONFIDENCE
    return stored


def bytes_to_confidence(stored: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Inverse of `confidence_to_bytes`, to the nearest 1/254."""
    confidence = stored.astype(np.float32) / np.float32(254)
    confidence[stored == UNKNOWN_CONFIDENCE] = np.nan
    return confidence
