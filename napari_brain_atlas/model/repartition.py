"""Taking a proposal: the step behind the Repartition command."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.lineage import ancestors
from napari_brain_atlas.model.neighborhood import UNASSIGNED, Neighborhood
from napari_brain_atlas.model.partition import SectionPartition
from napari_brain_atlas.model.proposal import Proposal


def take_proposal(curation: Curation, proposal: Proposal, atlas: Atlas) -> Curation:
    """The cells in scope get the neighborhoods of the proposal.

    A neighborhood that loses its last cell by this, and that the proposal does
    not continue, is gone; but one under which others stay, stays as their group.

    Raises
    ------
    CommandError
        If the proposal continues a neighborhood that does not exist.
    """
    fresh: list[Neighborhood] = []
    owners = [UNASSIGNED]
    for proposed in proposal.neighborhoods:
        if proposed.continues is not None:
            if proposed.continues == UNASSIGNED:
                raise CommandError("a proposal cannot continue unassigned")
            owners.append(curation.neighborhood(proposed.continues).id)
        else:
            identity = curation.next_id + len(fresh)
            fresh.append(Neighborhood(id=identity, name=proposed.name, color=proposed.color))
            owners.append(identity)
    after = _with_labels(curation.with_neighborhoods(*fresh), proposal, owners, atlas)
    was, now = _filled(curation), _filled(after)
    emptied = was - now - {UNASSIGNED, *owners}
    return after.without(emptied - _above_others(after, emptied)) if emptied else after


def changed_though_locked(before: Curation, after: Curation) -> list[int]:
    """Ids of locked neighborhoods that would not have the same cells."""
    held = [i for i in before.ids.tolist() if before.lock_on(i) is not None]
    if not held:
        return []
    changed = set[int]()
    for one, two in zip(before.partition.sections, after.partition.sections, strict=True):
        if one is not two:
            was, now = before.owners[one.fragments], after.owners[two.fragments]
            moved = was != now
            changed.update(np.unique(was[moved]).tolist(), np.unique(now[moved]).tolist())
    return sorted(changed & set(held))


def _with_labels(
    curation: Curation, proposal: Proposal, owners: list[int], atlas: Atlas
) -> Curation:
    # Where every cell is placed anew no old fragment stays, and numbers begin again.
    cells = proposal.cells
    kept = 0 if cells is None else curation.partition.n_fragments
    starts = atlas.section_starts
    bounds = starts if cells is None else np.searchsorted(cells, starts)
    changed = {}
    for section in atlas.sections:
        here = slice(bounds[section.index], bounds[section.index + 1])
        if here.start < here.stop:
            part = curation.partition.sections[section.index]
            # Label -1 is the first of the new fragments and belongs to unassigned.
            labels = proposal.labels[here] + np.int32(kept + 1)
            confidence = proposal.confidence[here].copy()
            if cells is not None and len(labels) < section.n_cells:
                local = cells[here] - section.start
                labels = _placed(part.fragments, local, labels)
                confidence = _placed(part.confidence, local, confidence)
            changed[section.index] = SectionPartition.of(labels, confidence)
    return replace(
        curation,
        partition=curation.partition.replaced(changed, kept + len(owners)),
        owners=np.concatenate([curation.owners[:kept], np.array(owners, np.int32)]),
        by_hand=np.concatenate([curation.by_hand[:kept], np.zeros(len(owners), bool)]),
    )


def _placed(old: NDArray[Any], where: NDArray[np.int64], values: NDArray[Any]) -> NDArray[Any]:
    copy = old.copy()
    copy[where] = values
    return copy


def _above_others(curation: Curation, emptied: Collection[int]) -> set[int]:
    """Ids of all neighborhoods that lie above one that is not among the emptied."""
    roll = curation.neighborhoods
    return {n.id for i in roll if i not in emptied for n in ancestors(roll, i)}


def _filled(curation: Curation) -> set[int]:
    """Ids of the neighborhoods that have cells."""
    return set(curation.owners[curation.partition.spread.sizes > 0].tolist())
