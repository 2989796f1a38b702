"""Small files, and an author's journal in a folder."""

from __future__ import annotations

from pathlib import Path

import anndata as ad
import pytest
from tissue import tissue, write

from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.io.journal import JournalWriter


@pytest.fixture(scope="session")
def _files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("files")
    made = {kind: write(tissue(), folder / f"a.{kind}") for kind in ("h5ad", "zarr")}
    with ad.settings.override(zarr_write_format=3):
        made["zarr3"] = write(tissue(), folder / "a3.zarr")
    return made


@pytest.fixture
def h5ad(tmp_path: Path, _files: dict[str, Path]) -> Path:
    """A fresh copy of a small h5ad file."""
    path = tmp_path / "tissue.h5ad"
    path.write_bytes(_files["h5ad"].read_bytes())
    return path


@pytest.fixture
def folder(tmp_path: Path) -> CurationFolder:
    return CurationFolder(tmp_path / "tissue.h5ad.nba")


@pytest.fixture
def open_writer(folder: CurationFolder):  # type: ignore[no-untyped-def]
    """Open the journal of an author as a new process would; closed at the end."""
    writers: list[JournalWriter] = []

    def open_again(author: str = "ann") -> JournalWriter:
        writer = folder.writer(author, "60-a-b-c", "0" * 64, "0.1.0", folder.journal(author))
        writers.append(writer)
        return writer

    yield open_again
    for writer in writers:
        writer.close()
