from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tissue import N, tissue

from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.registration import read_ccf

CCF = np.random.default_rng(0).uniform(1, 12, (N, 3))


def as_columns(names: tuple[str, str, str], values: Any = CCF) -> Any:
    made = tissue()
    for name, column in zip(names, values.T, strict=True):
        made.obs[name] = column
    return made


def as_array(key: str, values: Any = CCF) -> Any:
    made = tissue()
    made.obsm[key] = values
    return made


FILES = {
    "columns of the ABC Atlas": as_columns(("x_ccf", "y_ccf", "z_ccf")),
    "columns the other way round": as_columns(("ccf_x", "ccf_y", "ccf_z")),
    "an array": as_array("ccf"),
    "an array as scanpy calls them": as_array("X_ccf"),
    "columns in µm": as_columns(("x_ccf", "y_ccf", "z_ccf"), 1000 * CCF),
}


def read(made: Any, path: Path) -> tuple[Any, Any]:
    made.write_h5ad(path)
    atlas, _ = read_atlas(path)
    return read_ccf(atlas.measurements), atlas


@pytest.mark.parametrize("name", FILES)
def test_coordinates_are_found_in_micrometres_and_in_atlas_order(
    name: str, tmp_path: Path
) -> None:
    found, atlas = read(FILES[name], tmp_path / "x.h5ad")
    assert found is not None
    np.testing.assert_allclose(found, 1000 * CCF[atlas.file_positions], rtol=1e-5)


def test_cells_that_were_not_registered_have_none(tmp_path: Path) -> None:
    values = CCF.copy()
    values[3], values[7, 1] = 0, np.nan
    found, atlas = read(as_columns(("x_ccf", "y_ccf", "z_ccf"), values), tmp_path / "x.h5ad")
    missing = np.isnan(found).any(axis=1)
    assert sorted(atlas.file_positions[missing].tolist()) == [3, 7]
    assert np.isnan(found[missing]).all()


@pytest.mark.parametrize(
    "made",
    [
        tissue(),
        as_array("ccf", CCF[:, :2]),
        as_columns(("x_ccf", "y_ccf", "z_ccf"), np.full((N, 3), np.nan)),
        as_columns(("x_ccf", "y_ccf", "other")),
    ],
    ids=["none", "two dimensions", "all missing", "a column too few"],
)
def test_files_without_say_so(made: Any, tmp_path: Path) -> None:
    assert read(made, tmp_path / "x.h5ad")[0] is None
