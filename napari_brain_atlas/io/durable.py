"""Writing so that a crash leaves the old file or the new one, never half of either."""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import re
import shutil
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_brain_atlas.errors import WriteError

TEMPORARY_MARK = ".nba-tmp-"
"""Names of temporary files hold this and the writer's process id, so that stale ones are told."""
_OLD = "-old"
_ABANDONED_SECONDS = 24 * 3600
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
    temporary = _temporary(path)
    try:
        yield temporary
        sync_file(temporary)
        temporary.replace(path)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {reason(error)}") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    _confirm(path)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Like `replacing`, for a zarr store, which is a folder.

    A folder cannot be replaced in one step everywhere: between the two renames
    the store is only under its temporary names. `restore` mends that.
    """
    temporary = _temporary(path)
    old = temporary.with_name(temporary.name + _OLD)
    try:
        yield temporary
        _sync_all(temporary)
        _swap(temporary, path, old)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {reason(error)}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    _confirm(path)
    # Only now: until the new store has its name the old one is all there is.
    shutil.rmtree(old, ignore_errors=True)


def restore(path: Path) -> bool:
    """Give a store its name back if a save was killed between two renames."""
    if path.exists():
        return False
    left = [p for p in _temporaries(path) if p.name.endswith(_OLD) and _abandoned(p)]
    if not left:
        return False
    max(left, key=lambda p: p.stat().st_mtime_ns).rename(path)
    return True


def sweep(path: Path) -> None:
    """Remove what killed writes of `path` left beside it."""
    if not path.exists():
        return
    for stale in _temporaries(path):
        if _abandoned(stale):
            with contextlib.suppress(OSError):
                shutil.rmtree(stale) if stale.is_dir() else stale.unlink()


def files_under(folder: Path) -> Iterator[Path]:
    """All files in a folder and the folders in it."""
    return (path for path in folder.rglob("*") if path.is_file())


def reason(error: OSError) -> str:
    """Why the disk refused, in words."""
    return error.strerror or str(error)


def _temporary(path: Path) -> Path:
    token = uuid.uuid4().hex[:8]
    return path.with_name(f".{path.name}{TEMPORARY_MARK}{os.getpid()}-{token}")


def _temporaries(path: Path) -> list[Path]:
    return list(path.parent.glob(f".{glob.escape(path.name)}{TEMPORARY_MARK}*"))


def _abandoned(temporary: Path) -> bool:
    """Whether the process that wrote it is gone."""
    found = re.search(re.escape(TEMPORARY_MARK) + r"(\d+)-", temporary.name)
    if found is None or int(found[1]) == os.getpid():
        return False
    if os.name == "nt":
        return time.time() - temporary.stat().st_mtime > _ABANDONED_SECONDS
    try:
        os.kill(int(found[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _confirm(path: Path) -> None:
    try:
        sync_folder(path.parent)
    except OSError as error:
        raise WriteError(
            f"{path}: was written, but the disk does not confirm it: {reason(error)}"
        ) from error


def _sync_all(folder: Path) -> None:
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
