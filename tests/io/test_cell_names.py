"""Names of cells are read alike from every kind of file, whatever letters they have."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import tissue
import zarr

from napari_brain_atlas.io import names as names_module
from napari_brain_atlas.io.names import DIGITS, CellNames, all_names
from napari_brain_atlas.io.store import opened

NAMES = {
    "letters and digits": [f"cell-{i}" for i in range(50)],
    "one letter": list("abcdefghij"),
    "other letters": [f"Zelle-{i}-ä" for i in range(50)],
    "other letters, once": [*(f"cell-{i}" for i in range(49)), "神経細胞-μ"],
    "an empty one": ["", *(f"cell-{i}" for i in range(20))],
    "none but empty": [""],
    "of many lengths": ["x" * i for i in range(40)],
    "a zero inside": ["a\0b", "a", "ab"],
    "a number of 39 digits": [str(10**38 + i) for i in range(5)],
}


@pytest.fixture
def written(tmp_path: Path) -> Callable[[list[str], str], Path]:
    def write(names: list[str], kind: str) -> Path:
        path = tmp_path / ("cells.h5ad" if kind == "h5ad" else f"cells{kind[-1]}.zarr")
        obs = pd.DataFrame(index=pd.Index(names, dtype=object))
        version = int(kind[-1]) if kind != "h5ad" else 3
        with ad.settings.override(zarr_write_format=version):
            return tissue.write(ad.AnnData(np.zeros((len(names), 1), np.float32), obs=obs), path)

    return write


def expected(names: list[str]) -> str:
    joined = b"".join(name.encode() + b"\0" for name in names)
    return f"{len(names)}-{hashlib.sha256(joined).hexdigest()[:DIGITS]}"


@pytest.mark.parametrize("kind", ["zarr 2", "zarr 3", "h5ad"])
@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_names_are_as_written(
    written: Callable[[list[str], str], Path], names: list[str], kind: str
) -> None:
    if kind == "h5ad" and any("\0" in name for name in names):
        pytest.skip("HDF5 ends a text at a zero")
    with opened(written(names, kind)) as root:
        assert all_names(root).tolist() == names
        assert CellNames.of(root).fingerprint == expected(names)


@pytest.mark.parametrize("rows", [1, 7, 64, 1000])
def test_pieces_do_not_change_the_fingerprint(
    written: Callable[[list[str], str], Path], monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    names = [f"cell-{i}" for i in range(99)] + ["ä"]
    path = written(names, "zarr 3")
    pieces = names_module._raw_pieces

    def small(root: Any) -> Any:
        return pieces(root, rows)

    monkeypatch.setattr(names_module, "_raw_pieces", small)
    with opened(path) as root:
        assert CellNames.of(root).fingerprint == expected(names)


def test_a_name_that_ends_in_zeros_keeps_them(
    written: Callable[[list[str], str], Path],
) -> None:
    # zarr keeps them; a table of fixed width would not.
    names = ["a\0", "a", "b"]
    path = written(["0", "1", "2"], "zarr 3")
    obs = zarr.open_group(path, mode="r+")["obs"]
    obs[obs.attrs["_index"]][:] = np.array(names, np.dtypes.StringDType())
    with opened(path) as root:
        found = CellNames.of(root)
        assert found.fingerprint == expected(names) and not found.repeated()


def test_hashes_tell_the_same_names_of_two_kinds_of_files(
    written: Callable[[list[str], str], Path],
) -> None:
    names = ["plain", "Zelle-ä", "x"]
    hashes = []
    for kind in ("zarr 2", "zarr 3", "h5ad"):
        with opened(written(names, kind)) as root:
            hashes.append(CellNames.of(root).hashes)
    assert len(set(hashes[0].tolist())) == 3
    assert all((other == hashes[0]).all() for other in hashes)
