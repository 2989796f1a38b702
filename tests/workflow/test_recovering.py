"""What a damaged journal leaves, what is done about it, and who may write one that is held."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from napari_brain_atlas.errors import JournalDamagedError, JournalError, JournalLockedError
from napari_brain_atlas.io.configuration import AUTHOR_VARIABLE
from napari_brain_atlas.io.folder import folder_of
from napari_brain_atlas.model import cells
from napari_brain_atlas.model.commands import Annotate, Reassign
from napari_brain_atlas.workflow.document import open_document

N_NAMES = 5


def named(name: str) -> Annotate:
    return Annotate(neighborhood=1, name=name)


def name_of(document: Any) -> str:
    return str(document.session.curation.neighborhood(1).name)


@pytest.fixture
def decided(tissue_file: Path) -> Path:
    """Five names by the tester, and one by bob."""
    with open_document(tissue_file) as document:
        for i in range(1, N_NAMES + 1):
            document.session.do(named(f"n{i}"))
    with open_document(tissue_file, author="bob") as document:
        document.session.do(named("of bob"))
    return tissue_file


def damage(file: Path, seq: int, author: str = "tester") -> Path:
    """Flip a letter of the name that a command gives; 0 damages the header."""
    path = folder_of(file).journal_path(author)
    lines = path.read_bytes().split(b"\n")
    lines[seq] = lines[seq].replace(b'"n', b'"m') if seq else lines[0].replace(b"ver", b"vel")
    path.write_bytes(b"\n".join(lines))
    return path


def files_of(file: Path) -> dict[str, bytes]:
    """What lies in the curation folder, but for what comes and goes with a lock."""
    found = folder_of(file).path.rglob("*")
    return {
        p.name: p.read_bytes()
        for p in found
        if p.is_file() and p.suffix not in (".lock", ".holder")
    }


# -- what stands before the damage -----------------------------------------------------


@pytest.mark.parametrize("seq", range(1, N_NAMES + 1))
def test_opening_stops_at_a_damaged_line_and_offers_what_stands_before_it(
    decided: Path, seq: int
) -> None:
    path = damage(decided, seq)
    before = files_of(decided)
    for how in ({}, {"lock": True}):
        with pytest.raises(JournalDamagedError) as refused:
            open_document(decided, **how)
        told = str(refused.value)
        assert f"{path}: line {seq + 1} is damaged (its checksum does not hold)" in told
        kept = {1: "no decision stands before it: start anew", 2: "the 1 decision before it"}
        assert kept.get(seq, f"the {seq - 1} decisions before it can be kept") in told
        assert "--before-damage" in told
        assert "\n" not in told
    assert files_of(decided) == before


@pytest.mark.parametrize("seq", range(N_NAMES + 1))
def test_who_reads_before_the_damage_writes_nothing(decided: Path, seq: int) -> None:
    damage(decided, seq)
    before = files_of(decided)
    with open_document(decided, before_damage=True) as document:
        assert document.seq == max(seq - 1, 0)
        assert name_of(document) == (f"n{seq - 1}" if seq > 1 else "N1")
        assert document.recovered.endswith(
            f"left out what follows: line {seq + 1} of the journal is damaged (its checksum does "
            "not hold)"
        )
        # Somebody may still restore what is damaged.
        with pytest.raises(JournalDamagedError):
            document.session.do(named("on"))
    assert files_of(decided) == before


@pytest.mark.parametrize("seq", range(N_NAMES + 1))
def test_who_writes_goes_on_and_keeps_the_damaged_journal(decided: Path, seq: int) -> None:
    path = damage(decided, seq)
    damaged = path.read_bytes()
    with open_document(decided, lock=True, before_damage=True) as document:
        assert document.seq == max(seq - 1, 0)
        (aside,) = path.parent.glob("*damaged*")
        assert f"the whole journal is kept as {aside.name}" in document.recovered
        document.session.do(named("on"))
    assert aside.read_bytes() == damaged
    kept = folder_of(decided)
    assert kept.authors() == ("bob", "tester")
    if seq > 1:
        # Its lines are the same bytes; its id is another, for it is another journal.
        assert path.read_bytes().split(b"\n")[1:seq] == damaged.split(b"\n")[1:seq]
    old, new = (json.loads(raw.split(b"\n")[0]) for raw in (damaged, path.read_bytes()))
    assert old.get("journal") != new["journal"]
    with open_document(decided, lock=True, before_damage=True) as again:
        assert (again.seq, name_of(again)) == (max(seq - 1, 0) + 1, "on")
        assert "left out" not in again.recovered
    assert len(list(path.parent.glob("*damaged*"))) == 1
    assert kept.has_decisions()


def test_what_was_saved_of_the_damaged_journal_is_no_state_of_the_other(decided: Path) -> None:
    with open_document(decided) as document:
        document.save()
        assert document.saved
    damage(decided, 3)
    with open_document(decided, lock=True, before_damage=True) as document:
        assert not document.saved
        for i in range(3):
            document.session.do(named(f"other {i}"))
        assert document.seq == N_NAMES
        assert not document.saved


def test_others_are_not_disturbed(decided: Path, run: Any) -> None:
    damage(decided, 2)
    with open_document(decided, author="bob", lock=True) as bob:
        bob.session.do(named("bob goes on"))
        assert bob.seq == 2
    status, lines, errors = run("log", decided)
    assert status == 2
    assert len(errors) == 1
    assert "line 3 is damaged" in errors[0]
    assert [line.split()[3] for line in lines] == ["tester", "bob", "bob"]
    status, lines, errors = run("log", decided, "--author", "bob", "--json")
    assert (status, len(json.loads("\n".join(lines))), errors) == (0, 2, [])
    status, lines, _ = run("log", decided, "--before-damage", "--json")
    assert (status, len(json.loads("\n".join(lines)))) == (0, 3)


def test_info_tells_how_every_journal_stands(decided: Path, run: Any) -> None:
    damage(decided, 4)
    status, lines, _ = run("info", decided, "--author", "bob", "--json")
    report = json.loads("\n".join(lines))
    assert status == 0
    assert report["journals"] == {"bob": 1, "tester": 3}
    assert list(report["damaged"]) == ["tester"]
    assert report["author_source"] == "--author"
    assert report["held"] == {}
    with holding(decided, "bob") as pid:
        status, lines, _ = run("info", decided, "--author", "bob")
    assert any(f"bob is being written by another window (process {pid} on" in s for s in lines)
    assert any("damaged" in line and "line 5" in line for line in lines)
    assert "  you are bob (--author)" in lines


# -- content that a line names ------------------------------------------------------------


@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_a_blob_that_is_gone_is_damage_of_the_line_that_names_it(
    tissue_file: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "INLINE_BYTES", 0)
    monkeypatch.setattr(cells, "FEW_CELLS", 0)
    with open_document(tissue_file) as document:
        document.session.do(named("n1"))
        document.session.do(Reassign(cells=tuple(range(100)), into=2))
        document.session.do(named("n3"))
        (digest,) = document.folder.archive.digests()
    blob = document.folder.archive.folder / digest
    content = blob.read_bytes()
    blob.unlink() if how == "missing" else blob.write_bytes(content[:-1])
    with pytest.raises(
        JournalDamagedError, match=rf"line 3 cannot be replayed .*{digest}"
    ) as told:
        open_document(tissue_file)
    assert told.value.decisions == 1
    with open_document(tissue_file, before_damage=True) as document:
        assert (document.seq, name_of(document)) == (1, "n1")
    with open_document(tissue_file, lock=True, before_damage=True) as document:
        document.session.do(named("on"))
    with open_document(tissue_file) as document:
        assert (document.seq, name_of(document)) == (2, "on")
    # The journal that was put aside opens again where the blob comes back.
    (aside,) = document.folder.path.glob("*damaged*")
    blob.write_bytes(content)
    document.folder.journal_path("tester").write_bytes(aside.read_bytes())
    with open_document(tissue_file) as document:
        assert (document.seq, name_of(document)) == (3, "n3")


def test_a_journal_of_a_later_version_is_not_cut(decided: Path) -> None:
    path = folder_of(decided).journal_path("tester")
    raw = path.read_bytes()
    from napari_brain_atlas.io.journal_lines import record_to_line

    later = {"seq": N_NAMES + 1, "time": "t", "author": "tester", "command": {"op": "dream"}}
    for record in (later, {**later, "mood": "good"}):
        path.write_bytes(raw + record_to_line(record))
        with pytest.raises(JournalError, match="update napari-brain-atlas"):
            open_document(decided, lock=True, before_damage=True)
        assert path.read_bytes() == raw + record_to_line(record)
    assert not list(path.parent.glob("*damaged*"))


# -- one writer -------------------------------------------------------------------------

HOLD = (
    "import sys\n"
    "from napari_brain_atlas.workflow.document import open_document\n"
    "from napari_brain_atlas.model.commands import Annotate\n"
    "document = open_document(sys.argv[1], author=sys.argv[2], lock=True, program='window')\n"
    "assert not document.read_only\n"
    "print('held', flush=True)\n"
    "for name in sys.stdin:\n"
    "    document.session.do(Annotate(neighborhood=1, name=name.strip()))\n"
    "    print('done', flush=True)\n"
)


@contextmanager
def holding(file: Path, author: str, *names: str) -> Iterator[int]:
    """Another window, which gives these names; killed at the end."""
    arguments = [sys.executable, "-c", HOLD, str(file), author]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        try:
            assert other.stdin is not None
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            for name in names:
                other.stdin.write(f"{name}\n")
                other.stdin.flush()
                assert other.stdout.readline() == "done\n"
            yield other.pid
        finally:
            other.kill()


def test_a_second_window_of_one_author_reads_and_says_who_writes(decided: Path, run: Any) -> None:
    with holding(decided, "tester") as pid:
        told = f"tester's journal is being written by another window (process {pid} on "
        with open_document(decided, lock=True) as second:
            assert second.read_only.startswith(told)
            assert second.read_only.endswith("here it can only be read")
            assert name_of(second) == "n5"
            for _ in range(2):
                with pytest.raises(JournalLockedError) as refused:
                    second.session.do(named("lost?"))
                assert told in str(refused.value)
                assert "work as somebody else with --author" in str(refused.value)
            assert (second.seq, name_of(second)) == (5, "n5")
        commands = decided.with_name("commands.jsonl")
        commands.write_text('{"op": "undo"}\n')
        for verb in (["undo"], ["redo"], ["apply", commands]):
            status, out, errors = run(verb[0], decided, *verb[1:])
            assert (status, out, len(errors)) == (2, [], 1)
            assert told in errors[0]
        for verb in ("log", "info", "stats"):
            assert run(verb, decided)[0] == 0
        # Another author works on.
        with open_document(decided, author="bob", lock=True) as bob:
            assert not bob.read_only
            bob.session.do(named("side by side"))
    # The process is gone; what it said of itself lies there still.
    with open_document(decided, lock=True) as document:
        assert not document.read_only
        document.session.do(named("on"))


def test_two_authors_decide_at_once(decided: Path) -> None:
    with (
        holding(decided, "carol", "c1") as _,
        open_document(decided, lock=True) as document,
        holding(decided, "dave", "d1", "d2") as _,
    ):
        document.session.do(named("mine"))
    for author, name in (("tester", "mine"), ("carol", "c1"), ("dave", "d2")):
        with open_document(decided, author=author) as document:
            assert name_of(document) == name


def test_a_window_that_could_only_read_writes_once_the_other_has_gone(decided: Path) -> None:
    with holding(decided, "tester"):
        second = open_document(decided, lock=True)
        late = open_document(decided, lock=True)
    with second:
        second.session.do(named("mine now"))
        assert second.read_only == ""
    # What happened meanwhile is not in this one.
    with late, pytest.raises(JournalError, match=r"open tissue\.h5ad again"):
        late.session.do(named("lost?"))
    with open_document(decided) as document:
        assert (document.seq, name_of(document)) == (6, "mine now")


def test_looking_makes_no_folder(phantom_file: Path) -> None:
    with open_document(phantom_file, lock=True) as document:
        assert document.read_only == ""
    assert list(phantom_file.parent.iterdir()) == [phantom_file]


def test_a_folder_that_takes_no_lock_can_be_read(
    decided: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    with open_document(decided, lock=True) as document:
        assert "cannot be locked" in document.read_only
        assert name_of(document) == "n5"


def test_nothing_is_left_locked_by_an_opening_that_failed(decided: Path) -> None:
    damage(decided, 2)
    with pytest.raises(JournalDamagedError):
        open_document(decided, lock=True)
    with folder_of(decided).hold("tester"):
        pass


def test_the_note_of_another_process_is_nothing_but_words(decided: Path) -> None:
    note = folder_of(decided).path / "tester.holder"
    dead = {"program": "window", "pid": 2**22 + 1, "host": platform.node(), "user": "x"}
    torn = {"program": 3, "pid": "x", "host": None, "user": [], "since": "yesterday"}
    with folder_of(decided).hold("tester", "window"):
        for text in ("", "{", "[]", '{"pid": 1}', "null", json.dumps(torn),
                     json.dumps({**dead, "since": "2026-11-22T16:00:00+00:00"})):  # fmt: skip
            note.write_text(text)
            with open_document(decided, lock=True) as document:
                assert "by another window or command" in document.read_only
    assert not note.exists()
    note.write_text(json.dumps({**dead, "pid": os.getpid(), "since": "2026-11-22T16:00:00"}))
    with open_document(decided, lock=True) as document:
        assert document.read_only == ""


# -- an interrupt --------------------------------------------------------------------------


def test_an_interrupt_behind_the_commit_point_leaves_disk_and_memory_alike(
    decided: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C after the sync and before the session has the new state."""
    with open_document(decided, lock=True) as document:
        write = document._writer.write  # type: ignore[union-attr]

        def interrupted(*what: Any, **how: Any) -> None:
            write(*what, **how)
            raise KeyboardInterrupt

        for last in (False, True):
            with monkeypatch.context() as patched:
                patched.setattr(document._writer, "write", interrupted)
                with pytest.raises(KeyboardInterrupt):
                    document.session.do(named("interrupted, and longer than what follows"))
            if not last:
                assert name_of(document) == "n5"
                document.session.do(named("on"))
    with open_document(decided) as again:
        assert (again.seq, name_of(again)) == (6, "on")


# -- who ----------------------------------------------------------------------------------


def test_a_document_says_who_decides_and_why(
    decided: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with open_document(decided) as document:
        assert (document.author, document.author_source) == ("tester", AUTHOR_VARIABLE)
    monkeypatch.delenv(AUTHOR_VARIABLE)
    configuration = tmp_path / "config.toml"
    configuration.write_text('author = "bob"')
    monkeypatch.setenv("NAPARI_BRAIN_ATLAS_CONFIG", str(configuration))
    with open_document(decided) as document:
        assert (document.author, document.author_source) == ("bob", str(configuration))
        assert name_of(document) == "of bob"
