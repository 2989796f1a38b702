"""From system calls to events: which file was meant, and what it holds since."""

from __future__ import annotations

import contextlib
import os
import stat
import struct
from collections.abc import Callable
from pathlib import Path

from disk_events import (
    Blind,
    Event,
    FolderMade,
    FolderSynced,
    Linked,
    Mark,
    Opened,
    Removed,
    Renamed,
    Sized,
    Snapshot,
    Synced,
    Written,
)
from system_calls import CLONES, Call

_AT_FDCWD, _EXCHANGE = -100, 2
# At which argument the file that is written stands.
_OUT = {
    "write": 0, "writev": 0, "pwrite64": 0, "pwritev": 0, "pwritev2": 0, "sendfile": 0,
    "copy_file_range": 2, "splice": 2,
}  # fmt: skip
_OPENING = {"open", "creat", "openat", "openat2"}
_NAMING = {
    "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "rmdir",
    "mkdir", "mkdirat", "symlink", "symlinkat", "truncate",
}  # fmt: skip


class Interpreter:
    """Turns calls of the traced processes into `events`.

    What was written is read back from the file, so that it does not matter by
    which call, from which memory, it came.
    """

    def __init__(self, root: Path) -> None:
        self.events: list[Event] = []
        self._marks = f"{root}/marks"
        self._outer = root
        self._root = ""  # nothing is recorded before the first "begin"
        self._under_way: dict[int, tuple[Call, int, list[str]]] = {}

    def concerns(self, pid: int, call: Call) -> bool:
        """Whether the call is about files at all; pipes and terminals are not recorded."""
        if call.name not in _OUT:
            return True
        with contextlib.suppress(OSError):
            return stat.S_ISREG(os.stat(_file(pid, call.arguments[_OUT[call.name]])).st_mode)  # noqa: PTH116
        return False

    def enter(self, pid: int, call: Call) -> None:
        """A process is about to make a call."""
        names = _names(pid, call) if call.name in _NAMING else []
        self._under_way[pid] = (call, len(self.events), names)

    def leave(self, pid: int, result: int) -> None:
        """The call is done."""
        call, upto, names = self._under_way.pop(pid)
        if result < 0:
            return
        if call.name in _NAMING:
            self._named(call, names)
        elif call.name in _OUT and result:
            self._written(pid, call, result)
        elif call.name in _OPENING:
            self._opened(pid, call, result)
        elif call.name in ("fsync", "fdatasync"):
            self._synced(_file(pid, call.arguments[0]), upto)
        elif call.name in ("ftruncate", "fallocate", "ioctl", "mmap"):
            self._changed_otherwise(pid, call)
        elif call.name in ("sync", "syncfs", "io_uring_setup"):
            self.events.append(Blind(call.name))

    def _relative(self, path: str) -> str | None:
        inside = bool(self._root) and (path == self._root or path.startswith(self._root + "/"))
        return path[len(self._root) :].lstrip("/") if inside else None

    def _inside(self, file: str) -> tuple[str, os.stat_result] | None:
        """Path and status of an open file below the root that is recorded."""
        path = self._relative(_target(file).removesuffix(" (deleted)"))
        return None if path is None else (path, os.stat(file))  # noqa: PTH116

    def _written(self, pid: int, call: Call, count: int) -> None:
        handle = _OUT[call.name]
        file = _file(pid, call.arguments[handle])
        if _target(file) == self._marks:
            self._marked(file, _offset(pid, call, count), count)
        elif found := self._inside(file):
            offset = _offset(pid, call, count)
            content = _content(file, offset, count)
            self.events.append(Written(found[0], found[1].st_ino, offset, content))

    def _marked(self, file: str, offset: int, count: int) -> None:
        for text in _content(file, offset, count).decode().splitlines():
            self.events.append(Mark(text))
            if text.startswith("begin "):
                self._root = str(self._outer / text.removeprefix("begin "))
                self.events.append(snapshot(Path(self._root)))

    def _opened(self, pid: int, call: Call, handle: int) -> None:
        found = self._inside(_file(pid, handle))
        if found is None or not stat.S_ISREG(found[1].st_mode):
            return
        if call.name == "openat2" or _target(_file(pid, handle)).endswith(" (deleted)"):
            self.events.append(Blind(f"{found[0]} was opened by openat2, or without a name"))
        flags = {"open": 1, "openat": 2}.get(call.name)
        emptied = call.name == "creat" or (
            flags is not None and bool(call.arguments[flags] & os.O_TRUNC)
        )
        self.events.append(Opened(found[0], found[1].st_ino, emptied))

    def _synced(self, file: str, upto: int) -> None:
        found = self._inside(file)
        if found is not None:
            folder = stat.S_ISDIR(found[1].st_mode)
            path, inode = found[0], found[1].st_ino
            self.events.append(FolderSynced(path, upto) if folder else Synced(path, inode, upto))

    def _changed_otherwise(self, pid: int, call: Call) -> None:
        """Cut, extended or cloned; mapped files are beyond what can be seen."""
        file = _file(pid, call.arguments[4 if call.name == "mmap" else 0])
        if call.name == "ioctl" and call.arguments[1] not in CLONES:
            return
        found = self._inside(file) if os.path.lexists(file) else None
        if found is None:
            return
        path, status = found
        if call.name == "mmap":
            self.events.append(Blind(f"{path} is mapped for writing"))
            return
        if call.name != "ftruncate":
            content = _content(file, 0, status.st_size)
            self.events.append(Written(path, status.st_ino, 0, content))
        self.events.append(Sized(path, status.st_ino, status.st_size))

    def _named(self, call: Call, names: list[str]) -> None:
        inside = [self._relative(name) for name in names]
        if not any(path is not None for path in inside):
            return
        if None in inside or call.name.startswith("symlink"):
            self.events.append(Blind(f"{call.name} {names}"))
            return
        paths = [path for path in inside if path is not None]
        make: dict[str, Callable[[], Event]] = {
            "rename": lambda: Renamed(*paths, exchanged=_exchanged(call)),
            "link": lambda: Linked(*paths),
            "mkdir": lambda: FolderMade(*paths),
            "truncate": lambda: _sized(paths[0], Path(names[0])),
        }
        kind = call.name.removesuffix("2").removesuffix("at")
        self.events.append(make.get(kind, lambda: Removed(*paths))())


def snapshot(root: Path) -> Snapshot:
    """Everything below a folder."""
    return Snapshot(
        {
            str(p.relative_to(root)): (p.stat().st_ino, p.read_bytes()) if p.is_file() else None
            for p in sorted(root.rglob("*"))
        }
    )


def _sized(path: str, file: Path) -> Sized:
    status = file.stat()
    return Sized(path, status.st_ino, status.st_size)


def _exchanged(call: Call) -> bool:
    return call.name == "renameat2" and bool(call.arguments[4] & _EXCHANGE)


def _file(pid: int, handle: int) -> str:
    return f"/proc/{pid}/fd/{_signed(handle)}"


def _target(link: str) -> str:
    return str(Path(link).readlink())


def _signed(handle: int) -> int:
    return int(struct.unpack("i", struct.pack("I", handle & 0xFFFFFFFF))[0])


def _offset(pid: int, call: Call, count: int) -> int:
    """Where in the file the call wrote `count` bytes."""
    given = call.arguments[3]
    if call.name.startswith("pwrite") and given < 2**63:
        return given
    if call.name in ("copy_file_range", "splice") and given:
        # The system has moved the offset that stands in the memory of the process.
        return int(struct.unpack("q", _memory(pid, given, 8))[0]) - count
    handle = _signed(call.arguments[_OUT[call.name]])
    with Path(f"/proc/{pid}/fdinfo/{handle}").open() as info:
        return int(info.readline().split()[1]) - count


def _memory(pid: int, address: int, count: int) -> bytes:
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:  # noqa: PTH123
        memory.seek(address)
        return memory.read(count)


def _content(file: str, offset: int, count: int) -> bytes:
    with open(file, "rb") as opened:  # noqa: PTH123
        return os.pread(opened.fileno(), count, offset)


def _names(pid: int, call: Call) -> list[str]:
    """The full paths among the arguments of a call."""
    a = call.arguments
    at = {
        "rename": [(None, 0), (None, 1)], "renameat": [(0, 1), (2, 3)],
        "renameat2": [(0, 1), (2, 3)], "link": [(None, 0), (None, 1)],
        "linkat": [(0, 1), (2, 3)], "unlink": [(None, 0)], "unlinkat": [(0, 1)],
        "rmdir": [(None, 0)], "mkdir": [(None, 0)], "mkdirat": [(0, 1)],
        "symlink": [(None, 1)], "symlinkat": [(1, 2)], "truncate": [(None, 0)],
    }[call.name]  # fmt: skip
    return [_path(pid, _AT_FDCWD if f is None else _signed(a[f]), a[name]) for f, name in at]


def _path(pid: int, folder: int, address: int) -> str:
    text = os.fsdecode(_memory(pid, address, 4096).split(b"\0", 1)[0])
    start = f"/proc/{pid}/cwd" if folder == _AT_FDCWD else f"/proc/{pid}/fd/{folder}"
    path = text if text.startswith("/") else f"{_target(start)}/{text}"
    parent, name = os.path.split(os.path.normpath(path))
    return f"{os.path.realpath(parent)}/{name}".replace("//", "/")
