from __future__ import annotations

import shutil
from pathlib import Path

import anndata
import pytest
from carried_files import changed, decide, filtered, owners_by_name, reordered

from napari_brain_atlas.errors import InputError, JournalError, JournalLockedError, WriteError
from napari_brain_atlas.io import carrying, durable
from napari_brain_atlas.io.folder import folder_of
from napari_brain_atlas.model.commands import Annotate, Split
from napari_brain_atlas.workflow.document import ReadOptions, open_document
from napari_brain_atlas.workflow.rebasing import rebase


def test_decisions_that_are_there_already_are_never_overwritten(decided_file: Path) -> None:
    new = changed(decided_file, filtered)
    decide(new, Annotate(neighborhood=1, name="mine"))
    before = folder_of(new).journal_path("tester").read_bytes()
    with pytest.raises(InputError, match=r"holds 1 decision of tester on new\.h5ad already"):
        rebase(decided_file, new)
    assert folder_of(new).journal_path("tester").read_bytes() == before


def test_somebody_who_works_on_the_new_file_is_not_disturbed(decided_file: Path) -> None:
    new = changed(decided_file, filtered)
    decide(new, Annotate(neighborhood=1, name="bob's"), author="bob")
    with open_document(new, lock=True), pytest.raises(JournalLockedError):
        rebase(decided_file, new)
    rebase(decided_file, new)
    assert folder_of(new).authors() == ("bob", "tester")


def test_an_old_file_that_is_not_as_it_was_is_refused(decided_file: Path) -> None:
    new = changed(decided_file, filtered)
    shutil.copy(new, decided_file)
    with pytest.raises(InputError, match="is not as tester curated it: the number of cells"):
        rebase(decided_file, new)
    assert not folder_of(new).path.exists()


def test_a_file_that_was_filtered_in_place_is_told_what_to_do(decided_file: Path) -> None:
    backup = Path(shutil.copy(decided_file, decided_file.with_name("backup.h5ad")))
    changed(decided_file, filtered, decided_file.name)
    before = owners_by_name(backup, folder=Path(f"{decided_file}.nba"))
    with pytest.raises(InputError, match="is the curation folder of both files: rename it"):
        rebase(backup, decided_file, old_folder=Path(f"{decided_file}.nba"))
    kept = Path(f"{decided_file}.nba").rename(decided_file.with_name("old.nba"))
    rebase(backup, decided_file, old_folder=kept)
    after = owners_by_name(decided_file)
    assert after == {cell: before[cell] for cell in after}


def test_folders_may_lie_elsewhere(decided_file: Path, tmp_path: Path) -> None:
    new = changed(decided_file, filtered)
    rebase(decided_file, new, new_folder=tmp_path / "elsewhere")
    assert not Path(f"{new}.nba").exists()
    assert owners_by_name(new, folder=tmp_path / "elsewhere") != owners_by_name(new)


def test_how_the_old_file_was_read_is_how_the_new_one_is(phantom_file: Path) -> None:
    adata = anndata.read_h5ad(phantom_file)
    adata.obs = adata.obs.rename(columns={"section": "puck_of_mine"})
    adata.write_h5ad(phantom_file)
    options = ReadOptions(section="puck_of_mine", unit="px")
    with open_document(phantom_file, options=options) as document:
        document.session.do(Split(neighborhood=0, cells=(0, 1)))
    new = changed(phantom_file, filtered)
    assert rebase(phantom_file, new)["warnings"] == []
    with open_document(new) as document:
        assert (document.layout.section, document.atlas.unit.name) == ("puck_of_mine", "px")


def test_a_disk_that_fails_at_any_call_leaves_no_journal_or_a_whole_one(
    decided_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = changed(decided_file, filtered)
    folder = folder_of(new)
    state = {"calls": 0, "fails": 0}
    real = durable.sync

    def failing(handle: int) -> None:
        state["calls"] += 1
        if state["calls"] == state["fails"]:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(durable, "sync", failing)
    left = []
    while True:
        state.update(calls=0, fails=state["fails"] + 1)
        shutil.rmtree(folder.path, ignore_errors=True)
        try:
            rebase(decided_file, new)
            break
        except WriteError:
            contents = folder.journal("tester")
            left.append(len(contents.lines) if contents else 0)
    assert len(left) > 10
    # Only once the journal has its name can it be told of a failure and be there.
    assert left == [0] * (len(left) - 1) + [5]
    before, after = owners_by_name(decided_file), owners_by_name(new)
    assert after == {cell: before[cell] for cell in after}


def test_an_interruption_leaves_no_journal(
    decided_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = changed(decided_file, filtered)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(carrying, "record_to_line", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rebase(decided_file, new)
    monkeypatch.undo()
    monkeypatch.setenv("NAPARI_BRAIN_ATLAS_AUTHOR", "tester")
    assert folder_of(new).journal("tester") is None
    assert rebase(decided_file, new)["kept"]


def test_a_missing_blob_is_told_before_anything_is_written(decided_file: Path) -> None:
    new = changed(decided_file, filtered)
    rebase(decided_file, new)
    last = changed(new, reordered, "last.h5ad")
    for path in (Path(f"{new}.nba") / "blobs").iterdir():
        path.unlink()
    with pytest.raises(JournalError):
        rebase(new, last)
    assert not Path(f"{last}.nba").exists()
