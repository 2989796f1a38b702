"""Targets are refused before any work is done for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from curated import columns_of

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io import save as saving
from napari_brain_atlas.io.save import require_target, save_columns


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone/out.h5ad", "does not exist; make it first"),
        ("out.zarr", "name the output .h5ad too"),
        ("out.csv", "name it .h5ad or .zarr"),
        ("folder.h5ad", "this is a folder"),
    ],
)
def test_targets_that_are_refused(h5ad: Path, name: str, message: str) -> None:
    (h5ad.parent / "folder.h5ad").mkdir()
    with pytest.raises(InputError, match=message):
        require_target(h5ad.parent / name, source=h5ad)


def test_a_folder_that_may_not_be_written(h5ad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving.os, "access", lambda *_: False)
    with pytest.raises(InputError, match="may not be written"):
        require_target(h5ad, source=h5ad)


def test_a_folder_that_is_no_store_is_not_replaced(
    tmp_path: Path, _files: dict[str, Path]
) -> None:
    target = tmp_path / "results.zarr"
    target.mkdir()
    (target / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="is no zarr store; what it holds would be lost"):
        save_columns(_files["zarr"], target, columns_of(_files["zarr"])[2])
    assert (target / "thesis.txt").read_text() == "years of work"
