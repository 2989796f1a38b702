"""A whole curation as one value, to be carried over to other cells."""

from __future__ import annotations

from typing import Any

from napari_brain_atlas.errors import JournalError
from napari_brain_atlas.model.archive import arrays_to_bytes
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import UNASSIGNED, Neighborhood
from napari_brain_atlas.model.packing import (
    BESIDE,
    PACK_VERSION,
    beside_to_record,
    pack,
    record_to_beside,
    unpack,
)
from napari_brain_atlas.model.partition import confidence_to_bytes
from napari_brain_atlas.model.proposal import Base, base_to_curation


def state_to_bytes(curation: Curation, labels: Any, confidence: Any, fingerprint: str) -> bytes:
    """Pack a curation with other labels than its own.

    Parameters
    ----------
    curation : Curation
        Neighborhoods, links and dismissed suggestions are taken from it.
    labels : (n_cells,) int32
        Neighborhood ids, in file order.
    confidence : (n_cells,) float32
        0 to 1, NaN where not known, in file order.
    fingerprint : str
        Of the file that the cells are in.
    """
    record = {
        "kind": "state",
        "version": PACK_VERSION,
        "fingerprint": fingerprint,
        "neighborhoods": [
            n.model_dump(mode="json")
            for n in curation.neighborhoods.listed()
            if n.id != UNASSIGNED
        ],
        **beside_to_record(curation.links, curation.dismissed, curation.next_id),
    }
    return arrays_to_bytes(pack(record, labels, confidence_to_bytes(confidence)))


def bytes_to_state(content: bytes, atlas: Atlas) -> Curation:
    """Unpack `state_to_bytes`. Raises JournalError if it is damaged or of another file."""
    arrays, record = unpack(content, "state")
    if record.get("fingerprint") != atlas.fingerprint or len(arrays["labels"]) != atlas.n_cells:
        raise JournalError("the state belongs to other cells than this file's")
    try:
        neighborhoods = tuple(Neighborhood.model_validate(n) for n in record["neighborhoods"])
        beside = record_to_beside({k: record[k] for k in BESIDE}, (n.id for n in neighborhoods))
    except (KeyError, TypeError, ValueError) as error:
        raise JournalError(f"the state cannot be read: {error}") from error
    base = Base(
        labels=arrays["labels"][atlas.file_positions],
        confidence=arrays["confidence"][atlas.file_positions],
        neighborhoods=neighborhoods,
        **beside,
    )
    return base_to_curation(base, atlas)
