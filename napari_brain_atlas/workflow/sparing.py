"""What is locked stays out of a proposal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation, owners_of
from napari_brain_atlas.model.proposal import Proposal
from napari_brain_atlas.workflow.parts import limited_to


def sparing_locked(proposal: Proposal, atlas: Atlas, curation: Curation) -> Proposal:
    """The proposal without the cells of locked neighborhoods, which says so in its evidence.

    A curator locks what is right and looks for more in the rest, so a whole-brain
    proposal takes the rest for its scope. Clusters that had no other cells are
    gone, and the numbers of the others close up.
    """
    locked = [i for i in curation.ids.tolist() if curation.lock_on(i) is not None]
    if not locked:
        return proposal
    cells = np.arange(atlas.n_cells) if proposal.cells is None else proposal.cells
    free = ~np.isin(owners_of(curation, cells, atlas), locked)
    if free.all():
        return proposal
    evidence = {**proposal.evidence, "locked_left_out": locked}
    return replace(limited_to(proposal, free, atlas), evidence=evidence)
