"""Journals of every version that was ever written open forever, and mean what they meant."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from golden_cells import described, golden_atlas

from napari_brain_atlas.io import journal_lines
from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.io.journal import Contents, JournalWriter
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands import command_to_json, parse_command
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.proposal import base_to_curation, bytes_to_base
from napari_brain_atlas.model.session import Session

GOLDEN = Path(__file__).parents[1] / "data" / "journals"
FIRST_OPS = {"repartition", "merge", "split", "reassign", "annotate", "undo", "redo"}
OPS = {
    "v1": FIRST_OPS,
    "v1-every-op": {
        *FIRST_OPS, "create", "group", "ungroup", "lock", "unlock", "delete", "link", "unlink",
        "dismiss", "batch", "rebase", "snapshot", "restore",
    },
}  # fmt: skip
"""What each journal holds."""
LATER = {"links", "dismissed"}
"""What a state says beside its neighborhoods, which the first journal does not know."""


@pytest.fixture(params=sorted(p.name for p in GOLDEN.glob("v*")), scope="module")
def golden(request: pytest.FixtureRequest) -> Path:
    return GOLDEN / str(request.param)


@pytest.fixture(scope="module")
def atlas(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    return golden_atlas(golden, tmp_path_factory.mktemp("golden"))[0]


def contents_of_golden(golden: Path) -> Contents:
    contents = CurationFolder(golden).journal("ann")
    assert contents is not None
    assert contents.torn == 0
    return contents


def replayed(golden: Path, atlas: Atlas, n: int | None = None) -> Session:
    folder, contents = CurationFolder(golden), contents_of_golden(golden)
    base = folder.base(str(contents.header["base"]))
    assert base is not None
    curation = base_to_curation(bytes_to_base(base[1], atlas), atlas)
    commands = contents.commands()[:n]
    return Session(atlas, curation, folder.archive, lambda _: None, commands)


def as_then(state: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """A state without what came later, which says nothing yet."""
    later = {
        name: field.default
        for name, field in Neighborhood.model_fields.items()
        if name not in then["neighborhoods"][0]
    }
    known = []
    for said in state["neighborhoods"]:
        assert {name: said[name] for name in later} == later
        known.append({name: value for name, value in said.items() if name not in later})
    assert not any(value for name, value in state.items() if name not in then)
    return {**{name: state[name] for name in then}, "neighborhoods": known}


def test_the_fingerprint_is_what_it_was(golden: Path, atlas: Atlas) -> None:
    assert contents_of_golden(golden).header["fingerprint"] == atlas.fingerprint


def test_it_means_what_it_meant(golden: Path, atlas: Atlas) -> None:
    expected = json.loads((golden / "expected.json").read_text(encoding="utf-8"))
    assert len(expected) > 1
    for seq, state in expected.items():
        assert as_then(described(replayed(golden, atlas, int(seq)), atlas), state) == state
    assert int(max(expected, key=int)) == len(contents_of_golden(golden).lines)


def test_undone_to_the_start_and_redone_to_the_end(golden: Path, atlas: Atlas) -> None:
    session = replayed(golden, atlas)
    end = described(session, atlas)
    n = end["undoable"]
    for op in ["undo"] * n + ["redo"] * n:
        session.do(parse_command({"op": op}))
        if len(session.history.past) == 0:
            start = described(session, atlas)
    expected = described(replayed(golden, atlas, 0), atlas)
    beside = {"next_id": 0, "redoable": 0, "snapshots": {}}
    assert {**start, **beside} == {**expected, **beside}
    assert described(session, atlas) == {**end, "redoable": end["redoable"]}


def test_it_is_written_today_as_it_was_then(
    golden: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = contents_of_golden(golden)
    times = iter(line.time for line in contents.lines)
    monkeypatch.setattr(journal_lines, "now", lambda: next(times))
    header = {k: v for k, v in contents.header.items() if k != "crc"}
    writer = JournalWriter(tmp_path / "ann.jsonl", header)
    for command in contents.commands():
        writer.write(command)
    writer.close()
    assert (tmp_path / "ann.jsonl").read_bytes() == (golden / "ann.jsonl").read_bytes()


def test_its_commands_are_kept_whole(golden: Path) -> None:
    contents = contents_of_golden(golden)
    for line, command in zip(contents.lines, contents.commands(), strict=True):
        assert command_to_json(command) == dict(line.command)
    assert {line.command["op"] for line in contents.lines} == OPS[golden.name]


def test_a_state_can_be_restored_from_any_line(golden: Path, atlas: Atlas) -> None:
    session = replayed(golden, atlas)
    expected = json.loads((golden / "expected.json").read_text(encoding="utf-8"))
    for seq, state in expected.items():
        session.do(parse_command({"op": "restore", "seq": int(seq)}))
        found = as_then(described(session, atlas), state)
        for name in ("owners", "confidence", "neighborhoods", *LATER & state.keys()):
            assert found[name] == state[name]


def test_it_goes_on(golden: Path, atlas: Atlas, tmp_path: Path) -> None:
    folder = CurationFolder(tmp_path / "copy.nba")
    shutil.copytree(golden, folder.path)
    contents = contents_of_golden(golden)
    writer = folder.writer("ann", atlas.fingerprint, str(contents.header["base"]), "9", contents)
    base = folder.base(str(contents.header["base"]))
    assert base is not None
    curation = base_to_curation(bytes_to_base(base[1], atlas), atlas)
    session = Session(atlas, curation, folder.archive, writer.write, contents.commands())
    session.do(parse_command({"op": "redo"}))
    writer.close()
    assert (folder.path / "ann.jsonl").read_bytes().startswith((golden / "ann.jsonl").read_bytes())
    assert described(replayed(folder.path, atlas), atlas) == described(session, atlas)
