"""The rules of the commands once more, over plain tuples and sets: what the model must equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any


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
    """

    owners: tuple[int, ...]
    confidence: tuple[int | None, ...]
    fields: Mapping[int, Mapping[str, Any]]
    next_id: int

    def require(self, *ids: int) -> None:
        if not set(ids) <= set(self.fields):
            raise RefusedError

    def moved(self, rows: set[int], to: int) -> Plain:
        return replace(
            self,
            owners=tuple(to if r in rows else o for r, o in enumerate(self.owners)),
            confidence=tuple(None if r in rows else c for r, c in enumerate(self.confidence)),
        )

    def born(self, name: str, **given: Any) -> tuple[Plain, int]:
        fields = {**self.fields, self.next_id: {"name": name, **given}}
        return replace(self, fields=fields, next_id=self.next_id + 1), self.next_id


def merge(state: Plain, members: Sequence[int], into: int) -> Plain:
    ids = set(members) | {into}
    state.require(*ids)
    if 0 in ids or len(ids) < 2:
        raise RefusedError
    owners = tuple(into if o in ids else o for o in state.owners)
    fields = {i: f for i, f in state.fields.items() if i == into or i not in ids}
    return replace(state, owners=owners, fields=fields)


def split(state: Plain, origin: int, parts: Sequence[tuple[set[int], str | None]]) -> Plain:
    state.require(origin)
    together = [r for rows, _ in parts for r in rows]
    mine = {r for r, o in enumerate(state.owners) if o == origin}
    if not parts or not all(rows for rows, _ in parts) or len(set(together)) != len(together):
        raise RefusedError
    if not set(together) <= mine or (origin and len(together) == len(mine)):
        raise RefusedError
    for rows, name in parts:
        state, child = state.born(name or free_name(state, origin))
        state = state.moved(rows, child)
    return state


def free_name(state: Plain, origin: int) -> str:
    stem = state.fields[origin]["name"] if origin else "new"
    names = {f["name"] for f in state.fields.values()}
    return next(f"{stem}.{i}" for i in range(1, 10_000) if f"{stem}.{i}" not in names)


def reassign(state: Plain, rows: set[int], into: int) -> Plain:
    state.require(into)
    if not rows or max(rows) >= len(state.owners):
        raise RefusedError
    return state.moved(rows, into)


def annotate(state: Plain, identity: int, fields: Mapping[str, Any]) -> Plain:
    state.require(identity)
    if identity == 0 or not fields:
        raise RefusedError
    return replace(state, fields={**state.fields, identity: {**state.fields[identity], **fields}})


def repartition(state: Plain, proposal: PlainProposal) -> Plain:
    ids = []
    before = state
    for name, continues in zip(proposal.names, proposal.continues, strict=True):
        if continues is None:
            state, identity = state.born(name)
        else:
            before.require(continues)
            if continues == 0:
                raise RefusedError
            identity = continues
        ids.append(identity)
    owners, confidence = list(state.owners), list(state.confidence)
    for row, label in proposal.labels.items():
        owners[row] = 0 if label < 0 else ids[label]
        confidence[row] = proposal.confidence
    lost = set(before.owners) - set(owners) - set(ids) - {0}
    fields = {i: f for i, f in state.fields.items() if i not in lost}
    return Plain(tuple(owners), tuple(confidence), fields, state.next_id)
