"""Taking a proposal: the step behind the Repartition command."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import UNASSIGNED, Neighborhood
from napari_brain_atlas.model.partition import SectionPartition
from napari_brain_atlas.model.proposal import Proposal


def take_proposal(curation: Curation, proposal: Proposal, atlas: Atlas) -> Curation:
    """The cells in scope get the neighborhoods of the proposal.

    A neighborhood that loses its last cell by this, and that the proposal does
    not continue, is gone.

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
    emptied = [
        n
        for n, was, now in zip(
            curation.ids, curation.counts.sum(1), _counts(after, curation), strict=True
        )
        if n != UNASSIGNED and was > 0 and now == 0 and n not in owners
    ]
    return after.without(emptied)


def _with_labels(
    curation: Curation, proposal: Proposal, owners: list[int], atlas: Atlas
) -> Curation:
    first = curation.partition.n_fragments
    cells = proposal.cells_in(atlas)
    bounds = np.searchsorted(cells, atlas.section_starts)
    changed = {}
    for section in atlas.sections:
        here = slice(bounds[section.index], bounds[section.index + 1])
        if here.start < here.stop:
            part = curation.partition.sections[section.index]
            local = cells[here] - section.start
            fragments, confidence = part.fragments.copy(), part.confidence.copy()
            # Label -1 is the first of the new fragments and belongs to unassigned.
            fragments[local] = proposal.labels[here] + (first + 1)
            confidence[local] = proposal.confidence[here]
            changed[section.index] = SectionPartition.of(fragments, confidence)
    return replace(
        curation,
        partition=curation.partition.replaced(changed, first + len(owners)),
        owners=np.concatenate([curation.owners, np.array(owners, np.int32)]),
        by_hand=np.concatenate([curation.by_hand, np.zeros(len(owners), bool)]),
    )


def _counts(after: Curation, before: Curation) -> NDArray[np.int64]:
    """Cells that each neighborhood of `before` has in `after`, (n,) int64."""
    totals = after.counts.sum(1)
    return np.asarray(totals[np.searchsorted(after.ids, before.ids)])
