"""Differences between two states as sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from napari_brain_atlas.compute.correspondence import Origin
from napari_brain_atlas.compute.differences import Kind, Move
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.links import LinkedPair
from napari_brain_atlas.model.neighborhood import UNASSIGNED, Neighborhood
from napari_brain_atlas.model.wording import count, listed

_FIELDS = {
    "color": "colour", "full_name": "full name", "term_id": "term", "term_label": "term label",
    "marker_genes": "marker genes", "dois": "DOIs",
}  # fmt: skip
_SHORT = 30


class Wording:
    """Says what differs, with the names of the second state where it has them.

    A name that is empty or that several neighborhoods have gets the id behind it.

    Parameters
    ----------
    before, after : mapping of int to Neighborhood
    same : mapping of int to int
        Which neighborhood of the first state is which of the second.
    """

    def __init__(
        self,
        before: Mapping[int, Neighborhood],
        after: Mapping[int, Neighborhood],
        same: Mapping[int, int],
    ) -> None:
        self._old, self._new = _names(before), _names(after)
        self._same = same

    def origin(
        self, kind: Kind, origin: Origin, moves: Sequence[Move], cells: int, sections: int
    ) -> str:
        """A split, a merge, and neighborhoods that came and went."""
        extent = f"{count(cells, 'cell')} on {count(sections, 'section')}"
        old = listed(self._was(i) for i in origin.before)
        new = listed(self._new[j] for j in origin.after)
        if kind == "split":
            return f"{old} was split into {new} — {extent}"
        if kind == "merged":
            return f"{old} were merged into {new} — {extent}"
        if kind == "redrawn":
            were = "was" if len(origin.before) == 1 else "were"
            return f"{old} {were} redrawn as {new} — {extent}"
        if kind == "new":
            if origin.before == (UNASSIGNED,):
                return f"{new} is new — {extent}, unassigned before"
            return f"{new} is new — {extent}, of {self._shares(moves, 'giver')}"
        went = self._shares(moves, "taker") if len(origin.after) > 1 else new
        if origin.after == (UNASSIGNED,):
            return f"{old} is gone — {extent} became unassigned"
        return f"{old} is gone — {extent} went to {went}"

    def empty(self, kind: Kind, identity: int) -> str:
        """A neighborhood without cells that came or went."""
        if kind == "new":
            return f"{self._new[identity]} is new and has no cells of its own"
        return f"{self._old[identity]} is gone; it had no cells of its own"

    def boundary(self, moves: Sequence[Move]) -> str:
        """Cells that went across, one way or both."""
        first = moves[0]
        sides = f"{self._had(first.giver)} | {self._new[first.taker]}"
        told = [
            f"{count(m.cells, 'cell')} ({100 * m.share:.1f} %) on {count(m.sections, 'section')} "
            f"went from {self._had(m.giver)} to {self._new[m.taker]}"
            for m in moves
        ]
        return f"{sides}: boundary moved, {' and '.join(told)}"

    def renamed(self, one: Neighborhood, two: Neighborhood) -> str:
        """Another name."""
        return f"{self._old[one.id]} was renamed to {self._new[two.id]}"

    def annotated(self, one: Neighborhood, two: Neighborhood, fields: Iterable[str]) -> str:
        """What is said differently; short values are shown."""
        told = [_field(f, getattr(one, f), getattr(two, f)) for f in fields]
        return f"{self._new[two.id]} was annotated: {', '.join(told)}"

    def grouped(self, one: Neighborhood, two: Neighborhood) -> str:
        """Another place in the tree."""
        name = self._new[two.id]
        if two.parent is None:
            above = self._old.get(one.parent or 0)
            return f"{name} is no longer grouped under {above}"
        if one.parent is None:
            return f"{name} is now grouped under {self._new[two.parent]}"
        old, new = self._was(one.parent), self._new[two.parent]
        if old == new:
            # One was made in the place of another of the same name.
            old, new = f"{old} ({one.parent})", f"{new} ({two.parent})"
        return f"{name} is grouped under {new}, not {old}"

    def locked(self, two: Neighborhood) -> str:
        """A lock that was set or taken off."""
        return f"{self._new[two.id]} was {'locked' if two.locked else 'unlocked'}"

    def linked(self, link: LinkedPair, curation: Curation, *, now: bool) -> str:
        """A link that was made or taken back."""
        names = self._new if now else self._old
        pair = f"{names[link.first]} and {names[link.second]}"
        return f"{pair} are {'now' if now else 'no longer'} linked ({link.kind})"

    def _was(self, identity: int) -> str:
        """Its name in the first state."""
        return self._old[identity]

    def _had(self, identity: int) -> str:
        """Its name in the second state, else in the first."""
        after = self._same.get(identity)
        return self._old[identity] if after is None else self._new[after]

    def _shares(self, moves: Sequence[Move], side: Literal["giver", "taker"]) -> str:
        whole = sum(m.cells for m in moves)
        names = [self._had(m.giver) if side == "giver" else self._new[m.taker] for m in moves]
        pairs = zip(names, moves, strict=True)
        return listed(f"{name} ({100 * m.cells / whole:.0f} %)" for name, m in pairs)


def _names(neighborhoods: Mapping[int, Neighborhood]) -> dict[int, str]:
    counts = Counter(n.name for n in neighborhoods.values())
    return {
        i: "unassigned" if i == UNASSIGNED
        else repr(n.name) if counts[n.name] == 1 and n.name.strip()
        else f"{n.name!r} ({i})"
        for i, n in neighborhoods.items()
    }  # fmt: skip


def _field(name: str, old: Any, new: Any) -> str:
    told = _FIELDS.get(name, name)
    values = [", ".join(v) if isinstance(v, tuple) else str(v or "none") for v in (old, new)]
    values = [v or "none" for v in values]
    if max(map(len, values)) > _SHORT:
        return f"{told} changed"
    return f"{told} {values[0]} → {values[1]}"
