"""The curation: who owns which cell, and what each neighborhood is called."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model import lineage
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.links import LinkedPair, renamed
from napari_brain_atlas.model.neighborhood import UNASSIGNED, Neighborhood
from napari_brain_atlas.model.partition import (
    Partition,
    SectionPartition,
    bytes_to_confidence,
)
from napari_brain_atlas.model.roll import Roll


@dataclass(frozen=True, eq=False)
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
    neighborhoods : Roll
        By id; always holds 0, unassigned.
    next_id : int
        Larger than every id that was ever given, undone ones included.
    links : frozenset of LinkedPair
        What a later clustering is told.
    dismissed : frozenset of str
        Keys of suggestions that are not to be made again.
    """

    partition: Partition
    owners: NDArray[np.int32]
    by_hand: NDArray[np.bool_]
    neighborhoods: Roll
    next_id: int
    links: frozenset[LinkedPair] = frozenset()
    dismissed: frozenset[str] = frozenset()

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

    def locks_on(self, identity: int) -> Iterator[Neighborhood]:
        """The neighborhoods whose locks hold this one: itself, then those above it."""
        return lineage.locks_on(self.neighborhoods, identity)

    def lock_on(self, identity: int) -> Neighborhood | None:
        """The neighborhood whose lock holds this one: itself or one above it; None if free."""
        return next(self.locks_on(identity), None)

    @cached_property
    def ids(self) -> NDArray[np.int32]:
        """Ids of all neighborhoods, sorted; unassigned first."""
        return np.array(sorted(self.neighborhoods), np.int32)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Cells of each neighborhood on each section, (n_neighborhoods, n_sections).

        Rows follow `ids`. What is grouped under a neighborhood is not counted.
        """
        tally = self.partition.tally
        shape = (len(self.ids), len(self.partition.sections))
        rows = np.searchsorted(self.ids, self.owners)[tally.fragments]
        flat = np.bincount(rows * shape[1] + tally.sections, tally.counts, shape[0] * shape[1])
        return flat.astype(np.int64).reshape(shape)

    def n_cells(self, *identities: int) -> int:
        """Number of cells of neighborhoods."""
        return int(self.partition.spread.sizes[self._owned_by(identities)].sum())

    def n_sections(self, *identities: int) -> int:
        """Number of sections on which neighborhoods have cells."""
        return self.partition.spread.n_sections(self._owned_by(identities))

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

    def forget(self) -> None:
        """Drop what can be counted again; the state is no longer in view."""
        for name in ("ids", "counts"):
            self.__dict__.pop(name, None)

    def _owned_by(self, identities: Collection[int]) -> NDArray[np.bool_]:
        """Which fragments belong to neighborhoods."""
        wanted = np.zeros(self.next_id, bool)
        wanted[[i for i in identities if i < self.next_id]] = True
        return wanted[self.owners]

    # -- steps -----------------------------------------------------------

    def with_neighborhoods(self, *changed: Neighborhood) -> Curation:
        """The same curation with neighborhoods added or replaced."""
        newest = max((n.id + 1 for n in changed), default=0)
        return replace(
            self,
            neighborhoods=self.neighborhoods.with_changed(changed),
            next_id=max(self.next_id, newest),
        )

    def without(self, gone: Collection[int], into: int | None = None) -> Curation:
        """The same curation without these neighborhoods.

        Their cells are unassigned, what was grouped under them moves up, and
        their links are gone; or `into` takes over all three.
        """
        if into is None:
            moved = lineage.adopted(self.neighborhoods, gone)
        else:
            moved = lineage.merged(self.neighborhoods, gone, into)
        return replace(
            self.with_owner(gone, UNASSIGNED if into is None else into),
            neighborhoods=self.neighborhoods.with_changed(moved).without(gone),
            links=renamed(self.links, dict.fromkeys(gone, into)),
        )

    def with_owner(self, identities: Collection[int], owner: int) -> Curation:
        """All fragments of the neighborhoods go to `owner`."""
        return replace(
            self, owners=np.where(self._owned_by(identities), np.int32(owner), self.owners)
        )

    def with_cells(self, cells: NDArray[np.int64], owner: int, atlas: Atlas) -> Curation:
        """The cells, sorted in atlas order, leave their fragments and go to `owner` by hand."""
        return self.with_parts([(cells, owner)], atlas)

    def with_parts(self, parts: Sequence[tuple[NDArray[np.int64], int]], atlas: Atlas) -> Curation:
        """Several sets of cells, each sorted and with its owner; a section is copied only once."""
        first = self.partition.n_fragments
        fragments: dict[int, NDArray[np.int32]] = {}
        for fragment, (cells, _) in enumerate(parts, first):
            bounds = np.searchsorted(cells, atlas.section_starts)
            for index in np.flatnonzero(np.diff(bounds)).tolist():
                if index not in fragments:
                    fragments[index] = self.partition.sections[index].fragments.copy()
                here = cells[bounds[index] : bounds[index + 1]] - atlas.sections[index].start
                fragments[index][here] = fragment
        confidence = {i: self.partition.sections[i].confidence_array for i in fragments}
        changed = {i: SectionPartition.of(f, confidence[i]) for i, f in fragments.items()}
        owners = np.array([owner for _, owner in parts], np.int32)
        return replace(
            self,
            partition=self.partition.replaced(changed, first + len(parts)),
            owners=np.append(self.owners, owners),
            by_hand=np.append(self.by_hand, np.ones(len(parts), bool)),
        )


def owners_of(curation: Curation, cells: NDArray[np.int64], atlas: Atlas) -> NDArray[np.int32]:
    """Neighborhood ids of cells in atlas order, sorted; reads only the sections they lie on."""
    bounds = np.searchsorted(cells, atlas.section_starts)
    parts = [np.empty(0, np.int32)]
    for section in np.flatnonzero(np.diff(bounds)).tolist():
        here = cells[bounds[section] : bounds[section + 1]] - atlas.sections[section].start
        parts.append(curation.owners[curation.partition.sections[section].fragments[here]])
    return np.concatenate(parts)


def losing(curation: Curation, cells: NDArray[np.int64], atlas: Atlas) -> list[int]:
    """Ids of the neighborhoods that have any of the cells, given sorted in atlas order."""
    return [int(i) for i in np.flatnonzero(np.bincount(owners_of(curation, cells, atlas)))]
