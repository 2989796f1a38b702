"""cell → fragment, shared section by section between states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

UNKNOWN_CONFIDENCE = 255
"""Stored confidence of a cell that no algorithm has placed."""


@dataclass(frozen=True, slots=True)
class SectionPartition:
    """The fragments of one section. Read-only and shared between states.

    Attributes
    ----------
    fragments : (n_cells,) int32
        Fragment of each cell of the section.
    confidence : (n_cells,) uint8
        How surely the algorithm placed the cell: 0 to 254 stand for 0 to 1,
        255 for not known.
    present : (m,) int32
        Fragments on the section, sorted.
    counts : (m,) int64
        Cells of each of them.
    """

    fragments: NDArray[np.int32]
    confidence: NDArray[np.uint8]
    present: NDArray[np.int32]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, fragments: NDArray[np.int32], confidence: NDArray[np.uint8]) -> SectionPartition:
        """Freeze the arrays and count the fragments."""
        counts = np.bincount(fragments)
        present = np.flatnonzero(counts)
        fragments.flags.writeable = False
        confidence.flags.writeable = False
        return cls(fragments, confidence, present.astype(np.int32), counts[present])


@dataclass(frozen=True)
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
    def counts(self) -> sparse.csr_array[np.int64]:
        """Cells of each fragment on each section, (n_fragments, n_sections)."""
        starts = np.cumsum([0, *(len(s.present) for s in self.sections)])
        empty = [np.empty(0, np.int64)]
        by_section = sparse.csc_array(
            (
                np.concatenate([s.counts for s in self.sections] or empty),
                np.concatenate([s.present for s in self.sections] or empty),
                starts,
            ),
            shape=(self.n_fragments, len(self.sections)),
        )
        return by_section.tocsr()

    def replaced(self, changed: Mapping[int, SectionPartition], n_fragments: int) -> Partition:
        """The same partition with some sections changed; the others stay the same objects."""
        sections = tuple(changed.get(i, s) for i, s in enumerate(self.sections))
        return Partition(sections, n_fragments)


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
