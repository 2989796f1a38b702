"""The curation: who owns which cell, and what each neighborhood is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.neighborhood import UNASSIGNED, Neighborhood
from napari_brain_atlas.model.partition import (
    Partition,
    SectionPartition,
    bytes_to_confidence,
)


@dataclass(frozen=True)
class Curation:
    """A frozen state: cell → fragment → neighborhood.

    Attributes
    ----------
    partition : Partition
        cell → fragment.
    owners : (n_fragments,) int32
        fragment → neighborhood id.
    by_hand : (n_fragments,) bool
        Fragments that a curator placed, whose cells have no confidence.
    neighborhoods : mapping of int to Neighborhood
        By id; always holds 0, unassigned.
    next_id : int
        Larger than every id that was ever given, undone ones included.
    """

    partition: Partition
    owners: NDArray[np.int32]
    by_hand: NDArray[np.bool_]
    neighborhoods: Mapping[int, Neighborhood]
    next_id: int

    def __post_init__(self) -> None:
        self.owners.flags.writeable = False
        self.by_hand.flags.writeable = False

    def neighborhood(self, identity: int) -> Neighborhood:
        """The neighborhood with this id. Raises CommandError if there is none."""
        found = self.neighborhoods.get(identity)
        if found is None:
            known = ", ".join(str(i) for i in sorted(self.neighborhoods)[1:13])
            more = ", …" if len(self.neighborhoods) > 13 else ""
            raise CommandError(
                f"there is no neighborhood {identity}; there are: {known or 'none yet'}{more}"
            )
        return found

    def owners_on(self, section: int) -> NDArray[np.int32]:
        """Neighborhood id of each cell of a section, (n_cells,) int32."""
        return self.owners[self.partition.sections[section].fragments]

    def owners_of_cells(self) -> NDArray[np.int32]:
        """Neighborhood id of every cell in atlas order, (n_cells,) int32."""
        parts = [self.owners[s.fragments] for s in self.partition.sections]
        return np.concatenate(parts or [np.empty(0, np.int32)])

    def confidence_on(self, section: int) -> NDArray[np.float32]:
        """Confidence of each cell of a section, 0–1; NaN where no algorithm placed it."""
        part = self.partition.sections[section]
        confidence = bytes_to_confidence(part.confidence)
        confidence[self.by_hand[part.fragments]] = np.nan
        confidence[self.owners[part.fragments] == UNASSIGNED] = np.nan
        return confidence

    @cached_property
    def ids(self) -> NDArray[np.int32]:
        """Ids of all neighborhoods, sorted; unassigned first."""
        return np.array(sorted(self.neighborhoods), np.int32)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Cells of each neighborhood on each section, (n_neighborhoods, n_sections).

        Rows follow `ids`.
        """
        rows = np.searchsorted(self.ids, self.owners)
        fragments = self.partition.counts.tocoo()
        counts = np.zeros((len(self.ids), len(self.partition.sections)), np.int64)
        np.add.at(counts, (rows[fragments.row], fragments.col), fragments.data)
        return counts

    def n_cells(self, identity: int) -> int:
        """Number of cells of a neighborhood."""
        return int(self._counts_of(identity).sum())

    def n_sections(self, identity: int) -> int:
        """Number of sections on which a neighborhood has cells."""
        return int(np.count_nonzero(self._counts_of(identity)))

    def cells_of(self, identity: int) -> NDArray[np.int64]:
        """Cells of a neighborhood in atlas order, sorted."""
        found = []
        start = 0
        mine = self.owners == identity
        for part in self.partition.sections:
            if mine[part.present].any():
                found.append(np.flatnonzero(mine[part.fragments]) + start)
            start += len(part.fragments)
        return np.concatenate(found or [np.empty(0, np.int64)])

    def _counts_of(self, identity: int) -> NDArray[np.int64]:
        mine = np.flatnonzero(self.owners == identity)
        return np.asarray(self.partition.counts[mine].sum(axis=0)).ravel()

    # -- steps -----------------------------------------------------------

    def with_neighborhoods(self, *changed: Neighborhood) -> Curation:
        """The same curation with neighborhoods added or replaced."""
        merged = {**self.neighborhoods, **{n.id: n for n in changed}}
        newest = max((n.id + 1 for n in changed), default=0)
        return replace(
            self,
            neighborhoods=MappingProxyType(merged),
            next_id=max(self.next_id, newest),
        )

    def without(self, identities: Iterable[int]) -> Curation:
        """The same curation without the records of these neighborhoods."""
        gone = set(identities)
        kept = {i: n for i, n in self.neighborhoods.items() if i not in gone}
        return replace(self, neighborhoods=MappingProxyType(kept))

    def with_owner(self, identities: Iterable[int], owner: int) -> Curation:
        """All fragments of the neighborhoods go to `owner`."""
        owners = self.owners.copy()
        owners[np.isin(owners, list(identities))] = owner
        return replace(self, owners=owners)

    def with_cells(self, cells: NDArray[np.int64], owner: int, atlas: Atlas) -> Curation:
        """The cells, sorted in atlas order, leave their fragments and go to `owner` by hand."""
        fragment = self.partition.n_fragments
        bounds = np.searchsorted(cells, atlas.section_starts)
        changed = {}
        for section in atlas.sections:
            first, last = bounds[section.index], bounds[section.index + 1]
            if first < last:
                part = self.partition.sections[section.index]
                fragments = part.fragments.copy()
                fragments[cells[first:last] - section.start] = fragment
                changed[section.index] = SectionPartition.of(fragments, part.confidence)
        return replace(
            self,
            partition=self.partition.replaced(changed, fragment + 1),
            owners=np.append(self.owners, np.int32(owner)),
            by_hand=np.append(self.by_hand, True),
        )


def owners_of(curation: Curation, cells: NDArray[np.int64], atlas: Atlas) -> NDArray[np.int32]:
    """Neighborhood ids of cells in atlas order; reads only the sections they lie on."""
    owners = np.empty(len(cells), np.int32)
    sections = atlas.section_of(cells)
    for index in np.unique(sections):
        here = sections == index
        fragments = curation.partition.sections[index].fragments
        owners[here] = curation.owners[fragments[cells[here] - atlas.sections[index].start]]
    return owners
