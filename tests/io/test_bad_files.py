"""Files that cannot be used: one clear line, everything told at once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
from tissue import grid, tissue, write

from napari_brain_atlas.errors import InputError, LayoutError
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.layout import ReadOptions
from napari_brain_atlas.io.store import opened


def one_line(path: Path, options: ReadOptions | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read_atlas(path, options)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    adata = tissue()
    del adata.obsm["spatial"]
    adata.obs_names = ["twice", "twice", *adata.obs_names[2:]]
    path = write(adata, tmp_path / "a.h5ad")
    with pytest.raises(LayoutError) as caught:
        read_atlas(path, ReadOptions(section="slab", animal="mouse"))
    told = "; ".join(caught.value.problems)
    assert len(caught.value.problems) == 4
    for part in (
        "1 cell names occur more than once (for example 'twice')",
        "obs_names_make_unique",
        "'slab' for the section",
        "'mouse' for the animal",
        "no coordinates",
    ):
        assert part in told


def test_problems_of_cells_are_told_together(tmp_path: Path) -> None:
    adata = tissue()
    adata.obsm["spatial"][3, 0] = np.nan
    adata.obsm["spatial"][4, 1] = np.inf
    adata.obs["section"] = adata.obs["section"].where(np.arange(adata.n_obs) != 7)
    adata.obs_names = ["twice", "twice", *adata.obs_names[2:]]
    message = one_line(write(adata, tmp_path / "a.h5ad"))
    assert "2 of 60 cells have no coordinates (NaN or infinite; for example 'cell-3')" in message
    assert "1 cells have no section in obs['section'] (for example 'cell-7')" in message
    assert "more than once" in message


def test_coordinates_that_are_words(tmp_path: Path) -> None:
    obs = pd.DataFrame({"x": ["a"] * 9, "y": ["1.5"] * 9}, index=[f"c{i}" for i in range(9)])
    assert "9 of 9 cells have no coordinates" in one_line(
        write(ad.AnnData(obs=obs), tmp_path / "a.h5ad")
    )


def test_no_cells(tmp_path: Path) -> None:
    assert "it has no cells" in one_line(write(tissue()[:0].copy(), tmp_path / "a.h5ad"))


def test_one_cell_is_enough(tmp_path: Path) -> None:
    atlas, _ = read_atlas(write(tissue()[:1].copy(), tmp_path / "a.h5ad"))
    assert (atlas.n_cells, len(atlas.sections)) == (1, 1)


def _text(path: Path) -> None:
    path.write_text("<html>404</html>")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _other_hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["data"] = np.arange(3)


def _compound_obs(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["obs"] = np.array([(b"c0", 1.0)], dtype=[("index", "S4"), ("x", "f8")])
        file["X"] = np.zeros((1, 2))


def _obs_without_index(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_group("obs").attrs["encoding-type"] = "dataframe"


@pytest.mark.parametrize(
    ("make", "name", "message"),
    [
        pytest.param(None, "a.h5ad", "there is no such file", id="missing"),
        pytest.param(None, "a.zarr", "there is no such file", id="missing zarr"),
        pytest.param(Path.mkdir, "a.h5ad", "this is a folder", id="folder"),
        pytest.param(_text, "a.h5ad", "not an HDF5 file", id="text"),
        pytest.param(_empty, "a.h5ad", "not an HDF5 file", id="empty"),
        pytest.param(_other_hdf5, "a.h5ad", "not an AnnData file", id="other HDF5"),
        pytest.param(_compound_obs, "a.h5ad", "older than 0.7", id="obs compound"),
        pytest.param(_obs_without_index, "a.h5ad", "damaged or cut short", id="no index"),
        pytest.param(Path.mkdir, "a.zarr", "not a zarr store", id="empty zarr"),
        pytest.param(_text, "a.zarr", "not a zarr store", id="zarr that is a file"),
    ],
)
def test_what_is_no_anndata(
    make: Callable[[Path], None] | None, name: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if make is not None:
        make(path)
    assert message in one_line(path)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 0.999])
def test_an_h5ad_that_is_cut_short(share: float, tmp_path: Path) -> None:
    whole = write(tissue(4000), tmp_path / "whole.h5ad").read_bytes()
    path = tmp_path / "cut.h5ad"
    path.write_bytes(whole[: int(len(whole) * share)])
    assert "damaged or cut short" in one_line(path)


@pytest.mark.parametrize("name", ["zarr.json", "obs/zarr.json", "obs/_index/zarr.json"])
@pytest.mark.parametrize("how", ["cut", "gone"])
def test_a_zarr_store_that_is_damaged(name: str, how: str, tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    adata = tissue()
    with ad.settings.override(zarr_write_format=3):
        write(adata, path)
    broken = path / name
    broken.write_text('{"zarr_format": 3, "node_') if how == "cut" else broken.unlink()
    # Other copies of what is gone may be in the store; then it reads as it was.
    if how == "gone" and name != "zarr.json":
        try:
            assert read_atlas(path)[0].n_cells == adata.n_obs
        except InputError as error:
            assert "\n" not in str(error)
        return
    if how == "cut" and name != "zarr.json":
        return
    assert "not a zarr store" in one_line(path)


def test_a_file_that_another_program_writes(tmp_path: Path) -> None:
    path = write(tissue(), tmp_path / "a.h5ad")
    code = "import h5py, sys; f = h5py.File(sys.argv[1], 'r+'); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        try:
            assert "is open for writing in another program" in one_line(path)
        finally:
            writer.communicate(b"\n", timeout=30)
    assert read_atlas(path)[0].n_cells == 60


def test_reading_leaves_the_file_closed_and_as_it_was(tmp_path: Path) -> None:
    path = write(tissue(), tmp_path / "a.h5ad")
    before = path.read_bytes()
    atlas, _ = read_atlas(path)
    atlas.measurements.gene("g1")
    assert path.read_bytes() == before
    with h5py.File(path, "r+"):
        pass


@pytest.mark.filterwarnings("ignore::anndata.OldFormatWarning")
def test_categories_of_an_old_anndata(tmp_path: Path) -> None:
    """Before 0.8 a categorical was its codes, and obs had a group of categories."""
    n = 24
    path = tmp_path / "old.h5ad"
    with h5py.File(path, "w") as file:
        obs = file.create_group("obs")
        obs.attrs["encoding-type"], obs.attrs["encoding-version"] = "dataframe", "0.1.0"
        obs.attrs["_index"] = "index"
        obs.attrs["column-order"] = np.array(["section", "cell_type"], dtype=object)
        obs["index"] = np.array([f"c{i}" for i in range(n)], dtype=object)
        for key, names in (("section", ["B-0.1", "B+0.2"]), ("cell_type", ["Ex", "In"])):
            obs[key] = np.arange(n, dtype=np.int8) % 2
            obs[f"__categories/{key}"] = np.array(names, dtype=object)
            obs[key].attrs["categories"] = obs[f"__categories/{key}"].ref
        obs["cell_type"][3] = -1
        file["obsm/spatial"] = grid(n)
    atlas, layout = read_atlas(path)
    assert [s.name for s in atlas.sections] == ["B+0.2", "B-0.1"]
    column = atlas.measurements.column(str(layout.cell_type))
    assert column.names == ("Ex", "In")
    by_row = column.codes[atlas.atlas_positions]
    assert by_row.tolist() == [-1 if i == 3 else i % 2 for i in range(n)]


# -- a store that was being swapped in ----------------------------------------


def test_a_store_that_lost_its_name_gets_it_back(tmp_path: Path) -> None:
    path = write(tissue(), tmp_path / "a.zarr")
    before = read_atlas(path)[0].fingerprint
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                          capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    path.rename(tmp_path / f".a.zarr.nba-tmp-{dead}-0a1b2c3d-old")
    shutil.copytree(tmp_path / f".a.zarr.nba-tmp-{dead}-0a1b2c3d-old",
                    tmp_path / f".a.zarr.nba-tmp-{dead}-0a1b2c3d")  # fmt: skip
    with opened(path) as root:
        assert "obs" in root
    assert read_atlas(path)[0].fingerprint == before


def test_a_store_that_is_just_being_swapped_is_left_alone(tmp_path: Path) -> None:
    import os

    path = write(tissue(), tmp_path / "a.zarr")
    path.rename(tmp_path / f".a.zarr.nba-tmp-{os.getpid()}-0a1b2c3d-old")
    assert "there is no such file" in one_line(path)
