"""The rows of the table of neighborhoods, and of the legend. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.gui.arranging import groups_of, topmost, with_members
from napari_brain_atlas.gui.standing import standing_text
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import UNASSIGNED, Neighborhood
from napari_brain_atlas.model.wording import count, listed

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """A neighborhood in the table; numbers include all that is grouped under it.

    Attributes
    ----------
    id : int
    name, color : str
    n_cells, n_sections : int
    here : int
        Cells on the section shown.
    parent : int or None
        What it is grouped under.
    members : int
        Number of neighborhoods under it, at any depth.
    own : int
        Cells of its own, without those under it.
    locked : bool
        Whether it has a lock itself.
    lock_above : str
        Name of the nearest one above it whose lock holds it; empty if none does.
    """

    id: int
    name: str
    color: str
    n_cells: int
    n_sections: int
    here: int
    parent: int | None = None
    members: int = 0
    own: int = 0
    locked: bool = False
    lock_above: str = ""

    @property
    def is_hollow(self) -> bool:
        """Whether no cell has its colour, as it is only a group of others."""
        return self.members > 0 and not self.own


def rows_of(curation: Curation, section: int) -> tuple[Row, ...]:
    """All neighborhoods, groups and empty ones too; by size, unassigned last."""
    members, counts = _summed(curation)
    own, cells = curation.counts.sum(axis=1), counts.sum(axis=1)
    sections, here = (counts > 0).sum(axis=1), counts[:, section]
    numbers = np.stack([cells, sections, here, own], axis=1).tolist()
    rows = [
        _row(curation, curation.neighborhoods[i], members.get(i, 0), numbers[at])
        for at, i in enumerate(curation.ids.tolist())
    ]
    return tuple(sorted(rows, key=lambda r: (r.id == UNASSIGNED, -r.n_cells, r.id)))


def legend_of(curation: Curation, section: int | None) -> tuple[Row, ...]:
    """What owns cells on a section, or on any where it is None.

    The largest first, unassigned last; groups own none.
    """
    here = curation.counts.sum(axis=1) if section is None else curation.counts[:, section]
    found = np.flatnonzero(here)
    rows = []
    for at in found[np.argsort(-here[found], kind="stable")].tolist():
        n = curation.neighborhood(int(curation.ids[at]))
        total = int(curation.counts[at].sum())
        sections = int((curation.counts[at] > 0).sum())
        rows.append(Row(n.id, n.name, n.color, total, sections, int(here[at]), own=total))
    return tuple(sorted(rows, key=lambda r: r.id == UNASSIGNED))


def summary_of(atlas: Atlas, curation: Curation, section: int, selection: tuple[int, ...]) -> str:
    """The selected neighborhoods in words."""
    chosen = [curation.neighborhood(i) for i in selection if i in curation.neighborhoods]
    if not chosen:
        return "Click the tissue or a row to select a neighborhood."
    names = [n.name for n in chosen]
    told = listed(names[:3]) if len(names) <= 3 else f"{', '.join(names[:3])} and others"
    under = with_members(curation, (n.id for n in chosen))
    counts = curation.counts[curation.ids.searchsorted(np.array(under))]
    cells = count(int(counts.sum()), "cell")
    if len(chosen) > 1:
        return f"{len(chosen)} selected: {told} · {cells}"
    group = f" · {count(len(under) - 1, 'neighborhood')}" if len(under) > 1 else ""
    sections = count(int((counts.sum(axis=0) > 0).sum()), "section")
    here = int(counts[:, section].sum())
    standing = standing_text(atlas, counts.sum(axis=0))
    words = f"{told}{group}", f"{cells} on {sections}", f"{here:,} here", standing
    return " · ".join(filter(None, words))


def _row(curation: Curation, neighborhood: Neighborhood, members: int, numbers: list[int]) -> Row:
    cells, sections, here, own = numbers
    held = [n for n in curation.locks_on(neighborhood.id) if n.id != neighborhood.id]
    return Row(
        neighborhood.id, neighborhood.name, neighborhood.color, cells, sections, here,
        parent=neighborhood.parent, members=members, own=own,
        locked=neighborhood.locked, lock_above=held[0].name if held else "",
    )  # fmt: skip


def _summed(curation: Curation) -> tuple[dict[int, int], Counts]:
    """How many lie under each group, and cells by section with all under it counted."""
    under, counts = groups_of(curation), curation.counts
    if not under:
        return {}, counts
    counts = counts.copy()
    rows = {identity: at for at, identity in enumerate(curation.ids.tolist())}
    members: dict[int, int] = {}
    downwards = with_members(curation, topmost(curation, under))
    # Each one comes after what is above it, so backwards all under it has been summed.
    for identity in reversed(downwards):
        for member in under.get(identity, ()):
            counts[rows[identity]] += counts[rows[member]]
            members[identity] = members.get(identity, 0) + 1 + members.get(member, 0)
    return members, counts
