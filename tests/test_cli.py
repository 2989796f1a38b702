from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import anndata
import numpy as np
import pytest
from command_line import MERGE, NAME, commands_in, snapshot


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


def test_stats_list_groups_too(run, tissue_file: Path) -> None:
    grouped = json.dumps({"op": "group", "neighborhoods": [1, 2], "name": "HPF"})
    run("apply", tissue_file, commands_in(tissue_file.parent, grouped))
    rows = json.loads("\n".join(run("stats", tissue_file, "--json")[1]))
    group = rows[-1]
    assert (group["name"], group["cells"], group["parent"]) == ("HPF", 0, None)
    assert {row["id"] for row in rows if row["parent"] == group["id"]} == {1, 2}
    assert f"{group['id']:>5}  HPF" in "\n".join(run("stats", tissue_file)[1])


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


def test_info_says_what_there_is_to_go_back_to(run, tissue_file: Path) -> None:
    snapshot_taken = json.dumps({"op": "snapshot", "name": "before CA1"})
    renamed = json.dumps({"op": "annotate", "neighborhood": 1, "name": "CA1"})
    for command in (MERGE, snapshot_taken, renamed):
        run("apply", tissue_file, commands_in(tissue_file.parent, command))
        run("save", tissue_file)
    report = json.loads("\n".join(run("info", tissue_file, "--json")[1]))
    assert report["snapshots"] == {"before CA1": 2}
    assert [version["seq"] for version in report["versions"]] == [1, 2]
    kept = [report["original"], *report["versions"]]
    assert all(Path(version["file"]).stat().st_size == version["bytes"] for version in kept)
    told = "\n".join(run("info", tissue_file)[1])
    assert "snapshots, after which decision: 'before CA1' (2)" in told
    assert f"before it was first saved: {tissue_file}.nba/original.h5ad, " in told
    assert "former versions, saved after which decision: " in told


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


def test_discovery_keeps_as_many_versions_as_the_configuration_says(
    run, tissue_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(f"{tissue_file}.nba")
    shutil.copy(tissue_file, folder / "original.h5ad")
    configuration = tmp_path / "config.toml"
    monkeypatch.setenv("NAPARI_BRAIN_ATLAS_CONFIG", str(configuration))
    for n in (0, 1):
        configuration.write_text(f"versions = {n}")
        again = ("discover", tissue_file, "--out", tissue_file, "--neighborhoods", 5 + n)
        assert run(*again)[0] == 0
        assert len(list(folder.glob("versions/*.h5ad"))) == n


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


WITHOUT_NAPARI = """
import sys
sys.modules["napari"] = None
from napari_brain_atlas.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("verb", ["open", "demo"])
def test_without_napari_the_window_says_what_to_install(tissue_file: Path, verb: str) -> None:
    folder = str(tissue_file.parent / "demo")
    more = {"open": [str(tissue_file)], "demo": ["--cells", "2000", "--folder", folder]}
    arguments = [sys.executable, "-c", WITHOUT_NAPARI, verb, *more[verb]]
    ended = subprocess.run(arguments, capture_output=True, text=True, env=os.environ, check=False)
    assert ended.returncode == 2
    assert "pip install 'napari-brain-atlas[all]'" in ended.stderr.splitlines()[-1]


def test_without_a_display_open_says_so(
    run, tissue_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    status, out, errors = run("open", tissue_file)
    assert (status, out) == (2, [])
    assert "there is no display" in errors[0]
