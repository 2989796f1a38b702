"""Tissue that hardly is any: a sane result for every cell, or one line that says what is wrong."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.metrics import adjusted_rand_score

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.workflow.discover import DiscoveryParameters, discover

N, GENES = 400, 8
Change = Callable[[anndata.AnnData], Any]


def tissue() -> anndata.AnnData:
    """Two sections, each of two halves that differ in every gene."""
    rng = np.random.default_rng(0)
    xy = rng.uniform(0, 500, (N, 2)).astype(np.float32)
    half = (xy[:, 0] > 250).astype(int)
    more = np.arange(GENES)[None] % 2 == half[:, None]
    data = anndata.AnnData(
        rng.poisson(np.where(more, 6, 1)).astype(np.float32),
        obs=pd.DataFrame({"section": ["a"] * (N // 2) + ["b"] * (N - N // 2)},
                         index=[f"c{i}" for i in range(N)]),
    )  # fmt: skip
    data.obsm["spatial"] = xy
    data.obs["half"] = pd.Categorical(half.astype(str))
    return data


def typed(data: anndata.AnnData, names: Any) -> anndata.AnnData:
    """The same cells with types only."""
    bare = anndata.AnnData(np.zeros((data.n_obs, 0), np.float32), obs=data.obs.copy())
    bare.obs["cell_type"] = pd.Categorical(names)
    bare.obsm["spatial"] = data.obsm["spatial"]
    return bare


def found_in(
    data: anndata.AnnData, folder: Path, k: int | None, embedding: str | None = None
) -> pd.DataFrame:
    path, out = folder / "in.h5ad", folder / "out.h5ad"
    with warnings.catch_warnings():
        # About text that becomes categories.
        warnings.simplefilter("ignore")
        data.write_h5ad(path)
    parameters = DiscoveryParameters(n_neighborhoods=k, embedding=embedding)
    found = discover(path, out, parameters)
    obs = anndata.read_h5ad(out).obs
    assert obs["neighborhood_id"].nunique() == found.n_neighborhoods
    return obs


def require_whole(obs: pd.DataFrame, n: int) -> None:
    """Every cell is owned by a named neighborhood, with a confidence."""
    assert len(obs) == n
    assert (obs["neighborhood_id"] > 0).all()
    assert obs["neighborhood"].notna().all()
    assert obs["neighborhood_confidence"].between(0, 1).all()


def sections_of_three(data: anndata.AnnData) -> None:
    data.obs["section"] = [f"s{i // 3}" for i in range(N)]


def tiny_section(data: anndata.AnnData) -> None:
    data.obs["section"] = ["tiny"] * 3 + ["whole"] * (N - 3)


def silent_genes(data: anndata.AnnData) -> None:
    data.X[:, :2] = 0


def silent_section(data: anndata.AnnData) -> None:
    data.X[: N // 2] = 0


def with_gaps(value: float, share: float = 0.01, as_sparse: bool = False) -> Change:
    def change(data: anndata.AnnData) -> None:
        data.X[np.random.default_rng(1).random(data.shape) < share] = value
        if as_sparse:
            data.X = sparse.csr_matrix(data.X)

    return change


def cell_without_figures(data: anndata.AnnData) -> None:
    data.X[5] = np.nan


def twins(data: anndata.AnnData) -> None:
    data.obsm["spatial"][1::2] = data.obsm["spatial"][::2]
    data.X[1::2], half = data.X[::2], data.obs["half"].to_numpy()
    half[1::2] = half[::2]
    data.obs["half"] = half


def stray(data: anndata.AnnData) -> None:
    data.obsm["spatial"][0] = 1e8


# Of each kind the halves must still be what is found: two neighborhoods, or more inside them.
STILL_SEEN = {
    "a section of 3 cells": tiny_section,
    "genes that are 0": silent_genes,
    "1 % not a number": with_gaps(np.nan),
    "1 % not a number, sparse": with_gaps(np.nan, as_sparse=True),
    "1 % infinite": with_gaps(np.inf),
    "a cell without figures": cell_without_figures,
    "twins": twins,
    "a cell far away": stray,
}


@pytest.mark.parametrize("k", [None, 2])
@pytest.mark.parametrize("case", STILL_SEEN)
def test_what_there_is_is_found(tmp_path: Path, case: str, k: int | None) -> None:
    data = tissue()
    STILL_SEEN[case](data)
    obs = found_in(data, tmp_path, k)
    require_whole(obs, N)
    table = pd.crosstab(obs["neighborhood_id"], obs["half"]).to_numpy()
    assert table.max(axis=1).sum() > 0.9 * N
    if k:
        assert adjusted_rand_score(obs["half"], obs["neighborhood_id"]) > 0.7


def test_values_that_are_not_numbers_are_told(tmp_path: Path, run) -> None:
    for name, change in (("whole", lambda d: None), ("gaps", with_gaps(np.nan, 0.05))):
        data = tissue()
        change(data)
        data.write_h5ad(tmp_path / f"{name}.h5ad")
    for name, told in (("whole", None), ("gaps", "% of the expression values are not numbers")):
        out = tmp_path / f"{name}-out.h5ad"
        status, lines, _ = run("discover", tmp_path / f"{name}.h5ad", "--out", out)
        assert status == 0
        said = [line for line in lines if "not numbers" in line]
        assert len(said) == (told is not None)
        if told:
            wrong = np.isnan(anndata.read_h5ad(tmp_path / "gaps.h5ad").X).mean()
            assert f"{100 * wrong:.2g} {told}; they counted as 0" in said


ONE_PLACE = "all cells in one place"
HARDLY_ANYTHING: dict[str, Change] = {
    "3 cells": lambda d: d[:3].copy(),
    "sections of 3 cells": sections_of_three,
    "a section that is 0": silent_section,
    ONE_PLACE: lambda d: d.obsm["spatial"].fill(5),
    "types at random": lambda d: typed(d, np.random.default_rng(2).choice(["t", "u"], N)),
}


@pytest.mark.parametrize("k", [None, 2])
@pytest.mark.parametrize("case", HARDLY_ANYTHING)
def test_every_cell_is_owned(tmp_path: Path, case: str, k: int | None) -> None:
    data = tissue()
    changed = HARDLY_ANYTHING[case](data)
    data = data if changed is None else changed
    obs = found_in(data, tmp_path, k)
    require_whole(obs, data.n_obs)
    if k:
        assert set(obs["neighborhood_id"]) == {1, 2}
    elif case in ("3 cells", ONE_PLACE, "types at random"):
        assert set(obs["neighborhood_id"]) == {1}


def single_cells(data: anndata.AnnData) -> None:
    data.obs["section"] = [f"s{i}" for i in range(N)]


ALIKE: dict[str, Change] = {
    "one type": lambda d: typed(d, ["t"] * N),
    "no type known": lambda d: typed(d, pd.Categorical([None] * N, categories=["t"])),
    "all genes alike": lambda d: d.X.fill(3),
    "one cell on each section": single_cells,
}


@pytest.mark.parametrize("case", ALIKE)
def test_surroundings_that_are_all_alike_are_one_neighborhood(tmp_path: Path, case: str) -> None:
    data = tissue()
    changed = ALIKE[case](data)
    data = data if changed is None else changed
    obs = found_in(data, tmp_path, None)
    require_whole(obs, N)
    assert set(obs["neighborhood_id"]) == {1}
    assert (obs["neighborhood_confidence"] == 0).all()
    (tmp_path / "again").mkdir()
    with pytest.raises(InputError, match=r"in\.h5ad: what surrounds a cell is the same for all"):
        found_in(data, tmp_path / "again", 2)
    assert not (tmp_path / "again" / "out.h5ad").exists()


def stored_zeros(data: anndata.AnnData) -> None:
    data.X = sparse.csr_matrix(data.X)
    data.X.data[:] = 0


NOTHING: dict[str, tuple[Change, str]] = {
    "all genes 0": (lambda d: d.X.fill(0), "neither expression nor cell types"),
    "zeros that are stored": (stored_zeros, "neither expression nor cell types"),
    "no number at all": (with_gaps(np.nan, 2), "neither expression nor cell types"),
    "no cells": (lambda d: d[:0].copy(), "it has no cells"),
    "one cell": (lambda d: d[:1].copy(), "2 neighborhoods need as many cells, and there are 1"),
}


@pytest.mark.parametrize("case", NOTHING)
def test_nothing_to_find_neighborhoods_in_is_told(tmp_path: Path, case: str) -> None:
    change, told = NOTHING[case]
    data = tissue()
    changed = change(data)
    with pytest.raises(InputError, match=rf"in\.h5ad: .*{told}"):
        found_in(data if changed is None else changed, tmp_path, 2)
    assert not (tmp_path / "out.h5ad").exists()


def halves(data: anndata.AnnData) -> np.ndarray:
    return data.obs["half"].cat.codes.to_numpy()[:, None].astype(np.float32)


# What an embedding may look like, and how many neighborhoods are in it if 3 are asked for.
EMBEDDINGS: dict[str, tuple[Change, int]] = {
    "of two points": (lambda d: np.repeat(halves(d), 3, axis=1), 2),
    "a column that is constant": (lambda d: np.hstack([halves(d), np.ones((N, 1))]), 2),
    "far from 0": (
        lambda d: 1e5 + 5 * halves(d) + np.random.default_rng(3).normal(size=(N, 3)), 3,
    ),
    "whole numbers": (lambda d: np.repeat(halves(d), 3, axis=1).astype(int) * 7, 2),
    "truth values": (lambda d: np.repeat(halves(d), 3, axis=1) > 0, 2),
}  # fmt: skip


@pytest.mark.parametrize("k", [None, 3])
@pytest.mark.parametrize("case", EMBEDDINGS)
def test_odd_embeddings_are_used(tmp_path: Path, case: str, k: int | None) -> None:
    make, n = EMBEDDINGS[case]
    data = tissue()
    data.obsm["E"] = make(data)
    obs = found_in(data, tmp_path, k, "E")
    require_whole(obs, N)
    assert obs["neighborhood_id"].nunique() == (n if k else 2)
    table = pd.crosstab(obs["neighborhood_id"], obs["half"]).to_numpy()
    assert table.max(axis=1).sum() > 0.9 * N


def table_of(**columns: Any) -> Change:
    return lambda d: pd.DataFrame(columns, index=d.obs_names)


def noise(scale: float) -> Change:
    return lambda _: scale * np.random.default_rng(4).normal(size=(N, 3))


REFUSED: dict[str, tuple[Change, str]] = {
    "texts": (table_of(a=["x"] * N, b=["y"] * N), "must hold numbers only"),
    "categories": (table_of(a=pd.Categorical(["x"] * N), b=1.0), "must hold numbers only"),
    "complex": (lambda d: noise(1)(d) + 1j, "must hold numbers only"),
    "missing whole numbers": (
        table_of(a=pd.array([None, *range(N - 1)], dtype="Int64"), b=1.0),
        f"not a number for 1 of {N} cells, first in row 0",
    ),
    "deep": (lambda _: np.ones((N, 2, 2)), "no obsm array 'E' of cells by columns"),
    "nearly constant": (lambda d: 1 + noise(1e-9)(d), "is the same for all cells"),
    "too large": (noise(1e30), r"spreads over 1e\+30; scale it"),
    "too small": (noise(1e-30), "spreads over 1e-30; scale it"),
    "larger than any": (noise(1e300), f"not a number for {N} of {N} cells"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_embedding_that_cannot_be_used_is_named(tmp_path: Path, case: str) -> None:
    make, told = REFUSED[case]
    data = tissue()
    data.obsm["E"] = make(data)
    with pytest.raises(InputError, match=rf"in\.h5ad: .*{told}"):
        found_in(data, tmp_path, None, "E")
    assert not (tmp_path / "out.h5ad").exists()
