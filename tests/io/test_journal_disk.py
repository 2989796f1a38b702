"""Every write and sync of a journal may fail; the session lives and nothing half stays."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from napari_brain_atlas.errors import (
    WriteError,
)
from napari_brain_atlas.io import durable
from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.model.commands import Annotate


def named(name: str) -> Annotate:
    return Annotate(neighborhood=1, name=name)


def names_in(folder: CurationFolder, author: str = "ann") -> list[str]:
    contents = folder.journal(author)
    return [line.command["name"] for line in contents.lines] if contents else []


class Disk:
    """Counts writes and syncs of journals, and fails the ones it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        self.fail_at: set[int] = set()
        self.fail_cut = self.fail_syncs = False
        self.error = errno.ENOSPC
        real_sync, real_open = os.fsync, Path.open
        disk = self

        class File:
            def __init__(self, file: Any) -> None:
                self._file = file

            def write(self, content: bytes) -> int:
                try:
                    disk.call()
                except OSError:
                    # A full disk takes a part first.
                    self._file.write(content[: len(content) // 2])
                    raise
                return int(self._file.write(content[: max(1, len(content) // 3)]))

            def truncate(self, size: int) -> int:
                if disk.fail_cut and disk.failed:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
                return int(self._file.truncate(size))

            def __getattr__(self, name: str) -> Any:
                return getattr(self._file, name)

        def sync(handle: int) -> None:
            disk.call()
            if disk.fail_syncs:
                disk.fail()
            real_sync(handle)

        def opened(path: Path, mode: str = "r", **how: Any) -> Any:
            file = real_open(path, mode, **how)
            return File(file) if path.suffix == ".jsonl" and "+" in mode else file

        self.failed = False
        monkeypatch.setattr(durable.os, "fsync", sync)
        monkeypatch.setattr(Path, "open", opened)

    def call(self) -> None:
        self.calls += 1
        if self.calls in self.fail_at:
            self.fail()

    def fail(self) -> None:
        self.failed = True
        raise OSError(self.error, os.strerror(self.error))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=errno.errorcode.get)
def test_every_call_may_fail(
    error: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disk: Disk
) -> None:
    """The N-th write or sync fails, for every N, until a run passes."""
    disk.error = error
    for n in range(1, 200):
        folder = CurationFolder(tmp_path / f"{n}.nba")
        folder.make()
        disk.calls, disk.fail_at, disk.failed = 0, {n}, False
        writer = folder.writer("ann", "60-a-b-c", "0" * 64, "0.1.0", None)
        accepted = []
        for i in range(4):
            try:
                writer.write(named(str(i)))
                accepted.append(str(i))
            except WriteError as refusal:
                assert os.strerror(error) in str(refusal)
                assert "nothing was changed" in str(refusal)
            assert names_in(folder) == accepted
        writer.close()
        contents = folder.journal("ann")
        assert contents is not None
        assert (contents.torn, len(accepted)) == (0, 3 if disk.failed else 4)
        failed, disk.fail_at = disk.failed, set()
        again = folder.writer("ann", "60-a-b-c", "0" * 64, "0.1.0", contents)
        again.write(named("later"))
        again.close()
        assert names_in(folder) == [*accepted, "later"]
        if not failed:
            assert n > 12
            return
    raise AssertionError("no run passed")


def test_a_journal_that_cannot_be_cut_back_takes_nothing_until_it_can(
    folder: CurationFolder, open_writer: Any, disk: Disk
) -> None:
    writer = open_writer()
    writer.write(named("a"))
    disk.fail_at, disk.fail_cut = {disk.calls + 2}, True
    with pytest.raises(WriteError, match="No space left"):
        writer.write(named("b"))
    for _ in range(2):
        with pytest.raises(
            WriteError, match=r"takes no changes while the disk fails.*another name"
        ):
            writer.write(named("c"))
    disk.fail_cut = False
    writer.write(named("d"))
    assert names_in(folder) == ["a", "d"]


def test_a_refused_command_that_could_not_be_cut_off_is_cut_off_at_closing(
    folder: CurationFolder, open_writer: Any, disk: Disk
) -> None:
    writer = open_writer()
    writer.write(named("a"))
    # The sync fails: the line is whole in the file, and refused.
    disk.fail_syncs = disk.fail_cut = True
    with pytest.raises(WriteError, match="No space left"):
        writer.write(named("b"))
    disk.fail_syncs = False
    assert names_in(folder) == ["a", "b"]
    disk.fail_cut = False
    writer.close()
    assert names_in(folder) == ["a"]


def test_an_interrupt_leaves_no_half_command(
    folder: CurationFolder, open_writer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C during the sync: the line is not committed, so it must not stay behind the next."""
    writer = open_writer()
    writer.write(named("a"))
    with monkeypatch.context() as patched:

        def interrupted(_: int) -> None:
            patched.undo()
            raise KeyboardInterrupt

        patched.setattr(durable.os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            writer.write(named("a much longer name than the next one has"))
    assert names_in(folder) == ["a"]
    writer.write(named("b"))
    assert names_in(folder) == ["a", "b"]
    assert writer.seq == 2
