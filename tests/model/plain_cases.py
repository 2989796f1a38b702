"""From the model's values to their plain twins, and from intents to commands."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np
from plain_commands import Intent
from plain_curation import Plain, PlainProposal
from small_atlas import owners_by_row, start

from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.links import LinkedPair
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.proposal import Proposal, ProposedNeighborhood, proposal_to_bytes
from napari_brain_atlas.model.roll import Roll
from napari_brain_atlas.model.state import state_to_bytes

Encode = Callable[[Collection[int]], Any]
Write = Callable[[bytes], str]


def plain_start(atlas: Atlas) -> Plain:
    curation = start(atlas)
    stored = np.concatenate([s.confidence for s in curation.partition.sections])
    said = {"name", "parent", "locked"}
    return Plain(
        tuple(owners_by_row(curation, atlas)),
        tuple(stored[atlas.atlas_positions].tolist()),
        {i: n.model_dump(include=said) for i, n in curation.neighborhoods.items()},
        curation.next_id,
    )


def to_command(intent: Intent, encode: Encode, write: Write, atlas: Atlas) -> dict[str, Any]:
    """The JSON of an intent; `encode` writes sets of rows and `write` keeps blobs."""
    command: dict[str, Any] = {}
    for name, value in intent.items():
        match name:
            case "rows":
                command["cells"] = encode(value)
            case "parts" | "commands":
                command[name] = [to_command(part, encode, write, atlas) for part in value]
            case "proposal":
                command["blob"] = write(proposal_bytes(value, atlas))
                command["scope"] = {"cells": len(value.labels)}
            case "state":
                command.update(_carried(value, write, atlas))
            case _:
                command[name] = value
    return command


def _carried(state: Plain, write: Write, atlas: Atlas) -> dict[str, Any]:
    origin = {"file": "old.h5ad", "journal": "0" * 32, "author": "ann", "seq": 3}
    return {
        "blob": write(state_bytes(state, atlas)),
        "origin": {**origin, "fingerprint": "9-other"},
        "kept": atlas.n_cells, "lost": 1, "found": 0,
    }  # fmt: skip


def state_bytes(state: Plain, atlas: Atlas) -> bytes:
    records = [
        Neighborhood(id=i, **{"color": "#0a0b0c", **fields}) for i, fields in state.fields.items()
    ]
    curation = replace(
        start(atlas),
        neighborhoods=Roll.of(records),
        links=frozenset(LinkedPair(*link) for link in state.links),
        dismissed=state.dismissed,
        next_id=state.next_id,
    )
    stored = [np.nan if c is None or c == 255 else c / 254 for c in state.confidence]
    labels, confidence = np.array(state.owners, np.int32), np.array(stored, np.float32)
    return state_to_bytes(curation, labels, confidence, atlas.fingerprint)


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
            cells=None if len(rows) == atlas.n_cells else atlas.atlas_positions[rows],
        ),
        atlas,
    )


def plain_records(curation: Curation) -> dict[int, dict[str, Any]]:
    return {i: n.model_dump(mode="json") for i, n in curation.neighborhoods.items()}
