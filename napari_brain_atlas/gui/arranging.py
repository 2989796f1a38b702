"""What grouping, locking and deleting would do to the selected neighborhoods. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from napari_brain_atlas.model.commands import (
    Annotate,
    Batch,
    Delete,
    Group,
    Lock,
    Ungroup,
    Unlock,
)
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.lineage import ancestors
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.wording import listed


def groups_of(curation: Curation) -> dict[int, list[int]]:
    """What lies directly under each neighborhood that others are grouped under, by id."""
    under: dict[int, list[int]] = {}
    for neighborhood in curation.neighborhoods.values():
        if neighborhood.parent is not None:
            under.setdefault(neighborhood.parent, []).append(neighborhood.id)
    return under


def with_members(curation: Curation, identities: Iterable[int]) -> tuple[int, ...]:
    """The neighborhoods and all that is grouped under them, once each, in order."""
    under = groups_of(curation)
    found: dict[int, None] = {}
    waiting = list(identities)[::-1]
    while waiting:
        identity = waiting.pop()
        if identity not in found:
            found[identity] = None
            waiting.extend(sorted(under.get(identity, ()), reverse=True))
    return tuple(found)


def owners_among(curation: Curation, identities: Iterable[int]) -> tuple[int, ...]:
    """The neighborhoods and all under them, without groups that have no cells of their own."""
    groups, sizes = groups_of(curation), curation.counts.sum(axis=1)
    rows = curation.ids
    return tuple(
        i
        for i in with_members(curation, identities)
        if i not in groups or sizes[rows.searchsorted(i)]
    )


def topmost(curation: Curation, identities: Iterable[int]) -> tuple[int, ...]:
    """Those that do not lie under another of them."""
    roll, chosen = curation.neighborhoods, dict.fromkeys(identities)
    return tuple(i for i in chosen if not any(n.id in chosen for n in ancestors(roll, i)))


def group_takes(curation: Curation, chosen: Sequence[int]) -> bool:
    """Whether grouping puts all others under the one selected first, as it is a group."""
    return len(chosen) > 1 and chosen[0] in groups_of(curation)


def group_command(curation: Curation, chosen: Sequence[int], name: str = "") -> Group:
    """Group the selected: under the first where that is a group, else under a new one."""
    if group_takes(curation, chosen):
        members = topmost(curation, chosen[1:])
        return Group(neighborhoods=members, into=chosen[0])
    return Group(neighborhoods=topmost(curation, chosen), name=name or None)


def ungroup_command(
    curation: Curation, chosen: Sequence[int]
) -> Ungroup | Annotate | Batch | None:
    """Dissolve the selected groups, and take what is none out of the group it lies under."""
    groups = groups_of(curation)
    moves: list[Ungroup | Annotate] = []
    for identity in chosen:
        parent = curation.neighborhood(identity).parent
        if identity in groups:
            moves.append(Ungroup(neighborhood=identity))
        elif parent is not None and parent not in chosen:
            above = curation.neighborhood(parent).parent
            moves.append(Annotate(neighborhood=identity, parent=above or UNASSIGNED))
    if len(moves) < 2:
        return moves[0] if moves else None
    return Batch(commands=tuple(moves), name=f"ungroup {short_names(curation, chosen)}")


def lock_command(curation: Curation, chosen: Sequence[int]) -> Lock | Unlock | None:
    """Lock what is free of the selected; else unlock; None if all locks lie above them."""
    free = tuple(i for i in chosen if curation.lock_on(i) is None)
    if free:
        return Lock(neighborhoods=free)
    own = tuple(i for i in chosen if curation.neighborhood(i).locked)
    return Unlock(neighborhoods=own) if own else None


def delete_command(chosen: Sequence[int]) -> Delete | None:
    """Give the selected neighborhoods up."""
    return Delete(neighborhoods=tuple(chosen)) if chosen else None


def short_names(curation: Curation, identities: Collection[int], most: int = 2) -> str:
    """Names for a button or a tip: ``'CA1' and 'CA3'``, ``'CA1', 'CA3' and 4 others``."""
    told = [repr(shortened(curation.neighborhood(i).name)) for i in identities]
    if len(told) > most + 1:
        told[most:] = [f"{len(told) - most:,} others"]
    return listed(told)


def shortened(name: str, longest: int = 18) -> str:
    """A name that fits on a button or in the legend."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
