from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pytest

from napari_brain_atlas.cli import main

MERGE = {"op": "merge", "neighborhoods": [1, 2], "into": 1}
NAME = {"op": "annotate", "neighborhood": 1, "name": "CA1"}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Run one verb; returns its status, output lines and error lines."""

    def call(*arguments: Any) -> tuple[int, list[str], list[str]]:
        capsys.readouterr()
        try:
            status = main([str(a) for a in arguments])
        except SystemExit as stop:
            status = int(stop.code or 0)
        captured = capsys.readouterr()
        errors = [e for e in captured.err.splitlines() if not e.endswith("…")]
        return status, captured.out.splitlines(), errors

    return call


def commands_in(folder: Path, *commands: dict[str, Any] | str) -> Path:
    path = folder / "commands.jsonl"
    lines = (c if isinstance(c, str) else json.dumps(c) for c in commands)
    path.write_text("\n".join(lines) + "\n")
    return path


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_curation_from_discovery_to_the_saved_file(run, phantom_file: Path) -> None:
    out = phantom_file.with_name("found.h5ad")
    status, told, _ = run("discover", phantom_file, "--out", out, "--neighborhoods", 6)
    assert status == 0
    assert told[0].startswith("found 6 neighborhoods")
    status, told, _ = run("apply", out, commands_in(out.parent, MERGE, NAME))
    assert status == 0
    assert told[0].startswith("Merged 'N1' and 'N2' into 'N1' — ")
    assert told[1] == "Renamed 'N1' to 'CA1'"
    assert run("save", out)[0] == 0
    saved = anndata.read_h5ad(out)
    assert "CA1" in saved.obs["neighborhood"].cat.categories
    assert set(np.unique(saved.obs["neighborhood_id"])) == {1, 3, 4, 5, 6}


def test_undo_and_redo_go_through_the_same_door(run, tissue_file: Path) -> None:
    run("apply", tissue_file, commands_in(tissue_file.parent, MERGE))
    assert run("undo", tissue_file)[1][0].startswith("Undid: Merged")
    assert run("redo", tissue_file)[1][0].startswith("Redid: Merged")
    assert run("redo", tissue_file)[0] == 2
    lines = json.loads("\n".join(run("log", tissue_file, "--json")[1]))
    assert [line["command"]["op"] for line in lines] == ["merge", "undo", "redo"]
    assert [line["seq"] for line in lines] == [1, 2, 3]
    assert {line["author"] for line in lines} == {"tester"}


def test_the_log_tells_every_decision_in_plain_english(run, tissue_file: Path) -> None:
    run("apply", tissue_file, commands_in(tissue_file.parent, MERGE, NAME), "--author", "alice")
    run("apply", tissue_file, commands_in(tissue_file.parent, NAME), "--author", "bob")
    _, told, _ = run("log", tissue_file)
    assert len(told) == 3
    assert "alice  Merged 'N1' and 'N2'" in told[0]
    assert "bob  Renamed 'N1' to 'CA1'" in told[2]


def test_a_refused_command_is_named_by_its_line_and_stops_the_rest(run, tissue_file: Path) -> None:
    file = commands_in(tissue_file.parent, MERGE, {**NAME, "neighborhood": 77}, NAME)
    status, told, errors = run("apply", tissue_file, file)
    assert status == 2
    assert len(told) == 1
    assert len(errors) == 1
    assert f"{file} line 2: there is no neighborhood 77" in errors[0]
    status, told, errors = run("apply", tissue_file, file, "--keep-going")
    assert status == 2
    assert len(errors) == 2
    assert told == ["Renamed 'N1' to 'CA1'"]


def test_reports_speak_of_the_only_author_who_decided(run, tissue_file: Path) -> None:
    run("apply", tissue_file, commands_in(tissue_file.parent, MERGE), "--author", "alice")
    rows = json.loads("\n".join(run("stats", tissue_file, "--json")[1]))
    assert 2 not in {row["id"] for row in rows}
    status, _, errors = run("undo", tissue_file)
    assert status == 2
    assert "alice" in errors[0]


def test_stats_count_what_is_in_the_file(run, tissue_file: Path) -> None:
    cells = anndata.read_h5ad(tissue_file).obs
    rows = json.loads("\n".join(run("stats", tissue_file, "--json", "--genes", "Gad1")[1]))
    assert sum(row["cells"] for row in rows) == len(cells)
    for row in rows:
        mine = cells[cells["neighborhood_id"] == row["id"]]
        assert row["cells"] == len(mine)
        assert row["sections"] == mine["section"].nunique()
        assert row["animals"] == mine["donor"].nunique()
        assert "Gad1" in row["expression"]


def test_info_says_what_was_found(run, phantom_file: Path) -> None:
    report = json.loads("\n".join(run("info", phantom_file, "--json")[1]))
    assert report["cells"] == 3000
    assert report["unit"] == "um"
    assert report["section_column"] == "section"
    positions = [s["position_mm"] for s in report["section_order"][:3]]
    assert positions == sorted(positions, reverse=True)
    status, told, _ = run("info", phantom_file)
    assert status == 0
    assert any("in µm" in line for line in told)


def test_discovery_on_a_curated_file_only_proposes(run, phantom_file: Path) -> None:
    out = phantom_file.with_name("found.h5ad")
    run("discover", phantom_file, "--out", out, "--neighborhoods", 6)
    run("apply", out, commands_in(out.parent, MERGE))
    before = snapshot(out.parent)
    status, told, _ = run("discover", phantom_file, "--out", out, "--neighborhoods", 9)
    assert status == 0
    after = snapshot(out.parent)
    assert {k: after[k] for k in before} == before
    command = told[-1].split("'")[1]
    status, told, _ = run("apply", out, commands_in(out.parent, command))
    assert status == 0
    assert told[0].startswith("Took a proposal: 9 neighborhoods now, 5 before")


def test_discovery_again_replaces_a_base_on_which_nobody_decided(run, phantom_file: Path) -> None:
    out = phantom_file.with_name("found.h5ad")
    for k in (6, 4):
        run("discover", phantom_file, "--out", out, "--neighborhoods", k)
    saved = anndata.read_h5ad(out)
    assert len(saved.obs["neighborhood"].cat.categories) == 4
    assert len(list(Path(f"{out}.nba").glob("base-*"))) == 1
    rows = json.loads("\n".join(run("stats", out, "--json")[1]))
    assert len(rows) == 4


def test_a_copy_takes_its_decisions_along(run, tissue_file: Path) -> None:
    run("apply", tissue_file, commands_in(tissue_file.parent, MERGE, NAME))
    copy = tissue_file.with_name("copy.h5ad")
    before = tissue_file.read_bytes()
    assert run("save", tissue_file, "--out", copy)[0] == 0
    assert tissue_file.read_bytes() == before
    assert run("undo", copy)[1] == ["Undid: Renamed 'N1' to 'CA1'"]
    status, _, errors = run("save", tissue_file, "--out", copy)
    assert status == 2
    assert "other decisions" in errors[0]


def test_a_file_given_away_without_its_folder_starts_from_its_columns(
    run, tissue_file: Path
) -> None:
    run("apply", tissue_file, commands_in(tissue_file.parent, MERGE, NAME))
    run("save", tissue_file)
    alone = tissue_file.parent / "elsewhere"
    alone.mkdir()
    given = Path(shutil.copy(tissue_file, alone / "given.h5ad"))
    rows = json.loads("\n".join(run("stats", given, "--json")[1]))
    assert {"CA1"} <= {row["name"] for row in rows}
    assert not list(alone.glob("*.nba"))


def test_the_first_save_in_place_keeps_the_original(run, tissue_file: Path) -> None:
    before = tissue_file.read_bytes()
    run("apply", tissue_file, commands_in(tissue_file.parent, MERGE))
    for _ in range(2):
        run("save", tissue_file)
    assert Path(f"{tissue_file}.nba/original.h5ad").read_bytes() == before


KILLED = """
import os, signal, sys
from napari_brain_atlas.workflow.document import open_document
from napari_brain_atlas.model.commands import parse_command
import json
document = open_document(sys.argv[1])
for text in sys.argv[2:]:
    print(document.session.do(parse_command(json.loads(text))).sentence, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_command_that_returned_survives_a_kill(run, tissue_file: Path) -> None:
    arguments = [sys.executable, "-c", KILLED, str(tissue_file), json.dumps(MERGE)]
    killed = subprocess.run(arguments, capture_output=True, text=True, env=os.environ, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert killed.stdout.startswith("Merged")
    lines = json.loads("\n".join(run("log", tissue_file, "--json")[1]))
    assert [line["command"]["op"] for line in lines] == ["merge"]
    rows = json.loads("\n".join(run("stats", tissue_file, "--json")[1]))
    assert 2 not in {row["id"] for row in rows}
    assert run("undo", tissue_file)[0] == 0


def _text(folder: Path) -> Path:
    path = folder / "text.h5ad"
    path.write_text("this is a letter\n" * 100)
    return path


def _cut(folder: Path) -> Path:
    path = folder / "cut.h5ad"
    whole = (folder / "phantom.h5ad").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def _changed(folder: Path, change) -> Path:
    adata = anndata.read_h5ad(folder / "phantom.h5ad")
    adata = change(adata)
    path = folder / "changed.h5ad"
    adata.write_h5ad(path)
    return path


def _without_coordinates(adata):
    del adata.obsm["spatial"]
    adata.obs = adata.obs.drop(columns=["x", "y"])
    return adata


def _with_nan(adata):
    adata.obsm["spatial"][7, 1] = np.nan
    return adata


def _with_twins(adata):
    adata.obs_names = ["twin", "twin", *adata.obs_names[2:]]
    return adata


BAD_FILES = {
    "no coordinates": (lambda f: _changed(f, _without_coordinates), "no coordinates"),
    "NaN coordinates": (lambda f: _changed(f, _with_nan), "1 of 3,000 cells have no coordinates"),
    "duplicate names": (lambda f: _changed(f, _with_twins), "'twin'"),
    "cut in half": (_cut, "damaged or cut short"),
    "text": (_text, "not an HDF5 file"),
    "missing": (lambda f: f / "nothing.h5ad", "there is no such file"),
    "folder": (lambda f: f, "this is a folder"),
}


@pytest.mark.filterwarnings("ignore:Observation names are not unique")
@pytest.mark.parametrize("case", BAD_FILES)
@pytest.mark.parametrize("verb", ["info", "discover", "apply", "save", "open"])
def test_a_file_that_cannot_be_used_gets_one_line_and_nothing_is_written(
    run, phantom_file: Path, case: str, verb: str
) -> None:
    make, told = BAD_FILES[case]
    bad = make(phantom_file.parent)
    more = {
        "discover": ["--out", phantom_file.with_name("out.h5ad")],
        "apply": [commands_in(phantom_file.parent, MERGE)],
    }
    before = snapshot(phantom_file.parent)
    status, out, errors = run(verb, bad, *more.get(verb, []))
    assert (status, out) == (2, [])
    assert len(errors) == 1
    assert told in errors[0]
    assert snapshot(phantom_file.parent) == before


BAD_CALLS = {
    "no such neighborhood": (["apply", "{file}", "{commands}"], "there is no neighborhood 99"),
    "gene of stats": (["stats", "{file}", "--genes", "Gadd1"], "did you mean 'Gad1'?"),
    "gene of annotate": (["apply", "{file}", "{gene}"], "there is no gene 'Xyz9'"),
    "no such folder": (["save", "{file}", "--out", "{folder}/no/x.h5ad"], "does not exist"),
    "other kind": (["save", "{file}", "--out", "{folder}/x.zarr"], "name the output .h5ad"),
    "unknown ending": (["discover", "{file}", "--out", "{folder}/x.txt"], "name it .h5ad"),
    "no such column": (["score", "{file}", "--truth", "regoin"], "no obs column 'regoin'"),
    "no such section column": (["info", "{file}", "--section", "slyce"], "'slyce'"),
    "empty author": (["undo", "{file}", "--author", " "], "must not be empty"),
    "not a verb": (["frob", "{file}"], "frob"),
    "not a number": (["phantom", "{folder}/p.h5ad", "--cells", "many"], "not a whole number"),
    "two numbers": (
        ["discover", "{file}", "--out", "{folder}/x.h5ad", "--neighborhoods", "3",
         "--min-cluster-size", "9"],
        "not allowed with",
    ),
    "no command file": (["apply", "{file}", "{folder}/none.jsonl"], "cannot be read"),
    "not JSON": (["apply", "{file}", "{nonsense}"], "line 1: is not JSON"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_CALLS)
def test_a_wrong_call_gets_one_line_and_nothing_is_written(
    run, tissue_file: Path, case: str
) -> None:
    arguments, told = BAD_CALLS[case]
    folder = tissue_file.parent
    contents = {
        "commands": json.dumps({**MERGE, "into": 99}),
        "gene": json.dumps({**NAME, "marker_genes": ["Xyz9"]}),
        "nonsense": "{",
    }
    places = {"file": tissue_file, "folder": folder}
    for name, text in contents.items():
        places[name] = folder / f"{name}.jsonl"
        places[name].write_text(text + "\n")
    before = snapshot(folder)
    status, out, errors = run(*(a.format(**places) for a in arguments))
    assert (status, out) == (2, [])
    assert len(errors) == 1
    assert told in errors[0]
    after = {k: v for k, v in snapshot(folder).items() if not k.endswith(".lock")}
    assert after == before


def test_a_folder_that_may_not_be_written_is_told_before_any_work(
    run, phantom_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = phantom_file.parent / "locked"
    target.mkdir()
    real = os.access
    monkeypatch.setattr(os, "access", lambda p, m: Path(p) != target and real(p, m))
    status, _, errors = run("discover", phantom_file, "--out", target / "x.h5ad")
    assert status == 2
    assert "may not be written" in errors[0]
    assert not list(target.iterdir())


def test_a_journal_of_another_file_is_refused(run, tissue_file: Path, phantom_file: Path) -> None:
    adata = anndata.read_h5ad(phantom_file)
    adata.obsm["spatial"] = adata.obsm["spatial"] + 1
    other = tissue_file.with_name("other.h5ad")
    adata.write_h5ad(other)
    run("apply", tissue_file, commands_in(tissue_file.parent, MERGE))
    shutil.copytree(f"{tissue_file}.nba", f"{other}.nba")
    before = snapshot(tissue_file.parent)
    for verb in ("info", "undo", "save", "stats"):
        status, _, errors = run(verb, other)
        assert status == 2
        assert "the coordinates differ" in errors[0]
    assert snapshot(tissue_file.parent) == before


def test_a_foreign_column_of_the_same_name_is_never_overwritten(run, phantom_file: Path) -> None:
    adata = anndata.read_h5ad(phantom_file)
    adata.obs["neighborhood"] = "mine"
    adata.write_h5ad(phantom_file)
    before = phantom_file.read_bytes()
    out = phantom_file.with_name("out.h5ad")
    status, _, errors = run("discover", phantom_file, "--out", out, "--neighborhoods", 3)
    assert status == 2
    assert "written by another program" in errors[0]
    assert phantom_file.read_bytes() == before
    assert not out.exists()


def test_curations_can_lie_elsewhere(run, phantom_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "decisions"
    split = {"op": "split", "neighborhood": 0, "cells": [0, 1, 2], "name": "first"}
    file = commands_in(tmp_path, split)
    assert run("apply", phantom_file, file, "--journal", folder)[0] == 0
    assert list(folder.glob("base-*"))
    assert not Path(f"{phantom_file}.nba").exists()
    assert "first" in "".join(run("stats", phantom_file, "--journal", folder)[1])
