from __future__ import annotations

import base64
import json
import shutil
import zlib
from pathlib import Path

import anndata
import numpy as np
import pytest
from carried_files import Change, changed, decide, filtered, owners_by_name, reordered

from napari_brain_atlas.io.carrying import carried_folder
from napari_brain_atlas.io.folder import folder_of
from napari_brain_atlas.model.cells import bitmaps_to_bytes
from napari_brain_atlas.model.commands import Annotate, Split, Undo
from napari_brain_atlas.workflow.comparing import compare_states
from napari_brain_atlas.workflow.document import open_document
from napari_brain_atlas.workflow.journals import carried_log
from napari_brain_atlas.workflow.rebasing import rebase, rebase_lines


def extended(adata: anndata.AnnData) -> anndata.AnnData:
    more = adata[:100].copy()
    more.obs_names = [f"found {i}" for i in range(100)]
    more.obsm["spatial"] = more.obsm["spatial"] + 3
    both = anndata.concat([adata, more], merge="same", uns_merge="same")
    return reordered(filtered(both))


def without_columns(adata: anndata.AnnData) -> anndata.AnnData:
    """As a file that this program never wrote."""
    adata.uns.pop("napari_brain_atlas")
    adata.obs = adata.obs.drop(columns=[c for c in adata.obs if c.startswith("neighborhood")])
    return filtered(adata)


CHANGES: dict[str, Change] = {
    "filtered": filtered, "reordered": reordered, "extended": extended,
    "by another program": without_columns,
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_cells_keep_their_neighborhoods_by_their_names(decided_file: Path, change: str) -> None:
    new = changed(decided_file, CHANGES[change])
    before = owners_by_name(decided_file)
    report = rebase(decided_file, new)
    after = owners_by_name(new)
    assert {c: i for c, i in after.items() if c in before} == {
        c: i for c, i in before.items() if c in after
    }
    found = [c for c in after if c not in before]
    assert {after[c] for c in found} <= {0}
    assert report["found"] == len(found)
    assert report["kept"] == len(set(before) & set(after))
    assert report["lost"] == len(set(before) - set(after))
    with open_document(decided_file) as one, open_document(new) as two:
        old, now = one.session.curation, two.session.curation
        assert dict(now.neighborhoods) == dict(old.neighborhoods)
        assert (now.links, now.next_id) == (old.links, old.next_id)
        assert two.recovered == "Replayed 5 decisions of tester"


def test_confidence_goes_with_the_cells(decided_file: Path) -> None:
    new = changed(decided_file, extended)
    rebase(decided_file, new)
    shown = {}
    for path in (decided_file, new):
        with open_document(path) as document:
            parts = [document.session.curation.confidence_on(s.index) for s in document.atlas]
            values = np.concatenate(parts)[document.atlas.atlas_positions]
        shown[path] = dict(zip(anndata.read_h5ad(path).obs_names, values.tolist(), strict=True))
    both = sorted(set(shown[decided_file]) & set(shown[new]))
    one, two = ([shown[path][cell] for cell in both] for path in (decided_file, new))
    np.testing.assert_array_equal(one, two)
    assert np.isnan([v for c, v in shown[new].items() if c not in shown[decided_file]]).all()


def test_snapshots_are_carried_in_their_order(decided_file: Path) -> None:
    new = changed(decided_file, filtered)
    report = rebase(decided_file, new)
    assert report["authors"][0]["snapshots"] == ["split", "merged"]
    for point in ("split", "merged"):
        before, after = owners_by_name(decided_file, point), owners_by_name(new, point)
        assert after == {cell: before[cell] for cell in after}
    kinds = [d["kind"] for d in compare_states(f"{new}@split", str(new))["differences"]]
    assert kinds == [
        d["kind"]
        for d in compare_states(f"{decided_file}@split", str(decided_file))["differences"]
    ]


def test_it_is_a_step_that_can_be_undone(decided_file: Path) -> None:
    new = changed(decided_file, filtered)
    start = owners_by_name(new)
    rebase(decided_file, new)
    assert owners_by_name(new) != start
    decide(new, Undo(), Undo(), Undo())
    assert owners_by_name(new) == start


def test_work_goes_on_from_there(decided_file: Path) -> None:
    new = changed(decided_file, filtered)
    rebase(decided_file, new)
    with open_document(new) as document:
        made = document.session.do(Split(neighborhood=1, cells=(first_row(document, 1),)))
        assert max(made.after.neighborhoods) == document.session.curation.next_id - 1
        assert max(made.after.neighborhoods) > max(owners_by_name(decided_file).values())
        document.save()
    assert "one cell" in set(anndata.read_h5ad(new).uns["napari_brain_atlas"].split('"'))


def first_row(document, identity: int) -> int:
    cells = document.session.curation.cells_of(identity)
    return int(document.atlas.file_positions[cells[0]])


def test_every_author_or_the_one_named(decided_file: Path) -> None:
    decide(decided_file, Annotate(neighborhood=5, name="bob's"), author="bob")
    new, other = changed(decided_file, filtered), changed(decided_file, filtered, "other.h5ad")
    assert [a["author"] for a in rebase(decided_file, new)["authors"]] == ["bob", "tester"]
    assert [a["author"] for a in rebase(decided_file, other, author="bob")["authors"]] == ["bob"]
    assert folder_of(other).authors() == ("bob",)
    # The other one can follow later.
    rebase(decided_file, other, author="tester")
    assert owners_by_name(other) == owners_by_name(new)


def test_what_each_neighborhood_lost_is_told(decided_file: Path) -> None:
    before = owners_by_name(decided_file)

    def change(adata: anndata.AnnData) -> anndata.AnnData:
        owners = np.array([before[name] for name in adata.obs_names])
        keep = owners != 5
        keep[np.flatnonzero(owners == 6)[:4]] = False
        return adata[keep].copy()

    report = rebase(decided_file, changed(decided_file, change))
    told = {n["id"]: n for n in report["authors"][0]["neighborhoods"]}
    assert (told[5]["kept"], told[5]["lost"]) == (0, sum(i == 5 for i in before.values()))
    assert told[6]["lost"] == 4
    assert {i for i, n in told.items() if n["lost"]} == {5, 6}
    lines = rebase_lines(report)
    n, m = told[5]["cells"], told[6]["cells"]
    assert f"  'N5' (5) lost all {n:,} cells; it is kept, empty" in lines
    assert f"  'N6' (6) lost 4 of {m:,} cells ({400 / m:.1f} %)" in lines
    assert any(line.startswith("  with 2 snapshots: 'split' and 'merged'") for line in lines)


def moved(adata: anndata.AnnData) -> anndata.AnnData:
    adata.obsm["spatial"][:70] += 500
    return adata


def resectioned(adata: anndata.AnnData) -> anndata.AnnData:
    sections = adata.obs["section"].astype(str).to_numpy()
    first = sections[0]
    other = next(s for s in sections if s != first)
    sections[:30] = other
    adata.obs["section"] = sections
    return adata


def renamed_anew(adata: anndata.AnnData) -> anndata.AnnData:
    """A subset whose cells were numbered again."""
    names = list(adata.obs_names)
    adata = reordered(adata)
    adata.obs_names = names
    return adata


def with_a_column(adata: anndata.AnnData) -> anndata.AnnData:
    adata.obs["more"] = 1
    return adata


WARNINGS = {
    "moved": (moved, ["70 of 3,000 cells in both lie elsewhere"]),
    "other sections": (resectioned, ["lie on another section than before"]),
    "names given anew": (
        renamed_anew, ["lie on another section than before; if cells were named anew",
                       "lie elsewhere"],
    ),
    "the same cells": (with_a_column, ["the cells of both files are the same"]),
    "nothing but filtered": (filtered, []),
}  # fmt: skip


@pytest.mark.parametrize("case", WARNINGS)
def test_cells_that_lie_elsewhere_are_warned_of(decided_file: Path, case: str) -> None:
    change, wanted = WARNINGS[case]
    report = rebase(decided_file, changed(decided_file, change))
    assert len(report["warnings"]) == len(wanted)
    for part, warning in zip(wanted, report["warnings"], strict=True):
        assert part in warning
        assert f"warning: {warning}" in rebase_lines(report)


def test_the_earlier_decisions_stay_readable(decided_file: Path) -> None:
    new = changed(decided_file, filtered)
    with open_document(decided_file) as document:
        sentences = document.session.sentences
    rebase(decided_file, new)
    curated_folder, moved_folder = folder_of(decided_file), folder_of(new)
    found = carried_log(new, None, None)
    assert [line["sentence"] for line in found.lines] == sentences
    assert {line["file"] for line in found.lines} == {"tissue.h5ad"}
    # The folder is all that the old file needs to be opened as it was.
    kept = carried_folder(moved_folder)
    (journal,) = kept.authors()
    theirs = curated_folder.journal_path("tester").read_bytes()
    assert kept.journal_path(journal).read_bytes() == theirs
    before = owners_by_name(decided_file)
    shutil.rmtree(curated_folder.path)
    assert owners_by_name(decided_file, author=journal, folder=kept.path) == before


def test_a_second_rebase_keeps_the_whole_chain(decided_file: Path) -> None:
    new = changed(decided_file, filtered)
    rebase(decided_file, new)
    decide(new, Annotate(neighborhood=6, name="between"))
    last = changed(new, reordered, "last.h5ad")
    rebase(new, last)
    before = owners_by_name(new)
    assert owners_by_name(last) == before
    files = [line["file"] for line in carried_log(last, None, None).lines]
    assert files == ["tissue.h5ad"] * 9 + ["new.h5ad"] * 6
    told = [line["sentence"] for line in carried_log(last, None, None).lines]
    assert told[-1] == "Renamed 'N6' to 'between'"
    # A copy of the curation folder holds it, too.
    out = last.with_name("out.h5ad")
    with open_document(last) as document:
        document.save(out)
    assert carried_log(out, None, None) == carried_log(last, None, None)


def test_large_sets_of_cells_are_carried_with_the_journal_that_names_them(
    tissue_file: Path,
) -> None:
    ids = anndata.read_h5ad(tissue_file).obs["neighborhood_id"]
    mine = [int(i) for i in np.flatnonzero(ids == 1)]
    with open_document(tissue_file) as document:
        archive = document.folder.archive
        whole = document.session.do(Split(neighborhood=1, cells=tuple(mine[:100]))).command
        document.session.do(Undo())
        bits = {int(k): v for k, v in whole.cells.bits.items()}
        digest = archive.write(blob_of(bits))
        document.session.do(Split(neighborhood=1, cells={"blob": digest}))
    new = changed(tissue_file, filtered)
    rebase(tissue_file, new)
    assert carried_folder(folder_of(new)).archive.digests() == (digest,)


def blob_of(bits: dict[int, str]) -> bytes:
    return bitmaps_to_bytes(
        {k: np.frombuffer(zlib.decompress(base64.b64decode(v)), np.uint8) for k, v in bits.items()}
    )


def test_the_verbs(run, decided_file: Path) -> None:
    new = changed(decided_file, filtered)
    status, lines, errors = run("rebase", decided_file, new)
    assert (status, errors) == (0, [])
    assert f"{decided_file} → {new}: " in lines[0]
    status, lines, _ = run("log", new, "--carried")
    assert status == 0
    assert len(lines) == 9 + 5
    assert lines[1].endswith("Took the snapshot 'split' (on tissue.h5ad)")
    both = json.loads("\n".join(run("log", new, "--carried", "--json")[1]))
    assert [line["seq"] for line in both] == [*range(1, 10), *range(1, 6)]
    assert len(json.loads("\n".join(run("log", new, "--json")[1]))) == 5
    report = json.loads(
        "\n".join(
            run("rebase", decided_file, changed(decided_file, reordered, "r.h5ad"), "--json")[1]
        )
    )
    assert (report["kept"], report["lost"], report["found"]) == (3000, 0, 0)


def test_what_was_carried_from_before_a_damage_is_told_and_carried_on(decided_file: Path) -> None:
    folder = folder_of(decided_file)
    (author,) = folder.authors()
    journal = folder.journal_path(author)
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[-1] = lines[-1].replace(b'"seq"', b'"sEq"')
    journal.write_bytes(b"".join(lines))
    new = changed(decided_file, filtered)
    rebase(decided_file, new, before_damage=True)
    told = carried_log(new, None, None)
    assert len(told.lines) == len(lines) - 2
    assert not told.problems
    newer = changed(new, reordered, "newer.h5ad")
    rebase(new, newer)
    assert len(carried_log(newer, None, None).lines) > len(told.lines)
