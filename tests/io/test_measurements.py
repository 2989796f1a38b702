"""What is read when it is asked for equals plain anndata."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from tissue import read, tissue, write

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io import obs
from napari_brain_atlas.io.anndata_io import read_atlas


@pytest.mark.parametrize("suffix", ["h5ad", "zarr"])
@pytest.mark.parametrize("interleaved", [True, False], ids=["interleaved", "contiguous"])
@pytest.mark.parametrize("matrix", ["csr", "csc", "dense"])
def test_all_of_it(matrix: str, interleaved: bool, suffix: str, tmp_path: Path) -> None:
    made = tissue(matrix=matrix, interleaved=interleaved)
    path = write(made, tmp_path / f"a.{suffix}")
    atlas, _ = read_atlas(path)
    plain = read(path)
    order = atlas.file_positions
    x = plain.X.toarray() if sparse.issparse(plain.X) else np.asarray(plain.X)
    measured = atlas.measurements
    assert atlas.genes == tuple(plain.var_names)
    assert measured.column_names == tuple(plain.obs.columns)
    for section in atlas.sections:
        rows = measured.expression(section)
        assert (rows.format, rows.dtype) == ("csr", np.float32)
        assert np.array_equal(rows.toarray(), x[order[section.cells]])
    for i, gene in enumerate(atlas.genes):
        values = measured.gene(gene)
        assert values.dtype == np.float32
        assert np.array_equal(values, x[order, i])
    for name in ("section", "donor", "cell_type", "barcode", "flagged", "n_counts"):
        column = measured.column(name)
        shown = np.array(column.names, dtype=object)[column.codes]
        assert shown.tolist() == plain.obs[name].astype(str).to_numpy()[order].tolist()
    for name in ("area", "n_counts", "flagged"):
        expected = plain.obs[name].to_numpy(np.float32)[order]
        assert np.array_equal(measured.numbers(name), expected)
    assert np.array_equal(measured.embedding("X_pca"), plain.obsm["X_pca"][order])


@pytest.mark.parametrize("suffix", ["h5ad", "zarr"])
def test_what_is_missing_is_not_invented(suffix: str, tmp_path: Path) -> None:
    made = tissue()
    made.obs["cell_type"] = made.obs["cell_type"].where(np.arange(60) % 7 != 0)
    made.obs["area"] = pd.array([None if i % 5 == 0 else i for i in range(60)], dtype="Int64")
    atlas, _ = read_atlas(write(made, tmp_path / f"a.{suffix}"))
    column = atlas.measurements.column("cell_type")
    assert np.array_equal(column.codes == -1, atlas.file_positions % 7 == 0)
    assert np.array_equal(
        np.isnan(atlas.measurements.numbers("area")), atlas.file_positions % 5 == 0
    )


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    measured = read_atlas(write(tissue(), tmp_path / "a.h5ad"))[0].measurements
    for ask, message in (
        (lambda: measured.gene("G1"), "no gene 'G1' among the 7 genes.*did you mean 'g1'"),
        (lambda: measured.column("sectoin"), "no obs column 'sectoin'; there are: section, donor"),
        (lambda: measured.numbers("x"), "no obs column 'x'"),
        (
            lambda: measured.embedding("X_umap"),
            "'X_umap'; there are: X_pca, spatial",
        ),
    ):
        with pytest.raises(InputError, match=message):
            ask()


@pytest.mark.parametrize("suffix", ["h5ad", "zarr"])
def test_a_file_without_expression(suffix: str, tmp_path: Path) -> None:
    made = tissue()[:, :0].copy()
    made.X = None
    atlas, _ = read_atlas(write(made, tmp_path / f"a.{suffix}"))
    assert atlas.genes == ()
    assert atlas.measurements.expression(atlas.sections[0]).shape == (15, 0)
    with pytest.raises(InputError, match="measures no genes"):
        atlas.measurements.gene("g1")


def test_symbols_go_before_ids(tmp_path: Path) -> None:
    made = tissue()
    made.var["gene_symbol"] = pd.Categorical([f"Sym{i}" for i in range(7)])
    atlas, _ = read_atlas(write(made, tmp_path / "a.h5ad"))
    assert atlas.genes[0] == "Sym0"
    assert np.array_equal(
        atlas.measurements.gene("Sym2"), made.X[:, 2].toarray().ravel()[atlas.file_positions]
    )


def test_a_gene_is_found_over_chunks_and_in_parts(tmp_path: Path) -> None:
    dense = np.random.default_rng(0).poisson(0.5, (40, 5)).astype(np.float32)
    dense[7] = 0
    x = sparse.csr_matrix(dense)
    with h5py.File(tmp_path / "m.h5", "w") as file:
        for part in ("data", "indices", "indptr"):
            file[part] = getattr(x, part)
        for chunk in (1, 3, 10_000):
            for gene in range(5):
                found = obs._gene_of_rows(file, gene, chunk)
                assert np.array_equal(found, x[:, gene].toarray().ravel())
    with h5py.File(tmp_path / "twice.h5", "w") as file:
        file["data"], file["indices"] = np.array([1.0, 2.0, 4.0]), np.array([1, 1, 0])
        file["indptr"] = np.array([0, 2, 3])
        assert obs._gene_of_rows(file, 1).tolist() == [3.0, 0.0]
