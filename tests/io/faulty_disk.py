"""A disk whose N-th call fails: open, write, truncate, fsync, rename, mkdir below one folder."""

from __future__ import annotations

import os
import pathlib
from pathlib import Path
from typing import Any

import pytest


class FaultyDisk:
    """Counts the calls that programs make of files below a folder, and fails what it is told to.

    Parameters
    ----------
    monkeypatch : pytest.MonkeyPatch
    root : Path
        Calls elsewhere are not counted and do not fail.
    error : int
        The errno of a failure.

    Attributes
    ----------
    calls : list of str
        What was called, in order.
    fail_at : int
        Number of the call that fails, from 1; 0 for none.
    stays : bool
        Whether all later calls that change something fail, too.
    failed : list of str
        What failed.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, root: Path, error: int) -> None:
        self.root = str(root)
        self.error = error
        self.calls: list[str] = []
        self.failed: list[str] = []
        self.fail_at = 0
        self.stays = False
        self._patch(monkeypatch)

    def call(self, name: str) -> None:
        """Count a call; raises OSError if it is to fail."""
        self.calls.append(name)
        fails = len(self.calls) == self.fail_at
        if self.stays and 0 < self.fail_at <= len(self.calls):
            fails = not name.startswith("read")
        if fails:
            self.failed.append(name)
            raise OSError(self.error, os.strerror(self.error))

    def mends(self) -> None:
        """Fail no more."""
        self.fail_at = 0

    def holds(self, path: Any) -> bool:
        """Whether the path lies below the folder."""
        return isinstance(path, str | Path) and str(path).startswith(self.root)

    def _patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        disk = self
        real_open, real_os_open = pathlib.Path.open, os.open
        real_replace, real_mkdir = os.replace, os.mkdir

        def opened(path: Path, mode: str = "r", *rest: Any, **how: Any) -> Any:
            if not disk.holds(path):
                return real_open(path, mode, *rest, **how)
            writes = mode not in ("r", "rb")
            disk.call(f"{'open' if writes else 'read'} {path.suffix or path.name[:4]}")
            file = real_open(path, mode, *rest, **how)
            return FaultyFile(file, disk) if writes else file

        def os_opened(path: Any, *rest: Any, **how: Any) -> int:
            if disk.holds(path):
                disk.call(f"open {Path(path).suffix}")
            return real_os_open(path, *rest, **how)

        def sync(_: int) -> None:
            # Nobody cuts the power here: a real one would only take time.
            disk.call("fsync")

        def replace(source: Any, target: Any, **how: Any) -> None:
            if disk.holds(target):
                disk.call("replace")
            real_replace(source, target, **how)

        def mkdir(path: Any, *rest: Any, **how: Any) -> None:
            if disk.holds(path):
                disk.call("mkdir")
            real_mkdir(path, *rest, **how)

        monkeypatch.setattr(pathlib.Path, "open", opened)
        monkeypatch.setattr(os, "open", os_opened)
        monkeypatch.setattr(os, "fsync", sync)
        monkeypatch.setattr(os, "replace", replace)
        monkeypatch.setattr(os, "mkdir", mkdir)


class FaultyFile:
    """A file that is written; a write that fails takes a part first, as a full disk does."""

    def __init__(self, file: Any, disk: FaultyDisk) -> None:
        self._file = file
        self._disk = disk

    def write(self, content: Any) -> int:
        try:
            self._disk.call("write")
        except OSError:
            self._file.write(content[: len(content) // 2])
            self._file.flush()
            raise
        return int(self._file.write(content))

    def truncate(self, size: int | None = None) -> int:
        self._disk.call("truncate")
        return int(self._file.truncate(size))

    def __enter__(self) -> FaultyFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
