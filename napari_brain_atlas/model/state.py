"""A whole curation as one value, to be carried over to other cells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from napari_brain_atlas.errors import JournalError
from napari_brain_atlas.model.archive import arrays_to_bytes
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.links import LinkedPair
from napari_brain_atlas.model.neighborhood import UNASSIGNED, Neighborhood
from napari_brain_atlas.model.packing import PACK_VERSION, pack, unpack
from napari_brain_atlas.model.partition import confidence_to_bytes
from napari_brain_atlas.model.proposal import Base, base_to_curation

_pairs: TypeAdapter[frozenset[LinkedPair]] = TypeAdapter(frozenset[LinkedPair])
_keys: TypeAdapter[frozenset[str]] = TypeAdapter(frozenset[str])


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
        "links": sorted(curation.links),
        "dismissed": sorted(curation.dismissed),
        "next_id": curation.next_id,
    }
    return arrays_to_bytes(pack(record, labels, confidence_to_bytes(confidence)))


def bytes_to_state(content: bytes, atlas: Atlas) -> Curation:
    """Unpack `state_to_bytes`. Raises JournalError if it is damaged or of another file."""
    arrays, record = unpack(content, "state")
    if record.get("fingerprint") != atlas.fingerprint or len(arrays["labels"]) != atlas.n_cells:
        raise JournalError("the state belongs to other cells than this file's")
    try:
        base = Base(
            labels=arrays["labels"][atlas.file_positions],
            confidence=arrays["confidence"][atlas.file_positions],
            neighborhoods=tuple(Neighborhood.model_validate(n) for n in record["neighborhoods"]),
        )
        links = _pairs.validate_python(record["links"])
        dismissed = _keys.validate_python(record["dismissed"])
        next_id = int(record["next_id"])
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise JournalError(f"the state cannot be read: {error}") from error
    curation = base_to_curation(base, atlas)
    known = set(curation.neighborhoods)
    if any(not {link.first, link.second} <= known for link in links):
        raise JournalError("the state links neighborhoods that it does not describe")
    return replace(
        curation, links=links, dismissed=dismissed, next_id=max(next_id, curation.next_id)
    )
