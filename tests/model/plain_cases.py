"""From the model's values to their plain twins, and back."""

from __future__ import annotations

import numpy as np
from plain_curation import Plain, PlainProposal
from small_atlas import owners_by_row, start

from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.proposal import Proposal, ProposedNeighborhood, proposal_to_bytes


def plain_start(atlas: Atlas) -> Plain:
    curation = start(atlas)
    stored = np.concatenate([s.confidence for s in curation.partition.sections])
    return Plain(
        tuple(owners_by_row(curation, atlas)),
        tuple(stored[atlas.atlas_positions].tolist()),
        {i: n.model_dump(include={"name"}) for i, n in curation.neighborhoods.items()},
        curation.next_id,
    )


def proposal_bytes(proposal: PlainProposal, atlas: Atlas) -> bytes:
    rows = sorted(proposal.labels, key=lambda r: int(atlas.atlas_positions[r]))
    return proposal_to_bytes(
        Proposal(
            labels=np.array([proposal.labels[r] for r in rows], np.int32),
            confidence=np.full(len(rows), proposal.confidence, np.uint8),
            neighborhoods=tuple(
                ProposedNeighborhood(name=n, color="#102030", continues=c)
                for n, c in zip(proposal.names, proposal.continues, strict=True)
            ),
            cells=atlas.atlas_positions[rows],
        ),
        atlas,
    )
