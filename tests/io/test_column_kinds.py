from __future__ import annotations

import warnings
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.measurements import FileMeasurements
from napari_brain_atlas.io.store import opened

N = 6


@pytest.fixture(params=["h5ad", "zarr"])
def measured(request: pytest.FixtureRequest, tmp_path: Path) -> FileMeasurements:
    obs = pd.DataFrame(
        {
            "whole": np.arange(N),
            "real": np.linspace(0, 1, N).astype(np.float32),
            "nullable": pd.array([1, None, 3, 4, 5, 6], dtype="Int64"),
            "truth": np.arange(N) % 2 == 0,
            "text": pd.Categorical(list("abcabc")),
            "label": pd.Categorical([str(i % 2) for i in range(N)]),
        },
        index=[f"c{i}" for i in range(N)],
    )
    uns = {
        "text_colors": np.array(["#FF0000", "#00ff00ff", "#0000ff"], dtype=object),
        "label_colors": np.array(["red", "blue"], dtype=object),
        "whole_colors": np.ones((2, 4)),
    }
    data = anndata.AnnData(np.ones((N, 2), np.float32), obs=obs, uns=uns)
    path = tmp_path / f"it.{request.param}"
    if request.param == "zarr":
        with warnings.catch_warnings(), anndata.settings.override(zarr_write_format=3):
            warnings.simplefilter("ignore")  # of consolidated metadata
            data.write_zarr(path)
    else:
        data.write_h5ad(path)
    with opened(path) as root:
        return FileMeasurements.of(path, root, np.arange(N))


@pytest.mark.parametrize(
    ("name", "numeric"),
    [("whole", True), ("real", True), ("nullable", True), ("truth", False), ("text", False),
     ("label", False)],
)  # fmt: skip
def test_a_column_is_numeric_as_it_is_stored(
    measured: FileMeasurements, name: str, numeric: bool
) -> None:
    assert measured.is_numeric(name) == numeric


def test_colors_are_those_of_scanpy_or_none(measured: FileMeasurements) -> None:
    assert measured.colors("text") == ("#ff0000", "#00ff00", "#0000ff")
    # Names of colours and RGBA are not read, and no colours are no error.
    assert [measured.colors(n) for n in ("label", "whole", "real")] == [(), (), ()]


def test_a_column_that_is_not_there_is_named(measured: FileMeasurements) -> None:
    with pytest.raises(InputError, match="no obs column 'nowhere'"):
        measured.is_numeric("nowhere")
