"""Writing the curated columns into a copy of the file, which then takes its place.

X, var and all other elements are copied byte for byte, never encoded again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from anndata.io import read_elem, write_elem

from napari_brain_atlas.errors import BrainAtlasError, InputError, WriteError
from napari_brain_atlas.io import columns as names
from napari_brain_atlas.io import obs
from napari_brain_atlas.io.columns import CuratedColumns
from napari_brain_atlas.io.durable import (
    files_under,
    make_folder,
    replacing,
    replacing_folder,
    sweep,
)
from napari_brain_atlas.io.fingerprint import names_fingerprint
from napari_brain_atlas.io.store import ZARR_MARKS, Group, is_zarr, opened
from napari_brain_atlas.model.progress import Progress, silent

_MARGIN = 64 * 2**20


def require_target(target: Path, *, source: Path) -> None:
    """Refuse a target before any work is done for it.

    Raises
    ------
    InputError
        If its folder is missing, or may not be written, or the kind of file
        differs from the source's.
    """
    require_folder(target)
    if is_zarr(source) != (target.suffix == ".zarr"):
        kind = ".zarr" if is_zarr(source) else ".h5ad"
        raise InputError(str(target), [f"{source.name} is {kind}; name the output {kind} too"])
    if target.is_dir() and target.suffix != ".zarr":
        raise InputError(str(target), ["this is a folder, not a file"])


def require_folder(target: Path) -> None:
    """Refuse a target whose folder is missing or may not be written, or of an unknown kind.

    Raises
    ------
    InputError
    """
    folder = target.resolve().parent
    if not folder.is_dir():
        raise InputError(str(target), [f"the folder {folder} does not exist; make it first"])
    if not os.access(folder, os.W_OK):
        raise InputError(str(target), [f"the folder {folder} may not be written"])
    if target.suffix not in (".h5ad", ".zarr"):
        raise InputError(str(target), ["name it .h5ad or .zarr"])
    if target.suffix == ".zarr" and target.exists() and not _is_store(target):
        raise InputError(str(target), ["is no zarr store; what it holds would be lost"])


def _is_store(target: Path) -> bool:
    """Whether a folder is a zarr store, or empty."""
    if not target.is_dir():
        return False
    return any((target / mark).exists() for mark in ZARR_MARKS) or not any(target.iterdir())


def save_columns(
    source: Path,
    target: Path,
    columns: CuratedColumns,
    progress: Progress = silent,
    original: Path | None = None,
) -> None:
    """Copy a file with its curated columns replaced, atomically.

    Parameters
    ----------
    source, target : Path
        May be the same file.
    original : Path, optional
        Where the file that `target` replaces is kept, unless something is there.

    Raises
    ------
    InputError
        If obs has a column of the same name that somebody else wrote.
    WriteError
        If the disk refuses; `target` is as it was.
    """
    require_target(target, source=source)
    source, target = source.resolve(), target.resolve()
    _require_ours(source)
    _require_room(source, target)
    try:
        replacement = replacing_folder if is_zarr(source) else replacing
        sweep(target)
        with replacement(target) as temporary:
            progress("copying", 0.1)
            _copy(source, temporary)
            _require_same_cells(temporary, target, columns.fingerprint)
            progress("writing neighborhoods", 0.6)
            with opened(temporary, "r+") as root:
                _write(root, columns)
            if target.is_file():
                shutil.copymode(target, temporary)
            progress("checking", 0.8)
            _verify(temporary, columns)
            if original is not None and target.exists():
                _keep(target, original)
    except BrainAtlasError:
        raise
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise WriteError(f"{target}: cannot be written: {error}; it is as it was") from error
    progress("saved", 1.0)


def _require_ours(source: Path) -> None:
    with opened(source) as root:
        if "uns" in root and names.RECORD in root["uns"]:
            return
        theirs = [c for c in (names.NAME, names.ID, names.CONFIDENCE) if c in root["obs"]]
    if theirs:
        raise InputError(
            str(source),
            [f"obs[{c!r}] was written by another program; rename it there first" for c in theirs],
        )


def _require_same_cells(copy: Path, target: Path, fingerprint: str) -> None:
    """Refuse to write labels onto other cells than those that were opened."""
    with opened(copy) as root:
        now = names_fingerprint(obs.cell_names(root))
    if not fingerprint.startswith(f"{now}-"):
        raise InputError(
            str(target),
            ["its cells were changed or reordered by another program since it was opened; nothing "
             "was written, all decisions are in the journal; put the file back as it was"],
        )  # fmt: skip


def _require_room(source: Path, target: Path) -> None:
    size = sum(p.stat().st_size for p in _files(source))
    free = shutil.disk_usage(target.parent).free
    if free < size + _MARGIN:
        raise WriteError(
            f"{target}: needs {(size + _MARGIN) / 2**20:,.0f} MB of free space, there are "
            f"{free / 2**20:,.0f} MB; nothing was changed"
        )


def _files(path: Path) -> Iterator[Path]:
    return files_under(path) if path.is_dir() else iter([path])


def _copy(source: Path, temporary: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, temporary)
    else:
        shutil.copyfile(source, temporary)


def _write(root: Group, columns: CuratedColumns) -> None:
    obs = root["obs"]
    # All old elements go first: HDF5 gives their space to the new ones only
    # while the file is open, so the file does not grow from save to save.
    for group, keys in ((obs, columns.obs), (_uns(root), columns.uns)):
        for key in keys:
            if key in group:
                del group[key]
    for key, value in columns.obs.items():
        write_elem(obs, key, value)
    for key, value in columns.uns.items():
        write_elem(root["uns"], key, value)
    others = [str(c) for c in obs.attrs["column-order"] if c not in columns.obs]
    order = [*others, *columns.obs]
    # zarr keeps attributes as JSON, HDF5 as arrays.
    as_json = isinstance(obs.attrs["column-order"], list)
    obs.attrs["column-order"] = order if as_json else np.array(order, dtype=object)


def _uns(root: Group) -> Group:
    if "uns" not in root:
        write_elem(root, "uns", {})
    return root["uns"]


def _verify(path: Path, columns: CuratedColumns) -> None:
    with opened(path) as root:
        read = {key: read_elem(root["obs"][key]) for key in columns.obs}
        colors = read_elem(root["uns"][names.COLORS])
        categories = read[names.NAME].categories
        same = (
            np.array_equal(read[names.ID], columns.obs[names.ID])
            and np.array_equal(read[names.NAME].codes, columns.obs[names.NAME].codes)
            and len(colors) == len(categories)
            and read_elem(root["uns"][names.RECORD]) == columns.uns[names.RECORD]
        )
    if not same:
        raise WriteError(f"{path}: what was read back differs from what was written")


def _keep(target: Path, original: Path) -> None:
    """Keep the user's own file, once, before it is replaced for the first time."""
    if original.exists():
        return
    make_folder(original.parent)
    if target.is_dir():
        with replacing_folder(original) as temporary:
            shutil.copytree(target, temporary)
        return
    with replacing(original) as temporary:
        try:
            os.link(target, temporary)
        except OSError:
            shutil.copyfile(target, temporary)
