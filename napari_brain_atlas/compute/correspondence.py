"""Which neighborhood of one state is which of another, and what came of the rest.

Two neighborhoods are *the same* where they have the same id, the id means the
same in both states, and they share a cell; else where each holds more than half
of the cells of the other. More than half on both sides leaves no choice: no
neighborhood can have two such partners (an overlap of more than half of the
union, as in Kirillov et al. 2019, is a stricter form of it).

A neighborhood that is the same as no other *came from* the fewest neighborhoods
that together gave `MOSTLY` of its cells, and *went to* the fewest that took so
many. Coming from one alone makes it a part of a split; going to one alone, a
part of a merge. Everything else that changed hands between neighborhoods is a
moved boundary. Variation of information draws the same line: a split leaves
H(before | after) at 0, because every part lies within what it came from, and a
moved boundary raises both conditional entropies alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from napari_brain_atlas.model.neighborhood import UNASSIGNED

MOSTLY = 0.8
"""Share of the cells that says where a neighborhood came from or went to.

A part whose outline was corrected by hand afterwards, or lost a tenth of a
small neighborhood to the one beside it, is still a part; one to which two
neighborhoods gave a quarter and more is drawn anew.
"""
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Origin:
    """One to many, or many to one, or many to many.

    Attributes
    ----------
    before, after : tuple of int
        Ids in the first and in the second state.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What became of the neighborhoods of the first state.

    Attributes
    ----------
    same : dict of int to int
        Neighborhoods with cells that go on, 0 included.
    splits, merges, redrawn : tuple of Origin
    new, gone : tuple of Origin
        One neighborhood, and those that it came from or went to.
    moves : tuple of (int, int)
        Pairs whose common cells went across a boundary.
    """

    same: dict[int, int]
    splits: tuple[Origin, ...]
    merges: tuple[Origin, ...]
    redrawn: tuple[Origin, ...]
    new: tuple[Origin, ...]
    gone: tuple[Origin, ...]
    moves: tuple[Pair, ...]


def correspondence(overlaps: Mapping[Pair, int], shared_below: int) -> Correspondence:
    """Tell what became of neighborhoods.

    Parameters
    ----------
    overlaps : mapping of (int, int) to int
        Cells that neighborhoods of the two states have in common.
    shared_below : int
        Ids less than this mean the same neighborhood in both states.
    """
    return _Tracing(overlaps, shared_below).told()


@dataclass
class _Tracing:
    """One comparison under way."""

    overlaps: Mapping[Pair, int]
    shared_below: int
    same: dict[int, int] = field(default_factory=dict)
    covered: set[Pair] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.gave = _by_side(self.overlaps, 0)
        self.took = _by_side(self.overlaps, 1)
        self.same = _matched(self.overlaps, self.gave, self.took, self.shared_below)
        taken = set(self.same.values())
        self.came_from = {
            j: _most(givers) for j, givers in self.took.items() if j not in taken | {UNASSIGNED}
        }
        self.went_to = {
            i: _most(takers)
            for i, takers in self.gave.items()
            if i not in self.same and i != UNASSIGNED
        }

    def told(self) -> Correspondence:
        splits, merges = self._splits(), self._merges()
        parts = {j for s in splits for j in s.after} | {j for m in merges for j in m.after}
        sources = {i for s in splits for i in s.before} | {i for m in merges for i in m.before}
        fresh = {j: o for j, o in self.came_from.items() if j not in parts}
        lost = {i: d for i, d in self.went_to.items() if i not in sources}
        redrawn = _groups(fresh, lost)
        began = {j for r in redrawn for j in r.after}
        ended = {i for r in redrawn for i in r.before}
        new = [Origin(o, (j,)) for j, o in fresh.items() if j not in began]
        gone = [Origin((i,), d) for i, d in lost.items() if i not in ended]
        return self._finished(splits, merges, redrawn, new, gone)

    def _finished(
        self, splits: list[Origin], merges: list[Origin], redrawn: list[Origin],
        new: list[Origin], gone: list[Origin],
    ) -> Correspondence:  # fmt: skip
        stays, stayed = set(self.same), set(self.same.values())
        covered = set(self.same.items())
        for event in (*splits, *merges, *redrawn, *new, *gone):
            covered.update(
                (i, j)
                for i in event.before
                for j in event.after
                if i not in stays or j not in stayed
            )
        moves = tuple(pair for pair in self.overlaps if pair not in covered)
        return Correspondence(
            self.same, tuple(splits), tuple(merges), tuple(redrawn), tuple(new), tuple(gone), moves
        )

    def _splits(self) -> list[Origin]:
        parts: dict[int, list[int]] = {}
        for j, origins in self.came_from.items():
            if len(origins) == 1 and origins[0] != UNASSIGNED:
                parts.setdefault(origins[0], []).append(j)
        found = []
        for i, fresh in sorted(parts.items()):
            kept = [self.same[i]] if i in self.same else []
            if len(kept) + len(fresh) > 1:
                found.append(Origin((i,), (*kept, *sorted(fresh))))
        return found

    def _merges(self) -> list[Origin]:
        sources: dict[int, list[int]] = {}
        for i, takers in self.went_to.items():
            if len(takers) == 1 and takers[0] != UNASSIGNED:
                sources.setdefault(takers[0], []).append(i)
        was = {j: i for i, j in self.same.items()}
        found = []
        for j, lost in sorted(sources.items()):
            kept = [was[j]] if j in was else []
            if len(kept) + len(lost) > 1:
                found.append(Origin((*kept, *sorted(lost)), (j,)))
        return found


def _by_side(overlaps: Mapping[Pair, int], side: int) -> dict[int, dict[int, int]]:
    """For each neighborhood of one state its overlaps with those of the other."""
    found: dict[int, dict[int, int]] = {}
    for pair, cells in overlaps.items():
        found.setdefault(pair[side], {})[pair[1 - side]] = cells
    return found


def _matched(
    overlaps: Mapping[Pair, int],
    gave: Mapping[int, Mapping[int, int]],
    took: Mapping[int, Mapping[int, int]],
    shared_below: int,
) -> dict[int, int]:
    same = {i: j for i, j in overlaps if i == j and (i < shared_below or i == UNASSIGNED)}
    taken = {UNASSIGNED, *same.values()}
    for (i, j), cells in overlaps.items():
        free = i not in same and i != UNASSIGNED and j not in taken
        if free and 2 * cells > max(sum(gave[i].values()), sum(took[j].values())):
            same[i] = j
            taken.add(j)
    return same


def _most(partners: Mapping[int, int]) -> tuple[int, ...]:
    """The fewest partners that together have `MOSTLY` of the cells, largest first."""
    wanted = MOSTLY * sum(partners.values())
    found: list[int] = []
    for partner in sorted(partners, key=lambda p: (-partners[p], p)):
        found.append(partner)
        wanted -= partners[partner]
        if wanted <= 0:
            break
    return tuple(found)


def _groups(
    fresh: Mapping[int, Collection[int]], lost: Mapping[int, Collection[int]]
) -> list[Origin]:
    """New and lost neighborhoods that came of each other, with all that had part in it."""
    links = {(i, j) for j, origins in fresh.items() for i in origins if i in lost}
    links |= {(i, j) for i, takers in lost.items() for j in takers if j in fresh}
    groups: list[tuple[set[int], set[int]]] = []
    for i, j in sorted(links):
        touched = [g for g in groups if i in g[0] or j in g[1]]
        groups = [g for g in groups if g not in touched]
        groups.append((_union({i}, (g[0] for g in touched)), _union({j}, (g[1] for g in touched))))
    return [
        Origin(
            tuple(sorted(_union(before, (fresh[j] for j in after)))),
            tuple(sorted(_union(after, (lost[i] for i in before)))),
        )
        for before, after in groups
    ]


def _union(start: Collection[int], more: Iterable[Collection[int]]) -> set[int]:
    return set(start).union(*more)
