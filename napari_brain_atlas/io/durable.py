"""Writing so that a crash leaves the old file or the new one, never half of either."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_brain_atlas.errors import WriteError

TEMPORARY_MARK = ".nba-tmp-"
"""Names of temporary files hold this, so that stale ones can be told."""


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; does nothing where folders cannot be opened."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except (OSError, PermissionError):
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make the content of a file durable."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def write_durably(path: Path, content: bytes) -> None:
    """Write a whole file, or leave what was there.

    Raises
    ------
    WriteError
        If the disk refuses.
    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which then takes its place, durably.

    Raises
    ------
    WriteError
        If the disk refuses; the temporary file is gone and `path` is as it was.
    """
    temporary = path.with_name(f".{path.name}{TEMPORARY_MARK}{os.getpid()}")
    try:
        yield temporary
        sync_file(temporary)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {reason(error)}") from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Like `replacing`, for a zarr store, which is a folder.

    A folder cannot be replaced in one step everywhere: between the two renames
    the store is only under its temporary names, which the next save sweeps.
    """
    token = uuid.uuid4().hex[:8]
    temporary = path.with_name(f".{path.name}{TEMPORARY_MARK}{token}")
    old = path.with_name(f".{path.name}{TEMPORARY_MARK}{token}-old")
    try:
        yield temporary
        for file in files_under(temporary):
            sync_file(file)
        if path.exists():
            path.rename(old)
        try:
            temporary.rename(path)
        except OSError:
            if old.exists():
                old.rename(path)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {reason(error)}") from error
    finally:
        for leftover in (temporary, old):
            with contextlib.suppress(OSError):
                shutil.rmtree(leftover)


def files_under(folder: Path) -> Iterator[Path]:
    """All files in a folder and the folders in it."""
    return (path for path in folder.rglob("*") if path.is_file())


def reason(error: OSError) -> str:
    """Why the disk refused, in words."""
    return error.strerror or str(error)
