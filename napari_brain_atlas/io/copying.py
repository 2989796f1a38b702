"""Copying files as fast as the file system can, by sharing blocks where it knows how."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path

from napari_brain_atlas.io.points import passing
from napari_brain_atlas.model.progress import Progress, silent

_FICLONE = 0x40049409
"""Linux, ioctl_ficlone(2): the copy shares the blocks until one of the two is written."""
_PIECE = 64 * 2**20
_CANNOT = {errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF}


def copy_file(source: Path, target: Path, progress: Progress = silent) -> None:
    """Copy the content of a file. Raises OSError."""
    passing("save.before-copy")
    if not hasattr(os, "copy_file_range"):
        shutil.copyfile(source, target)
        passing("save.mid-copy")
        return
    with source.open("rb") as read, target.open("wb") as written:
        if _clone(read.fileno(), written.fileno()):
            passing("save.mid-copy")
        else:
            _copy_pieces(read.fileno(), written.fileno(), progress)


def copy_store(source: Path, target: Path) -> None:
    """Copy a folder with all that is in it; never by hard links. Raises OSError."""
    passing("save.before-copy")
    shutil.copytree(source, target, copy_function=_copy_of_store)
    passing("save.mid-copy")


def _copy_of_store(source: str, target: str) -> str:
    if not hasattr(os, "copy_file_range"):
        return shutil.copyfile(source, target)
    with Path(source).open("rb") as read, Path(target).open("wb") as written:
        if not _clone(read.fileno(), written.fileno()):
            shutil.copyfileobj(read, written, _PIECE)
    return target


def _clone(source: int, target: int) -> bool:
    """Whether the file system could share the blocks."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def _copy_pieces(source: int, target: int, progress: Progress) -> None:
    size = os.fstat(source).st_size
    piece = max(1, min(_PIECE, -(-size // 2)))
    done, by_kernel = 0, True
    while True:
        try:
            copied = _copy_piece(source, target, piece, by_kernel)
        except OSError as error:
            if not by_kernel or done or error.errno not in _CANNOT:
                raise
            by_kernel = False
            continue
        if not copied:
            return
        if done == 0:
            passing("save.mid-copy")
        done += copied
        progress("copying", min(1.0, done / max(size, 1)))


def _copy_piece(source: int, target: int, piece: int, by_kernel: bool) -> int:
    if by_kernel:
        return os.copy_file_range(source, target, piece)
    content = os.read(source, piece)
    left = memoryview(content)
    while left:
        left = left[os.write(target, left) :]
    return len(content)
