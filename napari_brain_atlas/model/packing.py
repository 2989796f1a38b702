"""A partition of cells packed with a record: the container of proposals, bases and states."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from napari_brain_atlas.errors import JournalError
from napari_brain_atlas.model.archive import bytes_to_arrays
from napari_brain_atlas.model.links import LinkedPair

PACK_VERSION = 1
BESIDE = ("links", "dismissed", "next_id")
"""What a record may say of a curation beside its cells and neighborhoods."""
_pairs: TypeAdapter[frozenset[LinkedPair]] = TypeAdapter(frozenset[LinkedPair])
_keys: TypeAdapter[frozenset[str]] = TypeAdapter(frozenset[str])


def beside_to_record(
    links: Iterable[LinkedPair], dismissed: Iterable[str], next_id: int
) -> dict[str, Any]:
    """The part of a record that `BESIDE` names; the same for the same content."""
    return {"links": sorted(links), "dismissed": sorted(dismissed), "next_id": next_id}


def record_to_beside(record: Mapping[str, Any], known: Iterable[int]) -> dict[str, Any]:
    """Links, dismissed suggestions and the next id; nothing said is none.

    Parameters
    ----------
    known : iterable of int
        Ids of the neighborhoods that the record describes.

    Raises
    ------
    TypeError, ValueError
        If the record says it in another form, or links a neighborhood that is not known.
    """
    links = _pairs.validate_python(record.get("links", ()))
    if not {i for link in links for i in link.sides} <= set(known):
        raise ValueError("it links neighborhoods that it does not describe")
    dismissed = _keys.validate_python(record.get("dismissed", ()))
    return {"links": links, "dismissed": dismissed, "next_id": int(record.get("next_id", 0))}


def pack(
    record: dict[str, Any], labels: NDArray[np.int32], confidence: NDArray[np.uint8]
) -> dict[str, NDArray[Any]]:
    """The arrays of a pack: a record as JSON, and one label and confidence for each cell."""
    # The smallest type that holds the labels halves or quarters the file.
    narrow = np.min_scalar_type(int(labels.max(initial=0)) * -1 - 1)
    return {
        "record": np.frombuffer(json.dumps(record, ensure_ascii=False).encode(), np.uint8),
        "labels": labels.astype(narrow),
        "confidence": confidence,
    }


def unpack(content: bytes, kind: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The arrays and the record of a pack.

    Raises
    ------
    JournalError
        If it is damaged, of another kind, or of a later version.
    """
    arrays = bytes_to_arrays(content, f"the {kind}")
    if not {"record", "labels", "confidence"} <= set(arrays):
        raise JournalError(f"the {kind} is incomplete")
    try:
        record = json.loads(arrays["record"].tobytes())
    except ValueError as error:
        raise JournalError(f"the {kind} cannot be read: {error}") from error
    if record.get("kind") != kind:
        raise JournalError(f"a {kind} was expected, this is a {record.get('kind')!r}")
    if record.get("version") != PACK_VERSION:
        raise JournalError(
            f"the {kind} has format {record.get('version')}, this program reads "
            f"{PACK_VERSION}; update napari-brain-atlas"
        )
    if len(arrays["labels"]) != len(arrays["confidence"]):
        raise JournalError(f"the {kind} is incomplete")
    arrays["labels"] = arrays["labels"].astype(np.int32)
    return arrays, record


def within(values: NDArray[Any], stop: int, start: int = 0) -> bool:
    """Whether all values are from `start` to `stop` - 1."""
    return not len(values) or bool(values.min() >= start and values.max() < stop)
