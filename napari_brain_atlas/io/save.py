"""Writing the curated columns into a file, so that a crash leaves the old one or the new.

The work is done by a process of its own; see docs/decisions/0006-saving.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.columns import CuratedColumns
from napari_brain_atlas.io.elements import COLORS, CONFIDENCE, ID, NAME, RECORD, Elements
from napari_brain_atlas.io.save_child import require_savable
from napari_brain_atlas.io.save_process import perform_apart
from napari_brain_atlas.io.save_request import SaveRequest
from napari_brain_atlas.io.seen import Seen, see
from napari_brain_atlas.io.store import ZARR_MARKS, is_zarr
from napari_brain_atlas.io.temporaries import sweep, sweep_folder
from napari_brain_atlas.io.versions import Version, versions_in
from napari_brain_atlas.io.zarr_metadata import is_torn
from napari_brain_atlas.model.progress import Progress, silent

__all__ = [
    "Seen", "Version", "elements_of", "is_torn", "require_folder", "require_target",
    "save_columns", "see", "sweep", "sweep_folder", "versions_in",
]  # fmt: skip


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
        raise InputError(str(target), ["this is a folder, not a file; name another output"])


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
        raise InputError(
            str(target), [f"the folder {folder} may not be written; save elsewhere with --out"]
        )
    if target.suffix not in (".h5ad", ".zarr"):
        raise InputError(str(target), ["name it .h5ad or .zarr"])
    if target.suffix == ".zarr" and target.exists() and not _is_store(target):
        raise InputError(
            str(target), ["is no zarr store; what it holds would be lost; name another output"]
        )


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
    *,
    seen: Seen | None = None,
    keep: Path | None = None,
    versions: int = 0,
    before: Callable[[], None] | None = None,
) -> Seen:
    """Put curated columns into a file, or into a copy of it.

    Parameters
    ----------
    source, target : Path
        May be the same file. Symlinks are followed.
    seen : Seen, optional
        The source as `see` took it down before it was opened, or as the last
        save left it. With it the cells are compared only where the file was
        changed since; without it always, which takes as long as opening.
    keep : Path, optional
        The curation folder: the file as it is before the first save is kept
        there, and `versions` former ones of later saves. Only where source and
        target are the same.
    before : callable, optional
        Brings what has to be there before the target is. Called once nothing
        speaks against the save; it may refuse it by raising.

    Returns
    -------
    Seen
        The target as it is now.

    Raises
    ------
    InputError
        If obs has a column of the same name that somebody else wrote, if the
        file was changed by somebody else, or if it has other hard links.
    WriteError
        If the disk refuses, or the process that writes dies; `target` is as it
        was, unless the message says otherwise.
    """
    require_target(target, source=source)
    request = SaveRequest(
        source.resolve(), target.resolve(), elements_of(columns), columns.fingerprint, seen,
        keep.resolve() if keep is not None else None, versions,
    )  # fmt: skip
    if before is not None:
        require_savable(request)
        before()
    return perform_apart(request, progress)


def elements_of(columns: CuratedColumns) -> Elements:
    """Curated columns as plain arrays."""
    categorical = columns.obs[NAME]
    return Elements(
        codes=np.asarray(categorical.codes),
        ids=np.asarray(columns.obs[ID]),
        confidence=np.asarray(columns.obs[CONFIDENCE]),
        categories=tuple(str(c) for c in categorical.categories),
        colors=tuple(str(c) for c in columns.uns[COLORS]),
        record=str(columns.uns[RECORD]),
    )
