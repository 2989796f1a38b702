"""What differs between two states of the same cells, in the words of a curator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from napari_brain_atlas.compute.contingency import (
    Contingency,
    adjusted_rand,
    contingency,
    variation_of_information,
)
from napari_brain_atlas.compute.correspondence import (
    Correspondence,
    Origin,
    Pair,
    correspondence,
)
from napari_brain_atlas.compute.difference_wording import Wording
from napari_brain_atlas.compute.differences import KINDS, Difference, Kind, Move
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.links import LinkedPair
from napari_brain_atlas.model.neighborhood import UNASSIGNED, Neighborhood

_ANNOTATION = (
    "color", "full_name", "term_id", "term_label", "marker_genes", "rationale", "dois",
    "certainty", "notes", "status",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states of the same cells against each other.

    Attributes
    ----------
    differences : tuple of Difference
        By kind, the largest first.
    unchanged : int
        Neighborhoods of which nothing differs.
    n_before, n_after : int
        Neighborhoods in each state.
    n_cells, n_agreeing, n_assigned : int
        Cells; those in the same neighborhood in both; those in any in both.
    ari : float
        Over `n_assigned` cells; NaN where there are none.
    split_bits, merged_bits : float
        The two halves of the variation of information, see `contingency`.
    """

    differences: tuple[Difference, ...]
    unchanged: int
    n_before: int
    n_after: int
    n_cells: int
    n_agreeing: int
    n_assigned: int
    ari: float
    split_bits: float
    merged_bits: float


def compare(before: Curation, after: Curation, shared_below: int | None = None) -> Comparison:
    """Tell what differs between two states.

    Parameters
    ----------
    before, after : Curation
        Of the same cells in the same order.
    shared_below : int, optional
        Ids less than this mean the same neighborhood in both; all of them
        without it, as in two states of one journal.

    See Also
    --------
    napari_brain_atlas.compute.correspondence : how split, merge and boundary are told apart.
    """
    shared = max(before.next_id, after.next_id) if shared_below is None else shared_below
    table = contingency(before, after)
    found = _Comparing(before, after, table, correspondence(table.overlaps, shared), shared)
    return found.told()


class _Comparing:
    """One comparison under way."""

    def __init__(
        self, before: Curation, after: Curation, table: Contingency, traced: Correspondence,
        shared_below: int,
    ) -> None:  # fmt: skip
        self.before, self.after = before, after
        self.table, self.traced = table, traced
        self.same = _same_records(before, after, traced, shared_below)
        self.by_id = {i for i, j in self.same.items() if i == j and i < shared_below}
        self.words = Wording(before.neighborhoods, after.neighborhoods, self.same)
        self.gave = _totals(table, 0)
        self.took = _totals(table, 1)

    def told(self) -> Comparison:
        found = [*self._origins(), *self._boundaries(), *self._records(), *self._links()]
        found.sort(key=lambda d: (KINDS.index(d.kind), -d.cells, d.before, d.after))
        overlaps = self.table.overlaps
        split, merged = variation_of_information(self.table)
        return Comparison(
            differences=tuple(found),
            unchanged=self._unchanged(found),
            n_before=len(self.before.neighborhoods) - 1,
            n_after=len(self.after.neighborhoods) - 1,
            n_cells=self.table.n_cells,
            n_agreeing=sum(overlaps[p] for p in self.traced.same.items() if p in overlaps),
            n_assigned=sum(n for p, n in overlaps.items() if UNASSIGNED not in p),
            ari=adjusted_rand(self.table),
            split_bits=split,
            merged_bits=merged,
        )

    # -- cells -------------------------------------------------------------

    def _origins(self) -> Iterator[Difference]:
        traced = self.traced
        told: tuple[tuple[Kind, tuple[Origin, ...]], ...] = (
            ("split", traced.splits), ("merged", traced.merges), ("redrawn", traced.redrawn),
            ("new", traced.new), ("gone", traced.gone),
        )  # fmt: skip
        for kind, origins in told:
            for origin in origins:
                yield self._origin(kind, origin)
        yield from self._empty()

    def _origin(self, kind: Kind, origin: Origin) -> Difference:
        pairs = [(i, j) for i in origin.before for j in origin.after]
        if kind == "redrawn":
            # What went between two that both go on is a moved boundary of its own.
            stayed = set(self.traced.same.values())
            pairs = [p for p in pairs if p[0] not in self.traced.same or p[1] not in stayed]
        moves = self._moves(pairs)
        cells = sum(m.cells for m in moves)
        sections = self.table.n_sections((m.giver, m.taker) for m in moves)
        sentence = self.words.origin(kind, origin, moves, cells, sections)
        return Difference(kind, origin.before, origin.after, cells, sections, sentence, moves)

    def _empty(self) -> Iterator[Difference]:
        """Neighborhoods without cells, of which only the record came or went."""
        was, is_now = set(self.same), set(self.same.values())
        for i in self.before.neighborhoods:
            if i not in was and i not in self.gave:
                yield Difference("gone", (i,), (), 0, 0, self.words.empty("gone", i))
        for j in self.after.neighborhoods:
            if j not in is_now and j not in self.took:
                yield Difference("new", (), (j,), 0, 0, self.words.empty("new", j))

    def _boundaries(self) -> Iterator[Difference]:
        """Cells that went across, both ways between two neighborhoods at once."""
        was = {j: i for i, j in self.traced.same.items()}
        between: dict[tuple[tuple[int, int], ...], list[Pair]] = {}
        for i, j in self.traced.moves:
            one = (i, self.traced.same.get(i, -1))
            two = (was.get(j, -1), j)
            between.setdefault(tuple(sorted((one, two))), []).append((i, j))
        for sides, pairs in between.items():
            moves = self._moves(pairs)
            cells = sum(m.cells for m in moves)
            yield Difference(
                kind="moved boundary",
                before=tuple(i for i, _ in sides if i >= 0),
                after=tuple(j for _, j in sides if j >= 0),
                cells=cells,
                sections=self.table.n_sections(pairs),
                sentence=self.words.boundary(moves),
                moves=moves,
            )

    def _moves(self, pairs: list[Pair]) -> tuple[Move, ...]:
        found = []
        for i, j in pairs:
            cells = self.table.overlaps.get((i, j), 0)
            if cells:
                whole = self.took[j] if i == UNASSIGNED else self.gave[i]
                sections = self.table.n_sections([(i, j)])
                found.append(Move(i, j, cells, sections, cells / whole))
        return tuple(sorted(found, key=lambda m: (-m.cells, m.giver, m.taker)))

    # -- what is said ------------------------------------------------------

    def _records(self) -> Iterator[Difference]:
        named = {o for s in (*self.traced.splits, *self.traced.merges) for o in _own(s, self.same)}
        for i, j in sorted(self.same.items()):
            one, two = self.before.neighborhoods[i], self.after.neighborhoods[j]
            if one is not two and i != UNASSIGNED:
                yield from self._record(one, two, told=i in named)

    def _record(self, one: Neighborhood, two: Neighborhood, told: bool) -> Iterator[Difference]:
        extent = self.took.get(two.id, 0), self.after.n_sections(two.id)
        sides = (one.id,), (two.id,)
        if one.name != two.name and not told:
            yield Difference("renamed", *sides, *extent, self.words.renamed(one, two))
        fields = tuple(f for f in _ANNOTATION if getattr(one, f) != getattr(two, f))
        if one.id not in self.by_id:
            # Who makes a neighborhood seldom chooses its colour.
            fields = tuple(f for f in fields if f != "color")
        if fields:
            sentence = self.words.annotated(one, two, fields)
            yield Difference("annotated", *sides, *extent, sentence, fields=fields)
        above = None if one.parent is None else self.same.get(one.parent, -1)
        if above != two.parent:
            sentence = self.words.grouped(one, two)
            yield Difference("grouped differently", *sides, *extent, sentence)
        if one.locked != two.locked:
            kind: Kind = "locked" if two.locked else "unlocked"
            yield Difference(kind, *sides, *extent, self.words.locked(two))

    def _links(self) -> Iterator[Difference]:
        was = {self._link_after(link): link for link in self.before.links}
        for link in self.after.links - set(was):
            pair = (link.first, link.second)
            sentence = self.words.linked(link, self.after, now=True)
            yield Difference("linked", (), pair, 0, 0, sentence)
        for link in (was[gone] for gone in set(was) - self.after.links):
            pair = (link.first, link.second)
            sentence = self.words.linked(link, self.before, now=False)
            yield Difference("unlinked", pair, (), 0, 0, sentence)

    def _link_after(self, link: LinkedPair) -> LinkedPair:
        """A link of the first state in the ids of the second; what is gone gets none."""
        sides = sorted(self.same.get(i, -i) for i in (link.first, link.second))
        return LinkedPair(link.kind, *sides)

    def _unchanged(self, found: list[Difference]) -> int:
        changed = {i for d in found for i in d.before}
        changed_to = {j for d in found for j in d.after}
        return sum(
            i != UNASSIGNED and i not in changed and j not in changed_to
            for i, j in self.same.items()
        )


def _same_records(
    before: Curation, after: Curation, traced: Correspondence, shared_below: int
) -> dict[int, int]:
    """The neighborhoods that go on, also those that have no cells in one of the states."""
    same = dict(traced.same)
    taken = set(same.values())
    for i in before.neighborhoods:
        if i < shared_below and i in after.neighborhoods and i not in same and i not in taken:
            same[i] = i
    return {**same, **_same_groups(before, after, same)}


def _same_groups(before: Curation, after: Curation, same: dict[int, int]) -> dict[int, int]:
    """Neighborhoods without cells, known again by a name that nobody else has."""
    was, now = (
        {name: i for name, i in _empty_by_name(state).items() if i not in matched}
        for state, matched in ((before, set(same)), (after, set(same.values())))
    )
    return {i: now[name] for name, i in was.items() if name in now}


def _empty_by_name(curation: Curation) -> dict[str, int]:
    """Neighborhoods without cells that have a name that nobody else has."""
    counts = Counter(n.name for n in curation.neighborhoods.values())
    filled = curation.ids[curation.counts.any(axis=1)].tolist()
    empty = (n for i, n in curation.neighborhoods.items() if i != UNASSIGNED and i not in filled)
    return {n.name: n.id for n in empty if counts[n.name] == 1 and n.name.strip()}


def _own(origin: Origin, same: dict[int, int]) -> Iterator[int]:
    """Neighborhoods that go on within a split or a merge."""
    return (i for i in origin.before if same.get(i) in origin.after)


def _totals(table: Contingency, side: int) -> dict[int, int]:
    totals: dict[int, int] = {}
    for pair, cells in table.overlaps.items():
        totals[pair[side]] = totals.get(pair[side], 0) + cells
    return totals
