"""The journal: what is committed is there, what is refused is not, and only one writes."""

from __future__ import annotations

import errno
import json
import shutil
import signal
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

from napari_brain_atlas.errors import (
    CommandError,
    JournalError,
    JournalLockedError,
    WriteError,
)
from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.io.journal import JournalWriter, new_header, read_journal
from napari_brain_atlas.model.commands import Annotate, Merge, Undo, command_to_json, parse_command


def named(name: str) -> Annotate:
    return Annotate(neighborhood=1, name=name)


def names_in(folder: CurationFolder, author: str = "ann") -> list[str]:
    contents = folder.journal(author)
    return [line.command["name"] for line in contents.lines] if contents else []


def test_what_is_written_is_read_back(folder: CurationFolder, open_writer: Any) -> None:
    commands = [
        named('quo"te,"crc":"'),
        Merge(neighborhoods=(1, 2), into=1),
        Undo(),
        named("ünï🧠"),
    ]
    writer = open_writer()
    for seq, command in enumerate(commands):
        assert writer.seq == seq
        writer.write(command)
    writer.close()
    contents = folder.journal("ann")
    assert contents is not None
    assert contents.commands() == commands
    assert [line.seq for line in contents.lines] == [1, 2, 3, 4]
    assert {line.author for line in contents.lines} == {"ann"}
    assert (contents.torn, contents.good) == (0, folder.journal_path("ann").stat().st_size)
    assert contents.header["fingerprint"] == "60-a-b-c"
    again = open_writer()
    assert (again.seq, again.journal) == (4, contents.header["journal"])
    again.write(named("on"))
    assert len(folder.journal("ann").lines) == 5  # type: ignore[union-attr]


def test_lines_are_as_the_format_says(folder: CurationFolder, open_writer: Any) -> None:
    open_writer().write(named("ünï"))
    raw = folder.journal_path("ann").read_bytes()
    assert raw.endswith(b"\n")
    header, line = raw.splitlines()
    for text in (header, line):
        body, crc = text[: -len(',"crc":"00000000"}')], text[-len('00000000"}') : -2]
        assert text == body + b',"crc":"' + crc + b'"}'
        assert f"{zlib.crc32(body):08x}".encode() == crc
    said = json.loads(header)
    assert (said["format"], said["version"]) == ("napari-brain-atlas journal", 1)
    assert set(said) == {
        "format", "version", "package", "journal", "author", "fingerprint", "base", "time", "crc",
    }  # fmt: skip
    assert list(json.loads(line)) == ["seq", "time", "author", "command", "crc"]
    assert "ünï".encode() in line


def test_nothing_is_made_before_the_first_command(
    folder: CurationFolder, open_writer: Any
) -> None:
    open_writer()
    assert folder.journal("ann") is None
    assert not folder.journal_path("ann").exists()


def test_authors_work_side_by_side(folder: CurationFolder, open_writer: Any) -> None:
    ann, bob = open_writer("ann"), open_writer("bob")
    ann.write(named("a"))
    bob.write(named("b"))
    ann.write(named("c"))
    assert (names_in(folder, "ann"), names_in(folder, "bob")) == (["a", "c"], ["b"])
    assert folder.authors() == ("ann", "bob")


# -- what cannot be written ------------------------------------------------------


@pytest.mark.parametrize(
    "evidence", [{"x": "\ud800"}, {"x": object()}], ids=["half a character", "object"]
)
def test_evidence_that_is_no_json_is_refused(
    evidence: dict[str, Any], folder: CurationFolder, open_writer: Any
) -> None:
    writer = open_writer()
    writer.write(named("a"))
    with pytest.raises(CommandError, match="annotate: cannot be written as JSON"):
        writer.write(Annotate(neighborhood=1, name="b", evidence=evidence))
    writer.write(named("c"))
    assert names_in(folder) == ["a", "c"]


def test_evidence_that_is_not_a_number_is_nothing(
    folder: CurationFolder, open_writer: Any
) -> None:
    open_writer().write(named("a").model_copy(update={"evidence": {"x": float("nan")}}))
    raw = folder.journal_path("ann").read_text()
    assert "NaN" not in raw
    assert folder.journal("ann").lines[0].command["evidence"] == {"x": None}  # type: ignore[union-attr]


# -- the lock ------------------------------------------------------------------------

HOLD = """
import sys
from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.model.commands import Annotate
from pathlib import Path
folder = CurationFolder(Path(sys.argv[1]))
writer = folder.writer("ann", "60-a-b-c", "0" * 64, "0.1.0", folder.journal("ann"))
writer.write(Annotate(neighborhood=1, name="theirs"))
print("held", flush=True)
sys.stdin.read()
"""


def test_only_one_process_writes_and_a_killed_one_lets_go(
    folder: CurationFolder, open_writer: Any
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder.path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        told = rf"ann's journal is being written by another program \(process {other.pid} on "
        with pytest.raises(JournalLockedError, match=told):
            open_writer()
        open_writer("bob").write(named("mine"))
        assert names_in(folder) == ["theirs"]
        other.send_signal(signal.SIGKILL)
        other.wait(timeout=30)
    writer = open_writer()
    writer.write(named("mine"))
    assert names_in(folder) == ["theirs", "mine"]


def test_the_same_process_is_locked_out_too(open_writer: Any) -> None:
    first = open_writer()
    with pytest.raises(JournalLockedError):
        open_writer()
    first.close()
    open_writer()


def test_a_folder_that_cannot_be_locked(
    folder: CurationFolder, open_writer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    with pytest.raises(WriteError, match="cannot be locked"):
        open_writer()


def test_a_journal_that_went_on_is_not_written_over(
    folder: CurationFolder, open_writer: Any
) -> None:
    stale = folder.journal("ann")
    first = open_writer()
    first.write(named("a"))
    first.close()
    with pytest.raises(JournalError, match="was changed by another window"):
        folder.writer("ann", "60-a-b-c", "0" * 64, "0.1.0", stale)
    contents = folder.journal("ann")
    again = open_writer()
    again.write(named("b"))
    again.close()
    with pytest.raises(JournalError, match=r"open tissue\.h5ad again"):
        folder.writer("ann", "60-a-b-c", "0" * 64, "0.1.0", contents)
    assert names_in(folder) == ["a", "b"]
    open_writer().write(named("c"))


@pytest.mark.parametrize("what", ["removed", "replaced", "appended", "cut", "folder moved"])
def test_a_journal_that_is_taken_away_takes_no_command(
    what: str, folder: CurationFolder, open_writer: Any
) -> None:
    """A command written into a file that nobody finds again would be lost."""
    writer = open_writer()
    writer.write(named("a"))
    path = folder.journal_path("ann")
    whole = path.read_bytes()
    if what == "removed":
        path.unlink()
    elif what == "replaced":
        path.unlink()
        path.write_bytes(whole)
    elif what == "appended":
        path.write_bytes(whole + whole.splitlines(keepends=True)[1])
    elif what == "cut":
        path.write_bytes(whole[:-1])
    else:
        shutil.move(folder.path, folder.path.with_name("elsewhere"))
    now = path.read_bytes() if path.exists() else None
    for _ in range(2):
        with pytest.raises(WriteError, match="was moved, removed or changed by another program"):
            writer.write(named("b"))
    assert (path.read_bytes() if path.exists() else None) == now
    if what == "removed":
        path.write_bytes(whole)


def test_a_writer_by_itself_makes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ann.jsonl"
    writer = JournalWriter(path, new_header("j", "ann", "f", "b", "0.1.0"))
    writer.write(named("a"))
    writer.close()
    contents = read_journal(path)
    assert contents is not None
    assert [parse_command(dict(line.command)) for line in contents.lines] == [named("a")]
    assert command_to_json(named("a")) == dict(contents.lines[0].command)
