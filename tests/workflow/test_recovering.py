"""What a damaged journal leaves, and what is done about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from named_files import N_NAMES, damage, files_of, holding, name_of, named

from napari_brain_atlas.errors import JournalDamagedError, JournalError
from napari_brain_atlas.io.folder import folder_of
from napari_brain_atlas.io.journal_lines import record_to_line
from napari_brain_atlas.model import cells
from napari_brain_atlas.model.commands import Reassign
from napari_brain_atlas.workflow.document import open_document

# -- what stands before the damage -----------------------------------------------------


@pytest.mark.parametrize("seq", range(1, N_NAMES + 1))
def test_opening_stops_at_a_damaged_line_and_offers_what_stands_before_it(
    named_file: Path, seq: int
) -> None:
    path = damage(named_file, seq)
    before = files_of(named_file)
    for how in ({}, {"lock": True}):
        with pytest.raises(JournalDamagedError) as refused:
            open_document(named_file, **how)
        told = str(refused.value)
        assert f"{path}: line {seq + 1} is damaged (its checksum does not hold)" in told
        kept = {1: "no decision stands before it: start anew", 2: "the 1 decision before it"}
        assert kept.get(seq, f"the {seq - 1} decisions before it can be kept") in told
        assert "--before-damage" in told
        assert "\n" not in told
    assert files_of(named_file) == before


@pytest.mark.parametrize("seq", range(N_NAMES + 1))
def test_who_reads_before_the_damage_writes_nothing(named_file: Path, seq: int) -> None:
    damage(named_file, seq)
    before = files_of(named_file)
    with open_document(named_file, before_damage=True) as document:
        assert document.seq == max(seq - 1, 0)
        assert name_of(document) == (f"n{seq - 1}" if seq > 1 else "N1")
        assert document.recovered.endswith(
            f"left out what follows: line {seq + 1} of the journal is damaged (its checksum does "
            "not hold)"
        )
        # Somebody may still restore what is damaged.
        with pytest.raises(JournalDamagedError):
            document.session.do(named("on"))
    assert files_of(named_file) == before


@pytest.mark.parametrize("seq", range(N_NAMES + 1))
def test_who_writes_goes_on_and_keeps_the_damaged_journal(named_file: Path, seq: int) -> None:
    path = damage(named_file, seq)
    damaged = path.read_bytes()
    with open_document(named_file, lock=True, before_damage=True) as document:
        assert document.seq == max(seq - 1, 0)
        (aside,) = path.parent.glob("*damaged*")
        assert f"the whole journal is kept as {aside.name}" in document.recovered
        document.session.do(named("on"))
    assert aside.read_bytes() == damaged
    kept = folder_of(named_file)
    assert kept.authors() == ("bob", "tester")
    if seq > 1:
        # Its lines are the same bytes; its id is another, for it is another journal.
        assert path.read_bytes().split(b"\n")[1:seq] == damaged.split(b"\n")[1:seq]
    old, new = (json.loads(raw.split(b"\n")[0]) for raw in (damaged, path.read_bytes()))
    assert old.get("journal") != new["journal"]
    with open_document(named_file, lock=True, before_damage=True) as again:
        assert (again.seq, name_of(again)) == (max(seq - 1, 0) + 1, "on")
        assert "left out" not in again.recovered
    assert len(list(path.parent.glob("*damaged*"))) == 1
    assert kept.has_decisions()


def test_what_was_saved_of_the_damaged_journal_is_no_state_of_the_other(named_file: Path) -> None:
    with open_document(named_file) as document:
        document.save()
        assert document.saved
    damage(named_file, 3)
    with open_document(named_file, lock=True, before_damage=True) as document:
        assert not document.saved
        for i in range(3):
            document.session.do(named(f"other {i}"))
        assert document.seq == N_NAMES
        assert not document.saved


def test_others_are_not_disturbed(named_file: Path, run: Any) -> None:
    damage(named_file, 2)
    with open_document(named_file, author="bob", lock=True) as bob:
        bob.session.do(named("bob goes on"))
        assert bob.seq == 2
    status, lines, errors = run("log", named_file)
    assert status == 2
    assert len(errors) == 1
    assert "line 3 is damaged" in errors[0]
    assert [line.split()[3] for line in lines] == ["tester", "bob", "bob"]
    status, lines, errors = run("log", named_file, "--author", "bob", "--json")
    assert (status, len(json.loads("\n".join(lines))), errors) == (0, 2, [])
    status, lines, _ = run("log", named_file, "--before-damage", "--json")
    assert (status, len(json.loads("\n".join(lines)))) == (0, 3)


def test_info_tells_how_every_journal_stands(named_file: Path, run: Any) -> None:
    damage(named_file, 4)
    status, lines, _ = run("info", named_file, "--author", "bob", "--json")
    report = json.loads("\n".join(lines))
    assert status == 0
    assert report["journals"] == {"bob": 1, "tester": 3}
    assert list(report["damaged"]) == ["tester"]
    assert report["author_source"] == "--author"
    assert report["held"] == {}
    with holding(named_file, "bob") as pid:
        status, lines, _ = run("info", named_file, "--author", "bob")
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


def test_a_journal_of_a_later_version_is_not_cut(named_file: Path) -> None:
    path = folder_of(named_file).journal_path("tester")
    raw = path.read_bytes()
    later = {"seq": N_NAMES + 1, "time": "t", "author": "tester", "command": {"op": "dream"}}
    for record in (later, {**later, "mood": "good"}):
        path.write_bytes(raw + record_to_line(record))
        with pytest.raises(JournalError, match="update napari-brain-atlas"):
            open_document(named_file, lock=True, before_damage=True)
        assert path.read_bytes() == raw + record_to_line(record)
    assert not list(path.parent.glob("*damaged*"))
