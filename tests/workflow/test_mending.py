"""A store whose neighborhoods are of two saves is mended when it is opened, or refused."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.save import is_torn
from napari_brain_atlas.model.commands import Annotate, Create
from napari_brain_atlas.workflow.document import open_document
from napari_brain_atlas.workflow.reporting import info

N = 40


@pytest.fixture(scope="module")
def _torn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two saves, and a store with elements of both."""
    rng = np.random.default_rng(0)
    adata = anndata.AnnData(
        X=rng.poisson(1.0, (N, 3)).astype(np.float32),
        obs=pd.DataFrame(
            {"section": pd.Categorical(np.repeat(["a", "b"], N // 2))},
            index=[f"c{i}" for i in range(N)],
        ),
        obsm={"spatial": np.stack([np.arange(N) * 10.0, np.zeros(N)], axis=1)},
    )
    path = tmp_path_factory.mktemp("torn") / "a.zarr"
    with warnings.catch_warnings(), anndata.settings.override(zarr_write_format=3):
        warnings.simplefilter("ignore")
        adata.write_zarr(path)
    _save_twice(path)
    return path


@pytest.fixture
def store(tmp_path: Path, _torn: Path) -> Path:
    """A torn store of ann's, with its curation folder."""
    shutil.copytree(f"{_torn}.nba", tmp_path / "a.zarr.nba")
    path = Path(shutil.copytree(_torn, tmp_path / "a.zarr"))
    assert is_torn(path)
    return path


def _save_twice(store: Path) -> None:
    with open_document(store, author="ann") as document:
        document.session.do(Create(cells=tuple(range(10)), name="one"))
        document.save()
        kept = store.with_name("kept")
        shutil.copytree(store / "obs" / "neighborhood_id", kept)
        document.session.do(Create(cells=tuple(range(10, 25)), name="two"))
        document.session.do(Annotate(neighborhood=1, notes="seen"))
        document.save()
    shutil.rmtree(store / "obs" / "neighborhood_id")
    kept.rename(store / "obs" / "neighborhood_id")


def test_it_is_mended_from_the_journal(store: Path) -> None:
    with open_document(store, author="ann") as document:
        assert "of two saves" in document.recovered
        assert "written again from the journal" in document.recovered
        assert document.saved
        assert info(document)["cells"] == N
    assert not is_torn(store)
    ids = anndata.read_zarr(store).obs["neighborhood_id"].tolist()
    assert ids == [1] * 10 + [2] * 15 + [0] * 15
    with open_document(store, author="ann") as again:
        assert "two saves" not in again.recovered


def test_another_curator_does_not_write_over_it(store: Path) -> None:
    with open_document(store, author="bob") as document:
        assert "whoever saves next mends them" in document.recovered
    assert is_torn(store)


@pytest.mark.parametrize("author", ["ann", "bob"])
def test_without_a_record_only_who_decided_alone_mends_it(store: Path, author: str) -> None:
    shutil.rmtree(store / "uns" / "napari_brain_atlas")
    with open_document(store, author=author) as document:
        mended = "written again" in document.recovered
    assert (mended, is_torn(store)) == (author == "ann", author == "bob")


def test_without_a_journal_it_is_refused(store: Path) -> None:
    shutil.rmtree(store.with_name("a.zarr.nba"))
    with pytest.raises(InputError, match=r"of two saves.*put that folder back"):
        open_document(store, author="ann")
