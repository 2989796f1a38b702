from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import anndata
import numpy as np
import pytest
from command_line import MERGE, NAME, commands_in, snapshot


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
    "no such reference": (["report", "{file}", "--reference", "regoin"], "no obs column 'regoin'"),
    "mostly in two regions": (
        ["report", "{file}", "--reference", "cell_type", "--mostly", "0.5"], "must be above 0.5",
    ),
    "no share": (
        ["report", "{file}", "--reference", "cell_type", "--substantial", "20"],
        "must be a share above 0",
    ),
    "nothing to report": (
        ["report", "{phantom}", "--reference", "cell_type"], "run discover first",
    ),
    "no such section column": (["info", "{file}", "--section", "slyce"], "'slyce'"),
    "empty author": (["undo", "{file}", "--author", " "], "must not be empty"),
    "author of discover": (
        ["discover", "{phantom}", "--out", "{folder}/x.h5ad", "--author", " "],
        "must not be empty",
    ),
    "not a verb": (["frob", "{file}"], "frob"),
    "not a number": (["phantom", "{folder}/p.h5ad", "--cells", "many"], "not a whole number"),
    "two numbers": (
        ["discover", "{file}", "--out", "{folder}/x.h5ad", "--neighborhoods", "3",
         "--min-cluster-size", "9"],
        "not allowed with",
    ),
    "no such snapshot": (["compare", "{file}@v1", "{file}"], "no snapshot 'v1'"),
    "no such decision": (["compare", "{file}@5", "{file}"], "there is no decision 5"),
    "no such state": (["compare", "{file}", "{folder}/none.h5ad@1"], "there is no such file"),
    "one state": (["compare", "{file}"], "required: B"),
    "nothing to carry": (["rebase", "{file}", "{phantom}"], "holds no decisions of anybody"),
    "nobody to carry": (
        ["rebase", "{file}", "{phantom}", "--author", "eve"], "no decisions of eve",
    ),
    "onto itself": (["rebase", "{file}", "{file}"], "is OLD and NEW at once"),
    "onto nothing": (["rebase", "{file}", "{folder}/none.h5ad"], "there is no such file"),
    "no command file": (["apply", "{file}", "{folder}/none.jsonl"], "cannot be read"),
    "not JSON": (["apply", "{file}", "{nonsense}"], "line 1: is not JSON"),
    "deep JSON": (["apply", "{file}", "{deep}"], "line 1: is not JSON"),
    "name too long": (["info", "{folder}/" + "9" * 300 + ".h5ad"], "check its name"),
    "point too long": (["compare", "{file}", "{file}@" + "9" * 300], "they are numbered"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_CALLS)
def test_a_wrong_call_gets_one_line_and_nothing_is_written(
    run, tissue_file: Path, phantom_file: Path, case: str
) -> None:
    arguments, told = BAD_CALLS[case]
    folder = tissue_file.parent
    contents = {
        "commands": json.dumps({**MERGE, "into": 99}),
        "gene": json.dumps({**NAME, "marker_genes": ["Xyz9"]}),
        "nonsense": "{",
        "deep": "[" * 100_000,
    }
    places = {"file": tissue_file, "folder": folder, "phantom": phantom_file}
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


def test_a_line_ends_where_json_lines_end(run, tissue_file: Path) -> None:
    commands = tissue_file.with_name("commands.jsonl")
    text = json.dumps({**NAME, "notes": "one\u2028two"}, ensure_ascii=False)
    commands.write_text(f"\ufeff{text}\r\n", encoding="utf-8")
    status, _, errors = run("apply", tissue_file, commands)
    assert (status, errors) == (0, [])
