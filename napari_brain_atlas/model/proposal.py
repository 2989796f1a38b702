"""Whole partitions as values: what discovery proposes, and what a journal starts from.

Both are kept as one npz in the archive, see docs/journal-format.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from napari_brain_atlas.errors import JournalError
from napari_brain_atlas.model.archive import arrays_to_bytes
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.lineage import is_tree
from napari_brain_atlas.model.links import LinkedPair
from napari_brain_atlas.model.neighborhood import (
    NOBODY,
    Color,
    FrozenModel,
    Neighborhood,
)
from napari_brain_atlas.model.packing import (
    PACK_VERSION,
    beside_to_record,
    pack,
    record_to_beside,
    unpack,
    within,
)
from napari_brain_atlas.model.partition import (
    UNKNOWN_CONFIDENCE,
    Partition,
    SectionPartition,
)
from napari_brain_atlas.model.roll import Roll


class ProposedNeighborhood(FrozenModel):
    """One neighborhood of a proposal.

    Attributes
    ----------
    name, color : str
        Used where the proposal makes a new neighborhood.
    continues : int, optional
        Id of the present neighborhood that it continues, with its name,
        colour and annotation.
    """

    name: str
    color: Color
    continues: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A new partition of the cells in scope. Nothing changes before it is taken.

    Attributes
    ----------
    labels : (n_scope,) int32
        Index into `neighborhoods` for each cell in scope, in atlas order;
        -1 goes to unassigned.
    confidence : (n_scope,) uint8
        Stored confidence, see `model.partition`.
    neighborhoods : tuple of ProposedNeighborhood
    cells : (n_scope,) int64 or None
        The cells in scope in atlas order; None for all.
    evidence : mapping
        How it was made: parameters, seed, versions.
    """

    labels: NDArray[np.int32]
    confidence: NDArray[np.uint8]
    neighborhoods: tuple[ProposedNeighborhood, ...]
    cells: NDArray[np.int64] | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)


def proposal_to_bytes(proposal: Proposal, atlas: Atlas) -> bytes:
    """Pack a proposal; cells are written by their position in the file."""
    everywhere = proposal.cells is None
    positions = None if everywhere else atlas.file_positions[proposal.cells]
    # All cells have their order known; nothing as long as the brain is sorted for them.
    order = atlas.atlas_positions if positions is None else np.argsort(positions)
    record = {
        "kind": "proposal",
        "version": PACK_VERSION,
        "neighborhoods": [n.model_dump(mode="json") for n in proposal.neighborhoods],
        "evidence": dict(proposal.evidence),
    }
    arrays = pack(record, proposal.labels[order], proposal.confidence[order])
    if positions is not None:
        arrays["positions"] = positions[order]
    return arrays_to_bytes(arrays)


def bytes_to_proposal(content: bytes, atlas: Atlas) -> Proposal:
    """Unpack `proposal_to_bytes`. Raises JournalError if it is damaged or does not fit."""
    arrays, record = unpack(content, "proposal")
    positions = arrays.get("positions")
    try:
        neighborhoods = tuple(
            ProposedNeighborhood.model_validate(n) for n in record["neighborhoods"]
        )
    except (KeyError, ValidationError) as error:
        raise JournalError(f"the proposal cannot be read: {error}") from error
    labels = arrays["labels"]
    if not _fits(positions, labels, atlas) or not within(labels, len(neighborhoods), start=-1):
        raise JournalError("the proposal does not fit the cells of this file")
    cells = None if positions is None else atlas.atlas_positions[positions]
    order = atlas.file_positions if cells is None else np.argsort(cells)
    return Proposal(
        labels=labels[order],
        confidence=arrays["confidence"][order],
        neighborhoods=neighborhoods,
        cells=None if cells is None else cells[order],
        evidence=MappingProxyType(record.get("evidence", {})),
    )


def _fits(positions: NDArray[np.int64] | None, labels: NDArray[np.int32], atlas: Atlas) -> bool:
    if positions is None:
        return len(labels) == atlas.n_cells
    ascending = bool(np.all(np.diff(positions) > 0))
    return len(labels) == len(positions) and ascending and within(positions, atlas.n_cells)


@dataclass(frozen=True, slots=True)
class Base:
    """The partition that a journal starts from, and how the file was read.

    Attributes
    ----------
    labels : (n_cells,) int32
        Neighborhood id of each cell in atlas order.
    confidence : (n_cells,) uint8
        Stored confidence, see `model.partition`.
    neighborhoods : tuple of Neighborhood
        Without unassigned.
    layout : mapping
        Where sections and coordinates are in the file, as `io` found it.
    evidence : mapping
        How the partition was made.
    links, dismissed, next_id
        As in a Curation; what was decided before, in a file that was given away.
    """

    labels: NDArray[np.int32]
    confidence: NDArray[np.uint8]
    neighborhoods: tuple[Neighborhood, ...]
    layout: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    links: frozenset[LinkedPair] = frozenset()
    dismissed: frozenset[str] = frozenset()
    next_id: int = 0


def base_to_bytes(base: Base, atlas: Atlas) -> bytes:
    """Pack a base, in file order."""
    record = {
        "kind": "base",
        "version": PACK_VERSION,
        "neighborhoods": [n.model_dump(mode="json") for n in base.neighborhoods],
        "layout": dict(base.layout),
        "evidence": dict(base.evidence),
        "fingerprint": atlas.fingerprint,
        **beside_to_record(base.links, base.dismissed, base.next_id),
    }
    order = atlas.atlas_positions
    return arrays_to_bytes(pack(record, base.labels[order], base.confidence[order]))


def bytes_to_base(content: bytes, atlas: Atlas) -> Base:
    """Unpack `base_to_bytes`. Raises JournalError if it is damaged or of another file."""
    arrays, record = unpack(content, "base")
    if record.get("fingerprint") != atlas.fingerprint or len(arrays["labels"]) != atlas.n_cells:
        raise JournalError(
            "the base partition belongs to other cells, sections or coordinates than this file's"
        )
    try:
        neighborhoods = tuple(Neighborhood.model_validate(n) for n in record["neighborhoods"])
        beside = record_to_beside(record, (n.id for n in neighborhoods))
    except (KeyError, TypeError, ValueError) as error:
        raise JournalError(f"the base partition cannot be read: {error}") from error
    return Base(
        labels=arrays["labels"][atlas.file_positions],
        confidence=arrays["confidence"][atlas.file_positions],
        neighborhoods=neighborhoods,
        layout=MappingProxyType(record.get("layout", {})),
        evidence=MappingProxyType(record.get("evidence", {})),
        **beside,
    )


def record_of_base(content: bytes) -> dict[str, Any]:
    """What a base says of itself, before there is an atlas: layout, fingerprint, evidence."""
    return unpack(content, "base")[1]


def base_to_curation(base: Base, atlas: Atlas) -> Curation:
    """The state in which a journal starts: one fragment for each neighborhood."""
    if not is_tree(base.neighborhoods):
        raise JournalError("the base partition groups neighborhoods in a circle or under none")
    neighborhoods = Roll.of((NOBODY, *base.neighborhoods))
    ids = np.array(sorted(neighborhoods), np.int32)
    fragments = _ranks(ids, base.labels)
    sections = tuple(
        SectionPartition.of(fragments[s.cells].copy(), base.confidence[s.cells].copy())
        for s in atlas.sections
    )
    return Curation(
        partition=Partition(sections, len(ids)),
        owners=ids,
        by_hand=np.zeros(len(ids), bool),
        neighborhoods=neighborhoods,
        next_id=max(int(ids[-1]) + 1, base.next_id),
        links=base.links,
        dismissed=base.dismissed,
    )


def _ranks(ids: NDArray[np.int32], labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Rank of each label among the sorted ids. Raises JournalError if one is not there."""
    ranks = np.full(int(ids[-1]) + 1, -1, np.int32)
    ranks[ids] = np.arange(len(ids), dtype=np.int32)
    if within(labels, len(ranks)):
        found = ranks[labels]
        if not np.any(found < 0):
            return found
    raise JournalError("the base partition names neighborhoods that it does not describe")


def unassigned_base(atlas: Atlas, layout: Mapping[str, Any]) -> Base:
    """The base in which nobody has placed any cell."""
    return Base(
        labels=np.zeros(atlas.n_cells, np.int32),
        confidence=np.full(atlas.n_cells, UNKNOWN_CONFIDENCE, np.uint8),
        neighborhoods=(),
        layout=layout,
    )
