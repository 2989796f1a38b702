from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import anndata
import numpy as np
import pytest

from napari_brain_atlas.errors import (
    CommandError,
    JournalError,
    JournalLockedError,
    WriteError,
)
from napari_brain_atlas.io.points import STOP_AT_VARIABLE
from napari_brain_atlas.model.commands import Annotate, Merge, Split, Undo
from napari_brain_atlas.workflow.document import ReadOptions, open_document

NAME = Annotate(neighborhood=1, name="CA1")


def test_opening_and_closing_writes_nothing(phantom_file: Path) -> None:
    with open_document(phantom_file) as document:
        assert document.saved
        assert document.recovered == ""
    assert [p.name for p in phantom_file.parent.iterdir()] == [phantom_file.name]


def test_a_refused_first_command_writes_nothing(phantom_file: Path) -> None:
    with open_document(phantom_file) as document, pytest.raises(CommandError):
        document.session.do(Merge(neighborhoods=(1, 2), into=1))
    assert [p.name for p in phantom_file.parent.iterdir()] == [phantom_file.name]


def test_reopening_replays_what_was_decided(tissue_file: Path) -> None:
    with open_document(tissue_file) as document:
        document.session.do(NAME)
        document.session.do(Merge(neighborhoods=(1, 2), into=1))
        document.session.do(Undo())
        decided = document.session.curation
        assert not document.saved
    with open_document(tissue_file) as again:
        assert again.recovered == "Replayed 3 decisions of tester"
        np.testing.assert_array_equal(
            again.session.curation.owners_of_cells(), decided.owners_of_cells()
        )
        assert dict(again.session.curation.neighborhoods) == dict(decided.neighborhoods)
        again.session.do(Undo())
        assert again.session.curation.neighborhood(1).name == "N1"


def test_saved_follows_the_file(tissue_file: Path) -> None:
    with open_document(tissue_file) as document:
        document.session.do(NAME)
        assert not document.saved
        document.save()
        assert document.saved
        document.session.do(Undo())
        assert not document.saved
    with open_document(tissue_file) as again:
        assert not again.saved


def test_two_windows_of_one_author_do_not_mix(tissue_file: Path) -> None:
    with (
        open_document(tissue_file, program="window") as first,
        open_document(tissue_file) as second,
    ):
        first.session.do(NAME)
        with pytest.raises(JournalLockedError, match="another window"):
            second.session.do(NAME)
        with open_document(tissue_file, author="bob") as other:
            other.session.do(Annotate(neighborhood=1, name="mine"))
    with open_document(tissue_file) as again:
        assert again.session.curation.neighborhood(1).name == "CA1"


def test_a_window_that_fell_behind_is_told_to_open_again(tissue_file: Path) -> None:
    with open_document(tissue_file) as late:
        with open_document(tissue_file) as early:
            early.session.do(NAME)
        with pytest.raises(JournalError, match=r"open tissue\.h5ad again"):
            late.session.do(Merge(neighborhoods=(3, 4), into=3))
    with open_document(tissue_file) as again:
        assert again.seq == 1


def test_how_a_file_is_read_is_remembered(phantom_file: Path) -> None:
    adata = anndata.read_h5ad(phantom_file)
    adata.obs = adata.obs.rename(columns={"section": "puck_of_mine"})
    adata.write_h5ad(phantom_file)
    options = ReadOptions(section="puck_of_mine", unit="px")
    with open_document(phantom_file, options=options) as document:
        document.session.do(Split(neighborhood=0, cells=(0, 1)))
    with open_document(phantom_file) as again:
        assert again.layout.section == "puck_of_mine"
        assert again.atlas.unit.name == "px"
        assert again.seq == 1


def test_columns_added_outside_do_not_disturb_a_curation(tissue_file: Path) -> None:
    with open_document(tissue_file) as document:
        document.session.do(NAME)
    adata = anndata.read_h5ad(tissue_file)
    adata.obs["added"] = np.arange(adata.n_obs)
    del adata.obs["neighborhood_id"]
    adata.X = adata.X * 2
    adata.write_h5ad(tissue_file)
    with open_document(tissue_file) as again:
        assert again.session.curation.neighborhood(1).name == "CA1"
        again.save()
    saved = anndata.read_h5ad(tissue_file)
    assert "added" in saved.obs
    assert "CA1" in saved.obs["neighborhood"].cat.categories


CHANGES = {
    "number of cells (2999 here, 3000 there)": lambda a: a[:-1].copy(),
    "names of the cells, sections, coordinates": lambda a: a[::-1].copy(),
    "coordinates": lambda a: _moved(a),
    "sections": lambda a: _resectioned(a),
}


def _moved(adata: anndata.AnnData) -> anndata.AnnData:
    adata.obsm["spatial"] = adata.obsm["spatial"] + 1
    return adata


def _resectioned(adata: anndata.AnnData) -> anndata.AnnData:
    adata.obs["section"] = adata.obs["section"].astype(str) + "x"
    return adata


@pytest.mark.parametrize("told", CHANGES)
def test_a_file_with_other_cells_is_refused_and_says_what_differs(
    tissue_file: Path, told: str
) -> None:
    with open_document(tissue_file) as document:
        document.session.do(NAME)
    CHANGES[told](anndata.read_h5ad(tissue_file)).write_h5ad(tissue_file)
    with pytest.raises(JournalError) as refused:
        open_document(tissue_file)
    assert f"the {told} differ" in str(refused.value)


def test_a_save_that_fails_leaves_file_and_decisions(
    tissue_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tissue_file.read_bytes()
    with open_document(tissue_file) as document:
        document.session.do(NAME)
        monkeypatch.setenv(STOP_AT_VARIABLE, "save.before-fsync")
        with pytest.raises(WriteError, match=r"ended by SIGKILL.*it is as it was"):
            document.save()
        assert not document.saved
    assert tissue_file.read_bytes() == before
    with open_document(tissue_file) as again:
        assert again.session.curation.neighborhood(1).name == "CA1"


def test_a_journal_in_another_process_is_locked_until_it_dies(tissue_file: Path) -> None:
    code = (
        "import sys\n"
        "from napari_brain_atlas.workflow.document import open_document\n"
        "document = open_document(sys.argv[1])\n"
        "document.lock()\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    arguments = [sys.executable, "-c", code, str(tissue_file)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        with open_document(tissue_file) as document, pytest.raises(JournalLockedError):
            document.session.do(NAME)
        other.kill()
        other.wait()
    with open_document(tissue_file) as document:
        document.session.do(NAME)
    with open_document(tissue_file) as again:
        assert again.seq == 1


def test_the_record_in_the_file_names_journal_and_seq(tissue_file: Path) -> None:
    with open_document(tissue_file) as document:
        document.session.do(NAME)
        document.save()
    record = json.loads(anndata.read_h5ad(tissue_file).uns["napari_brain_atlas"])
    assert record["seq"] == 1
    assert record["author"] == "tester"
    header = json.loads(Path(f"{tissue_file}.nba/tester.jsonl").read_text().splitlines()[0])
    assert record["journal"] == header["journal"]
    assert record["fingerprint"] == header["fingerprint"]
