"""The tree of neighborhoods above the partition: parents, children, and inherited locks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain

from napari_brain_atlas.model.neighborhood import Neighborhood


def ancestors(roll: Mapping[int, Neighborhood], identity: int) -> Iterator[Neighborhood]:
    """The neighborhoods above one, nearest first."""
    parent = roll[identity].parent
    while parent is not None:
        yield roll[parent]
        parent = roll[parent].parent


def children(roll: Mapping[int, Neighborhood], *above: int) -> list[Neighborhood]:
    """The neighborhoods directly under any of these, by id."""
    return sorted((n for n in roll.values() if n.parent in above), key=lambda n: n.id)


def subtree(roll: Mapping[int, Neighborhood], identity: int) -> list[int]:
    """Ids of a neighborhood and of all that are grouped under it."""
    under: dict[int, list[int]] = {}
    for neighborhood in roll.values():
        if neighborhood.parent is not None:
            under.setdefault(neighborhood.parent, []).append(neighborhood.id)
    found = [identity]
    for member in found:
        found.extend(sorted(under.get(member, ())))
    return found


def locks_on(roll: Mapping[int, Neighborhood], identity: int) -> Iterator[Neighborhood]:
    """The neighborhoods whose locks hold this one: itself, then those above it."""
    return (n for n in chain((roll[identity],), ancestors(roll, identity)) if n.locked)


def adopted(roll: Mapping[int, Neighborhood], gone: Collection[int]) -> list[Neighborhood]:
    """What stays of the children when neighborhoods go: they move up to what is above."""
    moved = []
    for neighborhood in roll.values():
        if neighborhood.parent in gone and neighborhood.id not in gone:
            above = (n.id for n in ancestors(roll, neighborhood.id) if n.id not in gone)
            moved.append(neighborhood.model_copy(update={"parent": next(above, None)}))
    return moved


def merged(
    roll: Mapping[int, Neighborhood], gone: Collection[int], into: int
) -> list[Neighborhood]:
    """What becomes of the tree when `gone` are merged into one: it takes over their children.

    Where it lies under one of them, it takes the place of the topmost.
    """
    changed = [
        n.model_copy(update={"parent": into})
        for n in roll.values()
        if n.parent in gone and n.id != into and n.id not in gone
    ]
    above = [n for n in ancestors(roll, into) if n.id in gone]
    if above:
        changed.append(roll[into].model_copy(update={"parent": above[-1].parent}))
    return changed


def is_tree(neighborhoods: Iterable[Neighborhood]) -> bool:
    """Whether every parent is among them and none is its own ancestor."""
    parents = {n.id: n.parent for n in neighborhoods}
    for start in parents:
        seen: set[int] = set()
        at: int | None = start
        while at is not None:
            if at in seen or at not in parents:
                return False
            seen.add(at)
            at = parents[at]
    return True


def once(identities: Iterable[int]) -> tuple[int, ...]:
    """Ids once each, in their order."""
    return tuple(dict.fromkeys(identities))
