"""What a process asks of the disk, seen by ptrace(2): Linux on x86-64 and 64-bit ARM.

A seccomp filter stops the process only at calls that change files, so that the rest
of it runs at full speed. Only ctypes is needed: no compiler and no other program.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBERS = {
    "x86_64": {
        "write": 1, "pwrite64": 18, "writev": 20, "sendfile": 40, "pwritev": 296,
        "pwritev2": 328, "copy_file_range": 326, "splice": 275, "open": 2, "creat": 85,
        "openat": 257, "openat2": 437, "fsync": 74, "fdatasync": 75, "sync": 162,
        "syncfs": 306, "truncate": 76, "ftruncate": 77, "fallocate": 285, "rename": 82,
        "renameat": 264, "renameat2": 316, "mkdir": 83, "mkdirat": 258, "rmdir": 84,
        "unlink": 87, "unlinkat": 263, "link": 86, "linkat": 265, "symlink": 88,
        "symlinkat": 266, "mmap": 9, "ioctl": 16, "io_uring_setup": 425,
    },
    "aarch64": {
        "write": 64, "pwrite64": 68, "writev": 66, "sendfile": 71, "pwritev": 70,
        "pwritev2": 287, "copy_file_range": 285, "splice": 76, "openat": 56, "openat2": 437,
        "fsync": 82, "fdatasync": 83, "sync": 81, "syncfs": 267, "truncate": 45,
        "ftruncate": 46, "fallocate": 47, "renameat": 38, "renameat2": 276, "mkdirat": 34,
        "unlinkat": 35, "linkat": 37, "symlinkat": 36, "mmap": 222, "ioctl": 29,
        "io_uring_setup": 425,
    },
}  # fmt: skip
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CLONES = (0x40049409, 0x4020940D)
"""ioctl requests that make a file share the content of another: FICLONE, FICLONERANGE."""

_MACHINE = platform.machine()
NUMBERS = _NUMBERS.get(_MACHINE, {})
NAMES = {number: name for name, number in NUMBERS.items()}
SUPPORTED = sys.platform == "linux" and bool(NUMBERS)

_SEIZE, _SYSCALL, _CONT, _LISTEN, _SYSCALL_INFO = 0x4206, 24, 7, 0x4208, 0x420E
# Follow forks, vforks, clones and exec; tell calls from signals; die with the tracer.
_OPTIONS = 0x01 | 0x02 | 0x04 | 0x08 | 0x10 | 0x80 | 0x100000
WALL = 0x40000000
EVENT_SECCOMP, EVENT_STOP = 7, 128
_ALLOW, _TRACE = 0x7FFF0000, 0x7FF00000
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06


@dataclass(frozen=True, slots=True)
class Call:
    """One system call as it is entered."""

    name: str
    arguments: tuple[int, ...]


# -- in the process that is watched ------------------------------------------------------


def watch_only_file_calls() -> None:
    """Stop this process, and all it starts, at calls that change files and at no others."""
    program = b"".join(_filter())
    buffer = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    for option, *rest in ((38, 1, 0, 0, 0), (22, 2, head, 0, 0)):
        if libc.prctl(option, *[ctypes.c_char_p(a) if isinstance(a, bytes) else a for a in rest]):
            raise OSError(ctypes.get_errno(), "prctl")


def _filter() -> Iterator[bytes]:
    """The filter in classic BPF; each call has a block of its own that ends the program."""
    yield _step(_LOAD, 4)
    yield _step(_EQUAL, _ARCHITECTURES[_MACHINE], 1, 0)
    yield _step(_RETURN, _ALLOW)
    yield _step(_LOAD, 0)
    changing = os.O_CREAT | os.O_TRUNC | (os.O_TMPFILE & ~os.O_DIRECTORY)
    conditions = {
        "open": [_argument(1), _step(_ANY_BIT, changing, 0, 1)],
        "openat": [_argument(2), _step(_ANY_BIT, changing, 0, 1)],
        "ioctl": [
            _argument(1), _step(_EQUAL, CLONES[0], 1, 0), _step(_EQUAL, CLONES[1], 0, 1),
        ],
        "mmap": [
            _argument(3), _step(_ANY_BIT, 1, 0, 3), _argument(2), _step(_ANY_BIT, 2, 0, 1),
        ],
    }  # fmt: skip
    for name, number in NUMBERS.items():
        block = [*conditions.get(name, []), _step(_RETURN, _TRACE)]
        if name in conditions:
            block.append(_step(_RETURN, _ALLOW))
        yield _step(_EQUAL, number, 0, len(block))
        yield from block
    yield _step(_RETURN, _ALLOW)


def _argument(index: int) -> bytes:
    return _step(_LOAD, 16 + 8 * index)


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


# -- in the process that watches ---------------------------------------------------------


def _ptrace(request: int, pid: int, address: int = 0, data: int = 0) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
    libc.ptrace.restype = ctypes.c_long
    result = int(libc.ptrace(request, pid, address, data))
    if result < 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    return result


def seize(pid: int) -> None:
    """Begin to watch a process and all that it starts. Raises OSError where that is forbidden."""
    _ptrace(_SEIZE, pid, 0, _OPTIONS)


def go_on(pid: int, signal: int = 0) -> None:
    _ptrace(_CONT, pid, 0, signal)


def go_on_to_the_end_of_the_call(pid: int) -> None:
    _ptrace(_SYSCALL, pid)


def stay_stopped(pid: int) -> None:
    _ptrace(_LISTEN, pid)


def entered(pid: int) -> Call:
    """The call at which a process was stopped."""
    info = _info(pid)
    number, *arguments = struct.unpack_from("7Q", info, 24)
    return Call(NAMES[number], tuple(arguments))


def returned(pid: int) -> int:
    """What the call returns; negative for an error."""
    return int(struct.unpack_from("q", _info(pid), 24)[0])


def _info(pid: int) -> bytes:
    buffer = ctypes.create_string_buffer(88)
    _ptrace(_SYSCALL_INFO, pid, 88, ctypes.addressof(buffer))
    return buffer.raw
