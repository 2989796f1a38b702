"""A proposal that is taken in part: neighborhood by neighborhood."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation, owners_of
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.proposal import Proposal


def limited_to(proposal: Proposal, rows: NDArray[np.bool_], atlas: Atlas) -> Proposal:
    """The proposal for some of its cells only; all others stay where they are.

    Neighborhoods that have no cell left are gone, and the numbers of the others
    close up.

    Parameters
    ----------
    rows : (n_scope,) bool
        Which cells of its scope.
    """
    kept = proposal.labels[rows]
    # By a table, as sorting ten million labels takes a second. Index -1 is its last.
    known = np.flatnonzero(np.bincount(kept + 1)[1:])
    ranks = np.full(known.max(initial=-1) + 2, -1, np.int32)
    ranks[known] = np.arange(len(known), dtype=np.int32)
    labels = ranks[kept]
    cells = np.arange(atlas.n_cells) if proposal.cells is None else proposal.cells
    return replace(
        proposal,
        labels=labels,
        confidence=proposal.confidence[rows],
        cells=cells[rows],
        neighborhoods=tuple(proposal.neighborhoods[i] for i in known if proposal.neighborhoods),
    )


def part_of(proposal: Proposal, taken: Collection[int], atlas: Atlas) -> Proposal:
    """The proposal for the cells of some of its neighborhoods; it says so in its evidence.

    Parameters
    ----------
    taken : collection of int
        Indexes into its neighborhoods. With all of them it is the proposal itself.
    """
    n = len(proposal.neighborhoods)
    chosen = np.zeros(n + 1, bool)
    chosen[list(taken)] = True
    if chosen[:n].all():
        return proposal
    # The last is -1: what would be unassigned belongs to no neighborhood that is taken.
    part = limited_to(proposal, chosen[proposal.labels], atlas)
    told = {"taken": int(chosen.sum()), "of": n}
    return replace(part, evidence={**proposal.evidence, **told})


def changes(proposal: Proposal, atlas: Atlas, curation: Curation) -> bool:
    """Whether any cell would have another owner."""
    cells = np.arange(atlas.n_cells) if proposal.cells is None else proposal.cells
    # Index -1 is the last: unassigned.
    goes_to = np.array(
        [-1 if n.continues is None else n.continues for n in proposal.neighborhoods] + [UNASSIGNED]
    )
    return bool((goes_to[proposal.labels] != owners_of(curation, cells, atlas)).any())
