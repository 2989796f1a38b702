"""A curation once more, as plain tuples and sets by row of the file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Link = tuple[str, int, int]


class RefusedError(Exception):
    """A command that must be refused."""


@dataclass(frozen=True)
class PlainProposal:
    """Labels by row of the file."""

    labels: Mapping[int, int]
    names: Sequence[str]
    continues: Sequence[int | None]
    confidence: int


@dataclass(frozen=True)
class Plain:
    """A curation by row of the file.

    `confidence` is the stored byte, or None where a curator placed the cell.
    `fields` holds at least name, parent and locked of every neighborhood.
    """

    owners: tuple[int, ...]
    confidence: tuple[int | None, ...]
    fields: Mapping[int, Mapping[str, Any]]
    next_id: int
    links: frozenset[Link] = frozenset()
    dismissed: frozenset[str] = field(default=frozenset())

    def require(self, *ids: int) -> None:
        if not set(ids) <= set(self.fields):
            raise RefusedError

    def require_chosen(self, ids: Collection[int]) -> None:
        self.require(*ids)
        if not ids or 0 in ids:
            raise RefusedError

    # -- the tree --------------------------------------------------------

    def above(self, identity: int) -> list[int]:
        found = []
        while (identity := self.fields[identity]["parent"]) is not None:
            found.append(identity)
        return found

    def under(self, *ids: int) -> set[int]:
        return {i for i, f in self.fields.items() if f["parent"] in ids}

    def locks_on(self, identity: int) -> set[int]:
        return {i for i in (identity, *self.above(identity)) if self.fields[i]["locked"]}

    def require_free(self, ids: Iterable[int]) -> None:
        if any(self.locks_on(i) for i in ids):
            raise RefusedError

    # -- steps -----------------------------------------------------------

    def said(self, identity: int, **given: Any) -> Plain:
        return replace(self, fields={**self.fields, identity: {**self.fields[identity], **given}})

    def moved(self, rows: Collection[int], to: int) -> Plain:
        return replace(
            self,
            owners=tuple(to if r in rows else o for r, o in enumerate(self.owners)),
            confidence=tuple(None if r in rows else c for r, c in enumerate(self.confidence)),
        )

    def handed(self, ids: Collection[int], to: int) -> Plain:
        return replace(self, owners=tuple(to if o in ids else o for o in self.owners))

    def born(self, name: str, **given: Any) -> tuple[Plain, int]:
        record = {"name": name, "parent": None, "locked": False, **given}
        fields = {**self.fields, self.next_id: record}
        return replace(self, fields=fields, next_id=self.next_id + 1), self.next_id

    def without(self, gone: Collection[int]) -> Plain:
        """Children go to the nearest above that stays; links of what is gone are gone."""
        fields = {}
        for identity, record in self.fields.items():
            if identity not in gone:
                stay = [i for i in self.above(identity) if i not in gone]
                fields[identity] = {**record, "parent": stay[0] if stay else None}
        links = {link for link in self.links if not set(link[1:]) & set(gone)}
        return replace(self, fields=fields, links=frozenset(links))

    def fused(self, gone: Collection[int], into: int) -> Plain:
        """Children and links of what is gone go to `into`, which rises above all of it."""
        fields = {}
        for identity, record in self.fields.items():
            if identity not in gone:
                over = self.above(identity)
                if identity == into:
                    higher = [i for n, i in enumerate(over) if not set(over[n:]) & set(gone)]
                    parent = higher[0] if higher else None
                else:
                    parent = into if over and over[0] in gone else record["parent"]
                fields[identity] = {**record, "parent": parent}
        links = {_link(k, *(into if i in gone else i for i in pair)) for k, *pair in self.links}
        return replace(self, fields=fields, links=frozenset(x for x in links if x[1] != x[2]))


def _link(kind: str, one: int, two: int) -> Link:
    return kind, min(one, two), max(one, two)


def pairs(kind: str, ids: Iterable[int]) -> set[Link]:
    chosen = set(ids)
    return {(kind, a, b) for a in chosen for b in chosen if a < b}


def free_name(state: Plain, stem: str) -> str:
    names = {f["name"] for f in state.fields.values()}
    return next(f"{stem}.{i}" for i in range(1, 10_000) if f"{stem}.{i}" not in names)
