from __future__ import annotations

import json
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from command_line import commands_in


def told(run, *arguments):
    status, out, errors = run(*arguments, "--json")
    assert (status, errors) == (0, [])

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads("\n".join(out), parse_constant=refuse)


@pytest.fixture
def nested_file(run, tissue_file: Path) -> Path:
    """Neighborhoods within a reference: 1 and 2 in L, 3 in both, all others in R or nowhere."""
    data = anndata.read_h5ad(tissue_file)
    owner = data.obs["neighborhood_id"].to_numpy()
    region = np.select([np.isin(owner, [1, 2]), owner == 3, owner == 4], ["L", "L", "nan"], "R")
    region[np.flatnonzero(owner == 3)[::2]] = "R"
    data.obs["known"] = pd.Categorical(region)
    data.write_h5ad(tissue_file)
    return tissue_file


def test_stats_tell_of_animals_and_of_sections(run, tissue_file: Path) -> None:
    cells = anndata.read_h5ad(tissue_file).obs
    for row in told(run, "stats", tissue_file):
        mine = cells[cells["neighborhood_id"] == row["id"]]
        across, along = row["across_animals"], row["continuity"]
        assert across["cells"] == mine["donor"].value_counts().loc[lambda n: n > 0].to_dict()
        assert across["of_animals"] == cells["donor"].nunique()
        assert 1 <= across["animals"] <= row["animals"]
        assert across["recognized"] <= across["compared"] <= across["animals"]
        assert across["basis"] == "cell types"
        assert 1 <= along["sections"] <= row["sections"]
        assert along["steps_placed"] <= along["steps"] <= along["sections"]
        if along["steps_placed"]:
            assert 0 <= along["overlap"] <= 1
            assert along["by_chance"] is not None


def test_the_table_says_what_its_columns_mean(run, tissue_file: Path) -> None:
    out = run("stats", tissue_file)[1]
    assert "in place" in out[0] and "alike" in out[0]
    notes = " ".join(out[-6:])
    assert "turned, mirrored and shifted but not stretched" in " ".join(notes.split())
    assert "correlation of its cell types between animals" in notes


def test_groups_and_unassigned_cells_have_no_such_figures(run, tissue_file: Path) -> None:
    grouped = json.dumps({"op": "group", "neighborhoods": [1, 2], "name": "HPF"})
    freed = json.dumps({"op": "reassign", "cells": list(range(30)), "into": 0})
    run("apply", tissue_file, commands_in(tissue_file.parent, grouped, freed))
    rows = {row["name"]: row for row in told(run, "stats", tissue_file)}
    for name in ("HPF", "unassigned"):
        assert rows[name]["across_animals"] is rows[name]["continuity"] is None
    assert run("stats", tissue_file)[0] == 0


def test_score_tells_all_its_figures(run, tissue_file: Path) -> None:
    report = told(run, "score", tissue_file, "--truth", "truth_division")
    wanted = {
        "ari", "ami", "nmi", "homogeneity", "completeness", "coherence", "truth_coherence",
        "fragmentation", "animals_per_neighborhood", "composition_correlation", "recognized",
        "ari_per_section", "ari_mean_over_sections", "ari_median_over_sections", "effort", "tiles",
        "n_cells", "n_scored", "n_left_out", "n_regions", "unassigned", "majority_region_share",
    }  # fmt: skip
    assert wanted <= set(report)
    effort = report["effort"]
    assert effort["curve"][0][0] == 0
    assert effort["curve"][-1] == [effort["merges"], effort["oracle_accuracy"]]
    assert report["tiles"]["n_clusters"] >= effort["n_clusters"]
    out = run("score", tissue_file, "--truth", "truth_division")[1]
    assert f"ARI {report['ari']:.3f}, AMI {report['ami']:.3f}" in out[1]
    assert any("tiles that know no biology reach" in line for line in out)


def test_report_tells_what_a_reference_does_not(run, nested_file: Path) -> None:
    report = told(run, "report", nested_file, "--reference", "known")
    cells = anndata.read_h5ad(nested_file).obs
    sizes = cells["neighborhood_id"].value_counts()
    (left,) = [s for s in report["subdivisions"] if s["region"] == "L"]
    assert {p["id"] for p in left["parts"]} == {1, 2}
    assert left["cells"] == (cells["known"] == "L").sum()
    for part in left["parts"]:
        assert part["cells"] == sizes[part["id"]]
        assert part["share_inside"] == 1
        assert 0 < part["mean_confidence"] <= 1
        assert 0 < part["stability"] <= 1
        assert part["animals"] == 2
        # Markers between two parts are no gene's twice.
    marked = [{m["gene"] for m in p["markers"]} for p in left["parts"]]
    assert marked[0] and marked[1] and not marked[0] & marked[1]
    (crossing,) = report["crossings"]
    assert crossing["id"] == 3
    assert {r["region"] for r in crossing["regions"]} == {"L", "R"}
    assert [p["id"] for p in report["uncharted"]] == [4]


def test_report_is_the_same_every_time_and_reads_well(run, nested_file: Path) -> None:
    first = run("report", nested_file, "--reference", "known")
    assert first == run("report", nested_file, "--reference", "known")
    text = "\n".join(first[1])
    assert "L: 2 parts add" in text
    assert "1 neighborhood across borders" in text
    assert "1 neighborhood without a region" in text
    assert "at least 70 % of its cells inside" in text


def test_a_part_is_claimed_whose_own_cells_differ(run, nested_file: Path) -> None:
    def parts():
        report = told(run, "report", nested_file, "--reference", "known")
        (left,) = [s for s in report["subdivisions"] if s["region"] == "L"]
        return report, {p["id"]: p for p in left["parts"]}

    data = anndata.read_h5ad(nested_file)
    owner = data.obs["neighborhood_id"].to_numpy()
    types = data.obs["cell_type"].astype(str).to_numpy()
    inside = np.isin(owner, [1, 2])
    # The same cells in both parts: whatever surrounds them, there is nothing to claim.
    types[inside] = np.random.default_rng(0).choice(["A", "B"], inside.sum())
    data.obs["cell_type"] = pd.Categorical(types)
    data.write_h5ad(nested_file)
    report, alike = parts()
    assert all(abs(p["distinctness"]) < 0.5 and not p["claimed"] for p in alike.values())
    types[owner == 1] = np.where(
        np.random.default_rng(1).random((owner == 1).sum()) < 0.9, "A", "B"
    )
    types[owner == 2] = np.where(
        np.random.default_rng(2).random((owner == 2).sum()) < 0.9, "B", "A"
    )
    data.obs["cell_type"] = pd.Categorical(types)
    data.write_h5ad(nested_file)
    report, other = parts()
    how = report["parameters"]
    for part in other.values():
        assert part["distinctness"] == pytest.approx(0.8 / 0.3, abs=0.4)
        stable = part["stability"] >= how["claimed_stability"]
        assert part["claimed"] == (stable and part["share_of_region"] < how["mostly"])
    claimed = [p for s in report["subdivisions"] for p in s["parts"] if p["claimed"]]
    assert report["n_claimed"] == len(claimed) > 0
    out = run("report", nested_file, "--reference", "known")[1]
    assert sum(line.startswith("   *") for line in out) == len(claimed)
    assert any(f"* Claimed: {len(claimed)} part" in line for line in out)


def test_markers_of_parts_are_those_of_a_welch_test(run, nested_file: Path) -> None:
    stats = pytest.importorskip("scipy.stats")
    data = anndata.read_h5ad(nested_file)
    x = data.X.toarray().astype(float)
    totals = x.sum(axis=1, keepdims=True)
    x = np.log1p(x / np.maximum(totals, 1) * np.median(totals))
    one, two = (x[data.obs["neighborhood_id"] == i] for i in (1, 2))
    scores = stats.ttest_ind(one, two, equal_var=False).statistic
    report = told(run, "report", nested_file, "--reference", "known", "--markers", 3)
    (left,) = [s for s in report["subdivisions"] if s["region"] == "L"]
    (part,) = [p for p in left["parts"] if p["id"] == 1]
    best = np.argsort(-scores)[:3]
    assert [m["gene"] for m in part["markers"]] == [data.var_names[g] for g in best]
    np.testing.assert_allclose([m["score"] for m in part["markers"]], scores[best], rtol=0.02)


def test_a_reference_without_regions_is_refused(run, nested_file: Path) -> None:
    data = anndata.read_h5ad(nested_file)
    data.obs["known"] = pd.Categorical(np.full(data.n_obs, "Unknown"))
    data.write_h5ad(nested_file)
    status, out, errors = run("report", nested_file, "--reference", "known")
    assert (status, out) == (2, [])
    assert "no cell has a region in the column 'known'" in errors[0]
    status, _, errors = run("report", nested_file, "--reference", "knwon")
    assert status == 2
    assert "there are: " in errors[0] and "known" in errors[0]
