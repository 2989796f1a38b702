"""Writing so that a crash leaves the old file or the new one, never half of either."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.io.temporaries import (
    OLD,
    TEMPORARY_MARK,
    is_abandoned,
    new_temporary,
    sweep,
    temporaries_of,
)

__all__ = [
    "TEMPORARY_MARK", "confirm", "files_under", "holds", "make_folder", "reason", "replacing",
    "replacing_folder", "restore", "sweep", "sync", "sync_all", "sync_file", "sync_folder",
    "write_durably",
]  # fmt: skip

_UNSYNCABLE = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF}


def sync(handle: int) -> None:
    """Make what was written to an open file durable."""
    if sys.platform == "darwin":
        import fcntl

        # There fsync leaves the content in the cache of the drive.
        with contextlib.suppress(OSError):
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
    os.fsync(handle)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; does nothing where folders cannot be opened."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        sync(handle)
    except OSError as error:
        if error.errno not in _UNSYNCABLE:
            raise
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make the content of a file durable."""
    # Windows syncs only what is open for writing; elsewhere the file may be read-only.
    with path.open("r+b" if os.name == "nt" else "rb") as file:
        sync(file.fileno())


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, durably. Raises WriteError."""
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for made in reversed(missing):
            sync_folder(made.parent)
    except OSError as error:
        raise WriteError(f"{folder}: cannot be made: {reason(error)}") from error


def write_durably(path: Path, content: bytes) -> None:
    """Write a whole file, or leave what was there.

    Raises
    ------
    WriteError
        If the disk refuses.
    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(content)


def holds(path: Path, content: bytes) -> bool:
    """Whether a file holds exactly this."""
    try:
        return path.read_bytes() == content
    except OSError:
        return False


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which then takes its place, durably.

    Raises
    ------
    WriteError
        If the disk refuses; the temporary file is gone and `path` is as it was.
    """
    temporary = new_temporary(path)
    try:
        yield temporary
        sync_file(temporary)
        temporary.replace(path)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {reason(error)}") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    confirm(path)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Like `replacing`, for a zarr store, which is a folder.

    A folder cannot be replaced in one step everywhere: between the two renames
    the store is only under its temporary names. `restore` mends that.
    """
    temporary = new_temporary(path)
    old = temporary.with_name(temporary.name + OLD)
    try:
        yield temporary
        sync_all(temporary)
        _swap(temporary, path, old)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {reason(error)}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    confirm(path)
    # Only now: until the new store has its name the old one is all there is.
    shutil.rmtree(old, ignore_errors=True)


def restore(path: Path) -> bool:
    """Give a store its name back if a save was killed between two renames."""
    if path.exists():
        return False
    left = [p for p in temporaries_of(path) if p.name.endswith(OLD) and is_abandoned(p)]
    if not left:
        return False
    max(left, key=lambda p: p.stat().st_mtime_ns).rename(path)
    return True


def files_under(folder: Path) -> Iterator[Path]:
    """All files in a folder and the folders in it."""
    return (path for path in folder.rglob("*") if path.is_file())


def reason(error: OSError) -> str:
    """Why the disk refused, in words."""
    return error.strerror or str(error)


def confirm(path: Path) -> None:
    """Make a new name durable. Raises WriteError."""
    try:
        sync_folder(path.parent)
    except OSError as error:
        raise WriteError(
            f"{path}: was written, but the disk does not confirm it: {reason(error)}"
        ) from error


def sync_all(folder: Path) -> None:
    """Make a folder and all that is in it durable."""
    for path in (*folder.rglob("*"), folder):
        if path.is_dir():
            sync_folder(path)
        else:
            sync_file(path)


def _swap(temporary: Path, path: Path, old: Path) -> None:
    try:
        if path.exists():
            path.rename(old)
        temporary.rename(path)
    except BaseException:
        if old.exists() and not path.exists():
            old.rename(path)
        raise
