"""The N-th call of the disk fails, for every N: base, blobs, journal and lock."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from faulty_disk import FaultyDisk
from long_journal import stands
from tissue import tissue, write

from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model import cells
from napari_brain_atlas.model.commands import Annotate, Command, Reassign, Split, Undo
from napari_brain_atlas.workflow.document import Document, open_document

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)
IN_TURN = [
    pytest.param(ERRORS, id="in turn"),
    *(pytest.param((e,), id=errno.errorcode[e], marks=pytest.mark.slow) for e in ERRORS),
]
"""All errors at every call take minutes; one after the other at the next calls, seconds."""
BEFORE: list[Command] = [Split(neighborhood=0, cells=tuple(range(30)))]
COMMANDS: list[Command] = [
    Annotate(neighborhood=1, name="CA1"),
    Reassign(cells=(0, 5, 9, 40, 41), into=1),
    Undo(),
    Split(neighborhood=1, cells=(1, 2, 3)),
]


@pytest.fixture(scope="module")
def _file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tissue(), tmp_path_factory.mktemp("faults") / "tissue.h5ad")


@pytest.fixture
def files(_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Fresh copies of a small file; all sets of cells go to blobs."""
    monkeypatch.setattr(cells, "INLINE_BYTES", 0)
    monkeypatch.setattr(cells, "FEW_CELLS", 0)

    def fresh(name: str, begun: bool) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        file = Path(shutil.copy(_file, folder / "tissue.h5ad"))
        if begun:
            with open_document(file) as document:
                for command in BEFORE:
                    document.session.do(command)
                journal = document.folder.journal_path(document.author)
            with journal.open("ab") as torn:
                torn.write(b'{"seq":2,"time":')
        return file

    return fresh


def opened(file: Path, disk: FaultyDisk) -> Document:
    """Open the file; if the disk fails meanwhile, say so in one line, and again when it works."""
    try:
        return open_document(file, lock=True)
    except BrainAtlasError as refused:
        assert "\n" not in str(refused)
        disk.mends()
        return open_document(file, lock=True)


def do(document: Document, command: Command) -> bool:
    """Whether a command was taken; if not nothing has changed."""
    before = stands(document.session)
    try:
        document.session.do(command)
    except BrainAtlasError as refused:
        assert "\n" not in str(refused)
        assert stands(document.session) == before
        return False
    return True


def state_on_disk(file: Path) -> Any:
    with open_document(file) as document:
        return stands(document.session)


def seq_on_disk(document: Document) -> int:
    contents = document.folder.journal(document.author)
    return len(contents.lines) if contents else 0


@pytest.mark.parametrize("begun", [False, True], ids=["new", "begun"])
@pytest.mark.parametrize("errors", IN_TURN)
def test_one_call_fails(
    errors: tuple[int, ...], begun: bool, files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: set[str] = set()
    for n in range(1, 300):
        file = files(str(n), begun)
        with monkeypatch.context() as patched:
            disk = FaultyDisk(patched, file.parent, errors[n % len(errors)])
            disk.fail_at = n
            refused = 0
            with opened(file, disk) as document:
                for command in COMMANDS if begun else [*BEFORE, *COMMANDS]:
                    while not do(document, command):
                        refused += 1
                        # Only once: the disk works again, and so does the session.
                        assert refused == 1
                disk.mends()
                assert seq_on_disk(document) == document.seq
        assert state_on_disk(file) == stands(document.session)
        failed |= set(disk.failed)
        if not disk.failed:
            assert n > 40
            assert {f.split()[0] for f in failed} >= {"open", "write", "fsync", "replace"}
            assert {f.split()[0] for f in failed} >= ({"truncate", "read"} if begun else set())
            return
        shutil.rmtree(file.parent)
    raise AssertionError("no run passed")


@pytest.mark.parametrize("begun", [False, True], ids=["new", "begun"])
@pytest.mark.parametrize("errors", IN_TURN)
def test_all_calls_fail_until_the_disk_is_mended(
    errors: tuple[int, ...], begun: bool, files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused_once = set()
    for n in range(1, 300):
        file = files(str(n), begun)
        with monkeypatch.context() as patched:
            disk = FaultyDisk(patched, file.parent, errors[n % len(errors)])
            disk.fail_at, disk.stays = n, True
            with opened(file, disk) as document:
                for command in COMMANDS if begun else [*BEFORE, *COMMANDS]:
                    if not do(document, command):
                        refused_once.add(n)
                        # Neither does another one get through, nor the same.
                        assert not do(document, command)
                        assert not do(document, Split(neighborhood=0, cells=(50,)))
                        disk.mends()
                        assert do(document, command)
                        assert seq_on_disk(document) == document.seq
        disk.mends()
        assert state_on_disk(file) == stands(document.session)
        if not disk.failed:
            assert len(refused_once) > 15
            return
        shutil.rmtree(file.parent)
    raise AssertionError("no run passed")


@pytest.mark.parametrize("errors", IN_TURN)
def test_a_refused_command_does_not_come_back_where_the_window_is_closed_on_it(
    errors: tuple[int, ...], files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is mended only when the window is closed, which cuts off what was refused."""
    for n in range(1, 300):
        file = files(str(n), True)
        with monkeypatch.context() as patched:
            disk = FaultyDisk(patched, file.parent, errors[n % len(errors)])
            disk.fail_at, disk.stays = n, True
            with opened(file, disk) as document:
                for command in COMMANDS:
                    if not do(document, command):
                        break
                disk.mends()
        assert state_on_disk(file) == stands(document.session)
        if not disk.failed:
            return
        shutil.rmtree(file.parent)
    raise AssertionError("no run passed")


def test_putting_a_journal_aside_leaves_it_or_has_both(
    files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(1, 100):
        file = files(str(n), True)
        with open_document(file) as document:
            document.session.do(Annotate(neighborhood=1, name="n1"))
            path = document.folder.journal_path(document.author)
        damaged = path.read_bytes().replace(b'"n1"', b'"m1"')
        path.write_bytes(damaged)
        with monkeypatch.context() as patched:
            disk = FaultyDisk(patched, file.parent, errno.ENOSPC)
            disk.fail_at = n
            try:
                open_document(file, lock=True, before_damage=True).close()
            except BrainAtlasError:
                # The damaged journal is there under one name or the other.
                kept = [path, *path.parent.glob("*.damaged-*")]
                assert damaged in [p.read_bytes() for p in kept]
        with open_document(file, lock=True, before_damage=True) as document:
            assert document.seq == 1
        assert damaged in [p.read_bytes() for p in path.parent.glob("*.damaged-*")]
        if not disk.failed:
            assert n > 10
            return
    raise AssertionError("no run passed")


# -- a disk that is really full ------------------------------------------------------------

FULL = """
import json, os, resource, signal, sys
from pathlib import Path
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model.commands import Annotate, Split
from napari_brain_atlas.workflow.document import open_document

file, how = Path(sys.argv[1]), sys.argv[2]
ballast = file.with_name("ballast")

def fill():
    if how == "limit":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = next(file.parent.glob("*.nba/*.jsonl")).stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 300, resource.RLIM_INFINITY))
    else:
        with ballast.open("wb", buffering=0) as f:
            try:
                while f.write(bytes(1024)):
                    pass
            except OSError:
                pass

def free():
    if how == "limit":
        infinite = resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_FSIZE, (infinite, infinite))
    else:
        ballast.unlink()

with open_document(file, lock=True) as document:
    taken, refused = [], []
    def do(name):
        try:
            document.session.do(Annotate(neighborhood=1, notes=name))
            taken.append(name)
        except BrainAtlasError as error:
            refused.append(str(error))
    document.session.do(Split(neighborhood=0, cells=(1, 2)))
    do("first")
    fill()
    for i in range(40):
        do(f"{i} " + 200 * "x")
    n_refused = len(refused)
    free()
    do("last")
print(json.dumps({"taken": taken, "refused": refused, "again": len(refused) - n_refused}))
"""


@pytest.mark.parametrize("how", ["limit", "tmpfs"])
def test_a_full_disk(how: str, _file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    if how == "tmpfs":
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=512k", "none", folder], capture_output=True
        )
        if mounted.returncode:
            pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        file = Path(shutil.copy(_file, folder / "tissue.h5ad"))
        child = subprocess.run(
            [sys.executable, "-c", FULL, str(file), how], capture_output=True, text=True
        )
        assert (child.returncode, child.stderr) == (0, "")
        told = json.loads(child.stdout)
        with open_document(file) as document:
            notes = [step.command.notes for step in document.session.history.past[1:]]  # type: ignore[union-attr]
    finally:
        if how == "tmpfs":
            subprocess.run(["umount", folder], check=True)
    assert notes == told["taken"]
    assert (notes[0], notes[-1], told["again"]) == ("first", "last", 0)
    assert len(told["refused"]) > 10
    words = "No space left on device" if how == "tmpfs" else "File too large"
    assert all(words in refusal for refusal in told["refused"])
