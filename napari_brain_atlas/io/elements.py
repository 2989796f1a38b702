"""The curated elements as plain arrays, and how they lie in a file.

Written by the rules of anndata's documentation, "On-disk format", without
importing anndata: a save starts a process of its own, which should not take a
second to begin.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAME, ID, CONFIDENCE = "neighborhood", "neighborhood_id", "neighborhood_confidence"
COLORS, RECORD = "neighborhood_colors", "napari_brain_atlas"
IN_OBS = (NAME, ID, CONFIDENCE)
IN_UNS = (COLORS, RECORD)
PLACES = tuple(f"obs/{name}" for name in IN_OBS) + tuple(f"uns/{name}" for name in IN_UNS)
"""The elements that a save writes; the record is the last of them."""
SAVE = "save"
"""Key of the save id in the record."""
SAVE_ATTRIBUTE = "napari_brain_atlas_save"
_CHUNK = 1_000_000
_ID_LENGTH = 32
Group = Any


@dataclass(frozen=True, slots=True)
class Elements:
    """What a save writes.

    Attributes
    ----------
    codes : (n_cells,) signed integers
        Index into `categories`, in file order.
    ids : (n_cells,) int32
    confidence : (n_cells,) float32
    categories, colors : tuple of str
        Of the same length.
    record : str
        JSON.
    """

    codes: NDArray[Any]
    ids: NDArray[np.int32]
    confidence: NDArray[np.float32]
    categories: tuple[str, ...]
    colors: tuple[str, ...]
    record: str

    @property
    def said(self) -> dict[str, Any]:
        """The record as a mapping; empty where it is none."""
        return said_by(self.record)

    @property
    def save(self) -> str:
        """The save id that the record names."""
        return str(self.said.get(SAVE, ""))


def said_by(record: str | None) -> dict[str, Any]:
    """A record as a mapping; empty where there is none or it cannot be read."""
    try:
        said = json.loads(record) if record is not None else {}
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def stamped(elements: Elements) -> Elements:
    """With the save id in the record: a hash of all that is written.

    The same content has the same id, so elements of two saves that carry one id
    are of one piece.
    """
    said = {k: v for k, v in elements.said.items() if k != SAVE}
    digest = hashlib.sha256()
    for array, kind in (
        (elements.codes, "<i4"), (elements.ids, "<i4"), (elements.confidence, "<f4"),
    ):  # fmt: skip
        digest.update(np.ascontiguousarray(array, kind).data)
    texts = [elements.categories, elements.colors, said]
    digest.update(json.dumps(texts, sort_keys=True).encode())
    record = json.dumps(said | {SAVE: digest.hexdigest()[:_ID_LENGTH]}, ensure_ascii=False)
    return replace(elements, record=record)


def write_obs(obs: Group, elements: Elements) -> None:
    """Write the columns into a group that has none of them."""
    # The longest first: in HDF5 each finds the room that the one before it left.
    _put_numbers(obs, ID, elements.ids)
    _put_numbers(obs, CONFIDENCE, elements.confidence)
    column = obs.create_group(NAME)
    _mark(column, "categorical", ordered=False)
    _put_numbers(column, "codes", elements.codes)
    _put_texts(column, "categories", elements.categories)


def write_uns(uns: Group, elements: Elements) -> None:
    """Write colours and record into a group that has neither."""
    _put_texts(uns, COLORS, elements.colors)
    _put(uns, RECORD, np.array(elements.record, dtype=object), "string")


def make_dict(root: Group, name: str) -> Group:
    """A new mapping, as anndata writes one."""
    group = root.create_group(name)
    _mark(group, "dict", version="0.1.0")
    return group


def read_elements(root: Group) -> Elements:
    """Read back what was written.

    Raises
    ------
    KeyError
        If an element is missing.
    """
    obs, uns = root["obs"], root["uns"]
    return Elements(
        codes=obs[NAME]["codes"][:],
        ids=obs[ID][:],
        confidence=obs[CONFIDENCE][:],
        categories=read_texts(obs[NAME]["categories"]),
        colors=read_texts(uns[COLORS]),
        record=read_text(uns[RECORD]) or "",
    )


def same_elements(one: Elements, other: Elements) -> bool:
    """Whether two are equal in every value, missing confidences too."""
    return (
        np.array_equal(one.codes, other.codes)
        and np.array_equal(one.ids, other.ids)
        and np.array_equal(one.confidence, other.confidence, equal_nan=True)
        and one.categories == other.categories
        and one.colors == other.colors
        and one.record == other.record
    )


def record_of(root: Group) -> str | None:
    """The record that an earlier save left, or None."""
    known = "uns" in root and RECORD in root["uns"]
    return read_text(root["uns"][RECORD]) if known else None


def read_text(array: Group) -> str | None:
    """A text that stands alone; None if this is something else."""
    if hasattr(array, "keys") or array.shape != ():
        return None
    value = array[()]
    value = value.item() if isinstance(value, np.ndarray) else value
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if isinstance(value, str) else None


def read_texts(array: Group) -> tuple[str, ...]:
    """A list of texts."""
    values = np.asarray(array[:], dtype=object)
    return tuple(v.decode() if isinstance(v, bytes) else str(v) for v in values)


def ordered_columns(before: Any) -> list[str]:
    """Names of the obs columns with ours last."""
    return [*(str(c) for c in before if str(c) not in IN_OBS), *IN_OBS]


def n_cells(root: Group) -> int:
    """Number of rows of obs."""
    obs = root["obs"]
    index = obs[obs.attrs.get("_index", "_index")]
    return int((index["codes"] if hasattr(index, "keys") else index).shape[0])


def _put_texts(group: Group, key: str, texts: tuple[str, ...]) -> None:
    _put(group, key, np.array(texts, dtype=object), "string-array")


def _put_numbers(group: Group, key: str, values: NDArray[Any]) -> None:
    _put(group, key, values, "array")


def _put(group: Group, key: str, values: NDArray[Any], kind: str) -> None:
    """Write one array; h5py and zarr differ in how they are told of texts."""
    if hasattr(group, "create_array"):
        chunks = tuple(min(max(n, 1), _CHUNK) for n in values.shape)
        dtype: Any = "string" if values.dtype == object else values.dtype
        made = group.create_array(key, shape=values.shape, chunks=chunks, dtype=dtype)
        made[...] = values
    else:
        import h5py

        made = group.create_dataset(
            key, data=values, dtype=h5py.string_dtype() if values.dtype == object else None
        )
    _mark(made, kind)


def _mark(item: Group, kind: str, version: str = "0.2.0", **attributes: Any) -> None:
    item.attrs.update({**attributes, "encoding-type": kind, "encoding-version": version})
