"""Links: what a curator tells a later clustering about pairs of neighborhoods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Literal, NamedTuple

LinkKind = Literal["must", "cannot"]


class LinkedPair(NamedTuple):
    """Two neighborhoods whose cells belong together ("must"), or never ("cannot").

    `first` is the smaller id.
    """

    kind: LinkKind
    first: int
    second: int

    @property
    def sides(self) -> tuple[int, int]:
        """The two ids, the smaller first."""
        return self.first, self.second

    def __contains__(self, identity: object) -> bool:
        return identity in self.sides


def links_between(kind: LinkKind, identities: Iterable[int]) -> frozenset[LinkedPair]:
    """One link for each pair."""
    pairs = combinations(sorted(set(identities)), 2)
    return frozenset(LinkedPair(kind, first, second) for first, second in pairs)


def renamed(
    links: frozenset[LinkedPair], becomes: Mapping[int, int | None]
) -> frozenset[LinkedPair]:
    """Links after neighborhoods became others; None for one that is gone.

    A link whose two sides became one is gone, too.
    """
    if not any(i in becomes for link in links for i in (link.first, link.second)):
        return links
    found = set[LinkedPair]()
    for kind, *sides in links:
        first, second = (becomes.get(i, i) for i in sides)
        if first is not None and second is not None and first != second:
            found.add(LinkedPair(kind, min(first, second), max(first, second)))
    return frozenset(found)
