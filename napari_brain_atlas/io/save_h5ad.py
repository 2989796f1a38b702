"""Saving into an .h5ad file: a copy with our elements replaced takes its place.

X, var and all other elements are copied byte for byte, never encoded again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.io import elements as curated
from napari_brain_atlas.io.copying import copy_file
from napari_brain_atlas.io.durable import confirm, sync_file
from napari_brain_atlas.io.elements import IN_OBS, IN_UNS, NAME, Elements
from napari_brain_atlas.io.identity import identity_of
from napari_brain_atlas.io.points import passing
from napari_brain_atlas.io.save_request import SaveRequest
from napari_brain_atlas.io.seen import changed_while_saving
from napari_brain_atlas.io.temporaries import discard, held, new_temporary
from napari_brain_atlas.io.versions import drop_oldest, keep_file
from napari_brain_atlas.model.progress import Progress


def save_h5ad(request: SaveRequest, record: str | None, progress: Progress) -> str:
    """Write the file and return its identity.

    Parameters
    ----------
    record : str or None
        Our record in the file that is there.

    Raises
    ------
    InputError
        If the file changes meanwhile.
    WriteError, OSError
        If the disk refuses; the target is as it was.
    """
    temporary = new_temporary(request.target)
    with held(request.target, temporary):
        try:
            before = [identity_of(p) for p in (request.source, request.target)]
            request.require_unchanged()
            _write_copy(request, temporary, progress)
            identity = identity_of(temporary)
            _replace(request, temporary, before, _keep(request, record))
        finally:
            discard(temporary)
    confirm(request.target)
    passing("save.after-replace")
    if request.keep is not None:
        drop_oldest(request.keep, request.versions)
    return identity


def _write_copy(request: SaveRequest, temporary: Path, progress: Progress) -> None:
    progress("copying", 0.1)
    copy_file(request.source, temporary, lambda told, share: progress(told, 0.1 + 0.6 * share))
    progress("writing neighborhoods", 0.7)
    with h5py.File(temporary, "r+") as root:
        write_elements(root, request.elements)
    _keep_permissions(request, temporary)
    progress("checking", 0.8)
    _verify(temporary, request.elements)
    progress("waiting for the disk", 0.9)
    passing("save.before-fsync")
    sync_file(temporary)


def _keep(request: SaveRequest, record: str | None) -> Path | None:
    """Keep the file that is to be replaced; returns what was made for it."""
    if request.keep is None or not request.target.exists():
        return None
    try:
        ours = request.elements.record
        return keep_file(request.target, request.keep, record, ours, request.versions)
    except (OSError, WriteError) as error:
        raise WriteError(
            f"{request.target}: its former version cannot be kept ({error}); it is as it was"
        ) from error


def _replace(request: SaveRequest, temporary: Path, before: list[str], kept: Path | None) -> None:
    passing("save.before-replace")
    try:
        if [identity_of(p) for p in (request.source, request.target)] != before:
            raise changed_while_saving(request.target)
        temporary.replace(request.target)
    except BaseException:
        # Nothing was replaced, so there is no former version.
        if kept is not None:
            discard(kept)
        raise


def write_elements(root: h5py.Group, elements: Elements) -> None:
    """Replace our elements in an open file."""
    obs = root["obs"]
    uns = root["uns"] if "uns" in root else curated.make_dict(root, "uns")
    # All old elements go first: HDF5 gives their space to the new ones only
    # while the file is open, so the file does not grow from save to save.
    _empty_texts(root)
    for group, names in ((obs, IN_OBS), (uns, IN_UNS)):
        for name in names:
            if name in group:
                del group[name]
    curated.write_obs(obs, elements)
    curated.write_uns(uns, elements)
    before = [str(name) for name in obs.attrs.get("column-order", ())]
    if before != (order := curated.ordered_columns(before)):
        obs.attrs["column-order"] = np.array(order, dtype=object)


def _empty_texts(root: h5py.Group) -> None:
    """Give the space of our texts back, which deleting them alone does not."""
    for place in (f"obs/{NAME}/categories", *(f"uns/{name}" for name in IN_UNS)):
        item = root.get(place)
        if isinstance(item, h5py.Dataset) and item.dtype.kind == "O":
            item[...] = ""


def _verify(path: Path, elements: Elements) -> None:
    with h5py.File(path, "r") as root:
        require_same(path, root, elements)


def require_same(path: Path, root: Any, elements: Elements) -> None:
    """Compare a group with what was to be written into it. Raises WriteError."""
    try:
        read = curated.read_elements(root)
    except (KeyError, TypeError, AttributeError) as error:
        raise WriteError(f"{path}: what was written cannot be read back: {error}") from error
    n = len(elements.ids)
    whole = len(read.codes) == n and len(read.colors) == len(read.categories)
    if not (whole and curated.same_elements(read, elements)):
        raise WriteError(f"{path}: what was read back differs from what was written")


def _keep_permissions(request: SaveRequest, temporary: Path) -> None:
    like = request.target if request.target.exists() else request.source
    shutil.copymode(like, temporary)
    # In a folder that a group shares the file stays the group's.
    with contextlib.suppress(OSError, AttributeError):
        os.chown(temporary, -1, like.stat().st_gid)
