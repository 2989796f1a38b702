"""Whether a file is still the one that was there before."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from napari_brain_atlas.io.elements import IN_OBS
from napari_brain_atlas.io.zarr_metadata import is_zarr

_ATTRIBUTES = ("zarr.json", ".zattrs", ".zgroup")


def identity_of(path: Path) -> str:
    """What changes when somebody else writes a file; empty where there is none."""
    path = path.resolve()
    if is_zarr(path) and path.is_dir():
        return _identity_of_store(path)
    try:
        stat = path.stat()
    except OSError:
        return ""
    return f"{stat.st_dev}-{stat.st_ino}-{stat.st_size}-{stat.st_mtime_ns}"


def _identity_of_store(store: Path) -> str:
    digest = hashlib.sha256()
    for part in ("obs", "obsm"):
        for name, stat in sorted(_files(store / part, part), key=lambda found: found[0]):
            line = f"{name} {stat.st_ino} {stat.st_size} {stat.st_mtime_ns}\n"
            digest.update(os.fsencode(line))
    return digest.hexdigest()


def _files(folder: Path, name: str) -> Iterator[tuple[str, os.stat_result]]:
    """All files with their names inside the store, without those that a save writes."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            inner = f"{name}/{entry.name}"
            if name == "obs" and (entry.name in IN_OBS or entry.name in _ATTRIBUTES):
                continue
            if entry.is_dir():
                yield from _files(Path(entry.path), inner)
            else:
                yield inner, entry.stat()
