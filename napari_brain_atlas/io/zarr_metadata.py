"""The JSON of a zarr store that a save changes, as files; everything in them of others stays.

Of format 2 and 3; see the zarr specifications, and docs/journal-format.md for
what is ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from napari_brain_atlas.io.elements import IN_OBS, PLACES, SAVE_ATTRIBUTE, ordered_columns

ZARR_MARKS = ("zarr.json", ".zgroup")
"""One of these lies in every zarr group."""
_V2 = (".zgroup", ".zarray", ".zattrs")
_INLINE = {"kind": "inline", "must_understand": False, "metadata": {}}


def is_zarr(path: Path) -> bool:
    """Whether the path is a zarr store, by its name or by what lies in the folder."""
    return path.suffix == ".zarr" or (
        path.is_dir() and any((path / m).exists() for m in ZARR_MARKS)
    )


def zarr_format(store: Path) -> Literal[2, 3]:
    """Version of the format of a store."""
    return 3 if (store / "zarr.json").exists() else 2


def renewed_metadata(store: Path, elements: Path) -> dict[str, bytes]:
    """Content of the metadata files of a store that change once it has new elements.

    Parameters
    ----------
    store : Path
    elements : Path
        Where the new elements lie under their places; the store itself if they
        are in it already.

    Returns
    -------
    dict of str to bytes
        By name inside the store, in the order in which they are to be replaced:
        the names of the columns, then the copy of all metadata where the store
        keeps one. What would not change is left out.
    """
    changed: dict[str, bytes] = {}
    v3 = zarr_format(store) == 3
    attributes = _renew_order(store, "obs/zarr.json" if v3 else "obs/.zattrs", changed)
    root = "zarr.json" if v3 else ".zmetadata"
    whole = _read(store / root)
    copy = whole.get("consolidated_metadata") if v3 else whole
    if not copy:
        return changed
    entries = _entries_v3(elements) if v3 else _entries_v2(elements)
    copy["metadata"] = _merged(copy["metadata"], entries, attributes, v3)
    _add(changed, store, root, whole)
    return changed


def save_ids(store: Path) -> dict[str, str | None]:
    """The save id of every element that is there; None for one without."""
    v3 = zarr_format(store) == 3
    found: dict[str, str | None] = {}
    for place in PLACES:
        if (store / place).is_dir():
            said = _read(store / place / ("zarr.json" if v3 else ".zattrs"))
            found[place] = _attributes(said, v3).get(SAVE_ATTRIBUTE)
    return found


def listed_columns(store: Path) -> list[str]:
    """Names of the obs columns as the store lists them."""
    v3 = zarr_format(store) == 3
    said = _read(store / "obs" / ("zarr.json" if v3 else ".zattrs"))
    return [str(c) for c in _attributes(said, v3).get("column-order", ())]


def listed_ids(store: Path) -> dict[str, str | None] | None:
    """The save ids as the copy of all metadata has them; None where there is no copy."""
    v3 = zarr_format(store) == 3
    whole = _read(store / ("zarr.json" if v3 else ".zmetadata"))
    copy = whole.get("consolidated_metadata") if v3 else whole
    if not copy:
        return None
    entries: Mapping[str, Any] = copy["metadata"]
    key = "{}" if v3 else "{}/.zattrs"
    found = {place: entries.get(key.format(place)) for place in PLACES}
    return {
        place: _attributes(said, v3).get(SAVE_ATTRIBUTE)
        for place, said in found.items()
        if said is not None
    }


def _attributes(said: Mapping[str, Any], v3: bool) -> Mapping[str, Any]:
    """Those in the metadata of an element, which in format 2 are a file of their own."""
    return said.get("attributes", {}) if v3 else said


def _renew_order(store: Path, name: str, changed: dict[str, bytes]) -> dict[str, Any]:
    """Attributes of obs with our columns last."""
    said = _read(store / name)
    attributes: dict[str, Any] = said.get("attributes", said)
    attributes["column-order"] = ordered_columns(attributes.get("column-order", ()))
    _add(changed, store, name, said)
    return attributes


def _merged(
    before: Mapping[str, Any], ours: Mapping[str, Any], obs: Mapping[str, Any], v3: bool
) -> dict[str, Any]:
    kept = {k: v for k, v in before.items() if not _is_ours(k)}
    if v3 and "obs" in kept:
        kept["obs"] = {**kept["obs"], "attributes": obs}
    if not v3:
        kept["obs/.zattrs"] = obs
    new_group = {k: v for k, v in ours.items() if _is_ours(k) or k not in kept}
    # zarr-python finds the members of a group by their order.
    return dict(sorted({**kept, **new_group}.items()))


def _is_ours(key: str) -> bool:
    return any(key == place or key.startswith(f"{place}/") for place in PLACES)


def _entries_v3(folder: Path) -> dict[str, Any]:
    return {
        name: said | ({"consolidated_metadata": _INLINE} if said["node_type"] == "group" else {})
        for name, said in (
            (path.parent.relative_to(folder).as_posix(), _read(path))
            for path in _metadata_files(folder, ("zarr.json",))
        )
    }


def _entries_v2(folder: Path) -> dict[str, Any]:
    return {
        path.relative_to(folder).as_posix(): _read(path) for path in _metadata_files(folder, _V2)
    }


def _metadata_files(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Those of our elements, and of the group of uns, which may be new."""
    found = [folder / "uns" / name for name in names]
    for place in PLACES:
        found += [p for p in sorted((folder / place).rglob("*")) if p.name in names]
    return [path for path in found if path.is_file()]


def _add(changed: dict[str, bytes], store: Path, name: str, said: Mapping[str, Any]) -> None:
    if said != _read(store / name):
        changed[name] = json.dumps(said, indent=2).encode()


def _read(path: Path) -> dict[str, Any]:
    """The JSON of a file; empty where there is none."""
    try:
        said = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    return said if isinstance(said, dict) else {}


def is_torn(store: Path) -> bool:
    """Whether the elements of a store are of two saves, or of a save that is not finished.

    A store in which no element has a save id was written whole by another
    program, or before there were ids.
    """
    if not (is_zarr(store) and store.is_dir()):
        return False
    ids = save_ids(store)
    if not any(ids.values()):
        return False
    listed = listed_ids(store)
    columns = listed_columns(store)
    whole = (
        len(ids) == len(PLACES)
        and len(set(ids.values())) == 1
        and all(name in columns for name in IN_OBS)
        and (listed is None or listed == ids)
    )
    return not whole
