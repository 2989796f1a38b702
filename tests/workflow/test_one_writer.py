"""Who may write a journal that is held, what an interrupt leaves, and whose journal it is."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import pytest
from named_files import damage, holding, name_of, named

from napari_brain_atlas.errors import JournalDamagedError, JournalError, JournalLockedError
from napari_brain_atlas.io.configuration import AUTHOR_VARIABLE
from napari_brain_atlas.io.folder import folder_of
from napari_brain_atlas.workflow.document import open_document

# -- one writer -------------------------------------------------------------------------


def test_a_second_window_of_one_author_reads_and_says_who_writes(
    named_file: Path, run: Any
) -> None:
    with holding(named_file, "tester") as pid:
        told = f"tester's journal is being written by another window (process {pid} on "
        with open_document(named_file, lock=True) as second:
            assert second.read_only.startswith(told)
            assert second.read_only.endswith("here it can only be read")
            assert name_of(second) == "n5"
            for _ in range(2):
                with pytest.raises(JournalLockedError) as refused:
                    second.session.do(named("lost?"))
                assert told in str(refused.value)
                assert "work as somebody else with --author" in str(refused.value)
            assert (second.seq, name_of(second)) == (5, "n5")
        commands = named_file.with_name("commands.jsonl")
        commands.write_text('{"op": "undo"}\n')
        for verb in (["undo"], ["redo"], ["apply", commands]):
            status, out, errors = run(verb[0], named_file, *verb[1:])
            assert (status, out, len(errors)) == (2, [], 1)
            assert told in errors[0]
        for verb in ("log", "info", "stats"):
            assert run(verb, named_file)[0] == 0
        # Another author works on.
        with open_document(named_file, author="bob", lock=True) as bob:
            assert not bob.read_only
            bob.session.do(named("side by side"))
    # The process is gone; what it said of itself lies there still.
    with open_document(named_file, lock=True) as document:
        assert not document.read_only
        document.session.do(named("on"))


def test_two_authors_decide_at_once(named_file: Path) -> None:
    with (
        holding(named_file, "carol", "c1") as _,
        open_document(named_file, lock=True) as document,
        holding(named_file, "dave", "d1", "d2") as _,
    ):
        document.session.do(named("mine"))
    for author, name in (("tester", "mine"), ("carol", "c1"), ("dave", "d2")):
        with open_document(named_file, author=author) as document:
            assert name_of(document) == name


def test_a_window_that_could_only_read_writes_once_the_other_has_gone(named_file: Path) -> None:
    with holding(named_file, "tester"):
        second = open_document(named_file, lock=True)
        late = open_document(named_file, lock=True)
    with second:
        second.session.do(named("mine now"))
        assert second.read_only == ""
    # What happened meanwhile is not in this one.
    with late, pytest.raises(JournalError, match=r"open tissue\.h5ad again"):
        late.session.do(named("lost?"))
    with open_document(named_file) as document:
        assert (document.seq, name_of(document)) == (6, "mine now")


def test_looking_makes_no_folder(phantom_file: Path) -> None:
    with open_document(phantom_file, lock=True) as document:
        assert document.read_only == ""
    assert list(phantom_file.parent.iterdir()) == [phantom_file]


def test_a_folder_that_takes_no_lock_can_be_read(
    named_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    with open_document(named_file, lock=True) as document:
        assert "cannot be locked" in document.read_only
        assert name_of(document) == "n5"


def test_nothing_is_left_locked_by_an_opening_that_failed(named_file: Path) -> None:
    damage(named_file, 2)
    with pytest.raises(JournalDamagedError):
        open_document(named_file, lock=True)
    with folder_of(named_file).hold("tester"):
        pass


def test_the_note_of_another_process_is_nothing_but_words(named_file: Path) -> None:
    note = folder_of(named_file).path / "tester.holder"
    dead = {"program": "window", "pid": 2**22 + 1, "host": platform.node(), "user": "x"}
    torn = {"program": 3, "pid": "x", "host": None, "user": [], "since": "yesterday"}
    since = "2026-11-22T16:00:00+00:00"
    with folder_of(named_file).hold("tester", "window"):
        for text in ("", "{", "[]", '{"pid": 1}', "null", json.dumps(torn),
                     json.dumps({**dead, "since": since}),
                     json.dumps({**dead, "since": since, "pid": "x"})):  # fmt: skip
            note.write_text(text)
            with open_document(named_file, lock=True) as document:
                assert "by another window or command" in document.read_only
    assert not note.exists()
    note.write_text(json.dumps({**dead, "pid": os.getpid(), "since": "2026-11-22T16:00:00"}))
    with open_document(named_file, lock=True) as document:
        assert document.read_only == ""


# -- an interrupt --------------------------------------------------------------------------


def test_an_interrupt_behind_the_commit_point_leaves_disk_and_memory_alike(
    named_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C after the sync and before the session has the new state."""
    with open_document(named_file, lock=True) as document:
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
    with open_document(named_file) as again:
        assert (again.seq, name_of(again)) == (6, "on")


# -- who ----------------------------------------------------------------------------------


def test_a_document_says_who_decides_and_why(
    named_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with open_document(named_file) as document:
        assert (document.author, document.author_source) == ("tester", AUTHOR_VARIABLE)
    monkeypatch.delenv(AUTHOR_VARIABLE)
    configuration = tmp_path / "config.toml"
    configuration.write_text('author = "bob"')
    monkeypatch.setenv("NAPARI_BRAIN_ATLAS_CONFIG", str(configuration))
    with open_document(named_file) as document:
        assert (document.author, document.author_source) == ("bob", str(configuration))
        assert name_of(document) == "of bob"
