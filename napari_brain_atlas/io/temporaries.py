"""Names of files while they are written, and how one left by a killed writer is told.

A temporary name holds the writer's process id and a mark of its host. Who
writes for long also holds a kernel lock on a file beside it, which is gone when
the process is gone, on whichever host it ran.
"""

from __future__ import annotations

import contextlib
import glob
import os
import re
import shutil
import socket
import time
import uuid
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from napari_brain_atlas.errors import WriteError

TEMPORARY_MARK = ".nba-tmp-"
"""Names of temporary files hold this and the writer's process id, so that stale ones are told."""
OLD = "-old"
"""End of the name of a store that is being replaced."""
COMPLETE = "complete"
"""File in a folder whose content is whole and waits to be taken in; it is never swept."""
_LOCK = ".lock"
_ABANDONED_SECONDS = 24 * 3600


def new_temporary(path: Path) -> Path:
    """A name beside `path` that nobody has."""
    token = f"{_host()}{uuid.uuid4().hex[:8]}"
    return path.with_name(f".{path.name}{TEMPORARY_MARK}{os.getpid()}-{token}")


@contextmanager
def held(path: Path, temporary: Path) -> Iterator[None]:
    """Hold the kernel lock that says: this temporary of `path` is being written.

    Raises
    ------
    WriteError
        If another process is writing `path`.
    OSError
        If the folder may not be written.
    """
    lock = FileLock(_lock_of(temporary), timeout=0, thread_local=False)
    # Some network drives know no locks; there the process id has to do.
    with contextlib.suppress(NotImplementedError):
        lock.acquire()
    try:
        _require_alone(path, temporary)
        yield
    finally:
        lock.release()
        _lock_of(temporary).unlink(missing_ok=True)


def _require_alone(path: Path, temporary: Path) -> None:
    # Each holds its own lock before it looks: of two that begin at once both may
    # refuse, but never both go on.
    for lock in _locks_of(path):
        if lock != _lock_of(temporary) and _is_free(lock) is False:
            raise WriteError(
                f"{path}: is being saved by another window or command; nothing was changed; "
                "save again when that is done"
            )


def temporaries_of(path: Path) -> list[Path]:
    """What writers of `path` have beside it, without their locks."""
    found = path.parent.glob(f".{glob.escape(path.name)}{TEMPORARY_MARK}*")
    return sorted(p for p in found if not p.name.endswith(_LOCK))


def is_abandoned(temporary: Path) -> bool:
    """Whether its writer is gone."""
    if _lock_of(temporary).exists():
        free = _is_free(_lock_of(temporary))
        if free is not None:
            return free
    found = re.search(re.escape(TEMPORARY_MARK) + r"(\d+)-(\w*)", temporary.name)
    if found is None or (int(found[1]) == os.getpid() and _is_of_this_host(found[2])):
        return False
    if os.name == "nt" or not _is_of_this_host(found[2]):
        return time.time() - temporary.stat().st_mtime > _ABANDONED_SECONDS
    return not is_running(int(found[1]))


def sweep(path: Path) -> None:
    """Remove what killed writes of `path` left beside it."""
    if not path.exists():
        return
    for stale in temporaries_of(path):
        if not (stale / COMPLETE).exists():
            discard_if_abandoned(stale)
    _sweep_locks(_locks_of(path))


def sweep_folder(folder: Path) -> None:
    """Remove what killed writes left anywhere in a folder of ours."""
    if not folder.is_dir():
        return
    for stale in sorted(folder.rglob(f".*{TEMPORARY_MARK}*")):
        if not stale.name.endswith(_LOCK) and not stale.name.endswith(OLD):
            discard_if_abandoned(stale)
    _sweep_locks(folder.rglob(f".*{TEMPORARY_MARK}*{_LOCK}"))


def discard_if_abandoned(temporary: Path) -> None:
    """Remove a temporary and its lock if its writer is gone; what cannot be removed stays."""
    with contextlib.suppress(OSError):
        if is_abandoned(temporary):
            discard(temporary)
            _lock_of(temporary).unlink(missing_ok=True)


def discard(temporary: Path) -> None:
    """Remove a temporary file or folder, whether it is there or not."""
    if temporary.is_dir() and not temporary.is_symlink():
        shutil.rmtree(temporary, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _locks_of(path: Path) -> list[Path]:
    return list(path.parent.glob(f".{glob.escape(path.name)}{TEMPORARY_MARK}*{_LOCK}"))


def _sweep_locks(locks: Iterable[Path]) -> None:
    """Remove locks whose temporary is gone already."""
    for lock in locks:
        with contextlib.suppress(OSError):
            if not lock.with_name(lock.name.removesuffix(_LOCK)).exists() and _is_free(lock):
                lock.unlink(missing_ok=True)


def _lock_of(temporary: Path) -> Path:
    return temporary.with_name(temporary.name + _LOCK)


def _is_free(path: Path) -> bool | None:
    """Whether nobody holds a lock; None where locks are not known."""
    lock = FileLock(path, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        return False
    except (OSError, NotImplementedError):
        return None
    lock.release()
    return True


def is_running(pid: int) -> bool:
    """Whether a process of this host lives; where that cannot be told, it does."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _host() -> str:
    """A mark of this host, four letters."""
    return f"{zlib.crc32(socket.gethostname().encode()) & 0xFFFF:04x}"


def _is_of_this_host(token: str) -> bool:
    """Whether a token is ours; the short ones of the first version said nothing of the host."""
    return len(token) < 12 or token.startswith(_host())
