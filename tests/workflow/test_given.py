"""An embedding that the file brings is used instead of our own."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from napari_brain_atlas.cli import main
from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.workflow.discovery import Scope, hierarchy_request, load_hierarchy
from napari_brain_atlas.workflow.document import open_document
from napari_brain_atlas.workflow.embedding import prepare_hierarchy
from napari_brain_atlas.workflow.given import given_embedding, usable_arrays

N, GROUPS = 1200, 3


def tissue(embedding: Any, seed: int = 0) -> anndata.AnnData:
    """Three bands of tissue which only the embedding tells apart."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 1000, (N, 2)).astype(np.float32)
    data = anndata.AnnData(
        rng.poisson(2, (N, 6)).astype(np.float32),
        obs=pd.DataFrame({"section": ["s"] * N}, index=[f"c{i}" for i in range(N)]),
    )
    data.obsm["spatial"] = xy
    data.obs["band"] = pd.Categorical(np.digitize(xy[:, 0], [333, 666]).astype(str))
    if embedding is not None:
        data.obsm["X_scVI"] = embedding(data)
    return data


def bands(data: anndata.AnnData) -> np.ndarray:
    rng = np.random.default_rng(1)
    codes = data.obs["band"].cat.codes.to_numpy()
    return (np.eye(GROUPS)[codes] * 9 + rng.normal(size=(N, GROUPS))).astype(np.float32)


FORMS = {
    "dense": bands,
    "sparse": lambda data: sparse.csr_matrix(bands(data)),
    "table": lambda data: pd.DataFrame(bands(data), index=data.obs_names, columns=list("abc")),
}


def write(data: anndata.AnnData, path: Path) -> Path:
    if path.suffix == ".zarr":
        with warnings.catch_warnings():
            # About formats to come.
            warnings.simplefilter("ignore")
            data.write_zarr(path)
    else:
        data.write_h5ad(path)
    return path


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("suffix", [".h5ad", ".zarr"])
def test_discover_finds_what_the_given_embedding_shows(
    tmp_path: Path, form: str, suffix: str
) -> None:
    path, out = tmp_path / f"in{suffix}", tmp_path / "out.h5ad"
    if suffix == ".zarr":
        out = tmp_path / "out.zarr"
    write(tissue(FORMS[form]), path)
    assert main(["discover", str(path), "--out", str(out), "--embedding", "X_scVI",
                 "--neighborhoods", "3"]) == 0  # fmt: skip
    found = anndata.read_zarr(out) if suffix == ".zarr" else anndata.read_h5ad(out)
    table = pd.crosstab(found.obs["neighborhood"], found.obs["band"]).to_numpy()
    assert table.shape[1] == GROUPS
    assert table.max(axis=1).sum() > 0.95 * N


def nan_at(*rows: int) -> Any:
    def make(data: anndata.AnnData) -> np.ndarray:
        found = bands(data)
        found[list(rows), 1] = np.nan
        return found

    return make


@pytest.mark.parametrize(
    ("embedding", "key", "said"),
    [
        (bands, "X_banksy", "no obsm array 'X_banksy'; there are: X_scVI, spatial"),
        (lambda d: bands(d)[:, :1], "X_scVI", "'X_scVI' has one column only"),
        (nan_at(7, 900), "X_scVI", "not a number for 2 of 1,200 cells, first in row 7"),
        (lambda d: np.ones((N, 4), np.float32), "X_scVI", "is the same for all cells"),
    ],
    ids=["not there", "one column", "not a number", "constant"],
)
def test_what_cannot_be_used_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], embedding: Any, key: str, said: str
) -> None:
    path, out = write(tissue(embedding), tmp_path / "in.h5ad"), tmp_path / "out.h5ad"
    assert main(["discover", str(path), "--out", str(out), "--embedding", key]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert said in error
    assert "in.h5ad" in error
    assert not out.exists()


def test_only_what_may_be_one_is_offered(tmp_path: Path) -> None:
    data = tissue(bands)
    data.obsm["X_ccf"], data.obsm["one"] = np.zeros((N, 3)), np.zeros((N, 1))
    atlas, _ = read_atlas(write(data, tmp_path / "in.h5ad"))
    assert usable_arrays(atlas) == ("X_scVI",)


def test_it_comes_in_the_order_of_the_atlas(tmp_path: Path) -> None:
    data = tissue(bands)
    data.obs["section"] = pd.Categorical(np.where(np.arange(N) % 2, "a", "b"))
    path = write(data, tmp_path / "in.h5ad")
    atlas, _ = read_atlas(path)
    expected = np.asarray(data.obsm["X_scVI"])[atlas.file_positions]
    found = given_embedding(atlas, "X_scVI", path)
    np.testing.assert_allclose(found, expected - expected.mean(axis=0), atol=1e-5)


@pytest.mark.parametrize("n_rows", [N - 1, N + 5])
def test_an_array_of_another_length_is_refused(tmp_path: Path, n_rows: int) -> None:
    path = write(tissue(bands), tmp_path / "in.h5ad")
    # As a program leaves it that knows nothing of AnnData.
    with h5py.File(path, "a") as file:
        values = np.resize(file["obsm/X_scVI"][:], (n_rows, GROUPS))
        del file["obsm/X_scVI"]
        file["obsm/X_scVI"] = values
    atlas, _ = read_atlas(path)
    with pytest.raises(InputError, match=f"'X_scVI' has {n_rows:,} rows for 1,200 cells"):
        given_embedding(atlas, "X_scVI", path)


def test_another_array_under_the_same_name_is_another_tree(tmp_path: Path) -> None:
    keys = []
    for seed in (0, 1):
        path = tmp_path / "in.h5ad"
        data = tissue(None)
        data.obsm["X_scVI"] = np.random.default_rng(seed).normal(size=(N, 3)).astype(np.float32)
        path.unlink(missing_ok=True)
        write(data, path)
        with open_document(path) as document:
            request = hierarchy_request(document, Scope(), embedding="X_scVI")
            keys.append(prepare_hierarchy(request))
            assert load_hierarchy(document, keys[-1]).hierarchy.n_cells == N
    assert keys[0] != keys[1]
