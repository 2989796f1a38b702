"""Saving a copy: what is refused leaves nothing behind, and nothing of others is replaced."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import anndata
import numpy as np
import pytest
from named_files import name_of, named

from napari_brain_atlas.errors import InputError, WriteError
from napari_brain_atlas.io.folder import folder_of
from napari_brain_atlas.io.points import STOP_AT_VARIABLE
from napari_brain_atlas.workflow.document import open_document


@pytest.fixture
def out(named_file: Path) -> Path:
    return named_file.with_name("out.h5ad")


def save(file: Path, out: Path, author: str | None = None) -> None:
    with open_document(file, author=author) as document:
        document.save(out)


def everything(folder: Path) -> dict[str, bytes]:
    """What lies in a folder, but for what comes and goes with a lock."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.suffix not in (".lock", ".holder")
    }


def _foreign_columns(file: Path, out: Path) -> None:
    adata = anndata.read_h5ad(file)
    del adata.uns["napari_brain_atlas"]
    adata.write_h5ad(file)


def _hard_link(file: Path, out: Path) -> None:
    save(file, out)
    os.link(out, out.with_name("second.h5ad"))


def _other_cells(file: Path, out: Path) -> None:
    save(file, out)
    shutil.rmtree(folder_of(out).path)
    adata = anndata.read_h5ad(out)
    adata[:-5].copy().write_h5ad(out)
    text = adata.uns["napari_brain_atlas"].replace('"fingerprint": "', '"fingerprint": "0')
    adata = anndata.read_h5ad(out)
    adata.uns["napari_brain_atlas"] = text
    adata.write_h5ad(out)


def _unrelated(file: Path, out: Path) -> None:
    anndata.AnnData(np.ones((4, 2))).write_h5ad(out)


def _not_a_file_of_ours(file: Path, out: Path) -> None:
    out.write_bytes(b"a letter to a friend")


def _of_another_journal(file: Path, out: Path) -> None:
    shutil.copy(file, out)
    with open_document(out, author="carol") as document:
        document.session.do(named("of carol"))
        document.save()
    shutil.rmtree(folder_of(out).path)


REFUSED: dict[str, tuple[Callable[[Path, Path], None], str]] = {
    "foreign columns": (_foreign_columns, "written by another program"),
    "a hard link": (_hard_link, "hard links"),
    "other cells": (_other_cells, "holds other cells"),
    "an unrelated file": (_unrelated, "not saved from this curation"),
    "no file of ours": (_not_a_file_of_ours, "out.h5ad"),
    "another journal": (_of_another_journal, "neighborhoods of 'carol'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_copy_leaves_nothing_behind(named_file: Path, out: Path, case: str) -> None:
    prepare, told = REFUSED[case]
    prepare(named_file, out)
    before = everything(named_file.parent)
    with pytest.raises(InputError, match=told):
        save(named_file, out)
    assert everything(named_file.parent) == before


def test_a_copy_without_room_leaves_nothing_behind(
    named_file: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(named_file.parent)
    usage = shutil.disk_usage(named_file)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(WriteError, match="free space"):
        save(named_file, out)
    assert everything(named_file.parent) == before


def test_a_copy_is_replaced_by_a_later_one_of_the_same_curation(
    named_file: Path, out: Path
) -> None:
    save(named_file, out)
    with open_document(named_file) as document:
        document.session.do(named("later"))
        document.save(out)
    save(named_file, out, author="bob")
    with open_document(out) as copy:
        assert name_of(copy) == "later"
        assert anndata.read_h5ad(out).obs["neighborhood"].isin(["of bob"]).any()


def test_a_copy_without_decisions_is_replaced(tissue_file: Path) -> None:
    out = tissue_file.with_name("out.h5ad")
    save(tissue_file, out)
    save(tissue_file, out)
    with open_document(out) as copy:
        assert copy.saved


def test_a_copy_that_was_killed_is_made_by_the_next_save(
    named_file: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STOP_AT_VARIABLE, "save.before-replace")
    with pytest.raises(WriteError, match="SIGKILL"):
        save(named_file, out)
    assert not out.exists()
    monkeypatch.delenv(STOP_AT_VARIABLE)
    save(named_file, out)
    with open_document(out) as copy:
        assert name_of(copy) == "n5"
        assert copy.saved
