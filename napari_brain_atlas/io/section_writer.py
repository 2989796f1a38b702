"""Writing an AnnData file section by section, in the memory of one section.

The layout is anndata's on-disk format (anndata documentation, "On-disk
format"); the arrays grow as sections come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import zarr
from anndata.io import write_elem
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.durable import replacing, replacing_folder
from napari_brain_atlas.io.save import require_folder
from napari_brain_atlas.io.store import Group

_ROWS_IN_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Categories:
    """A categorical column of one section: (n,) codes, and the same names in all sections."""

    codes: NDArray[Any]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SectionRows:
    """The cells of one section as rows of the file.

    Attributes
    ----------
    cells : (n,) str
        Names.
    obs : mapping of str to Categories or (n,) array
        The same columns in the same order for every section.
    spatial : (n, 2) float32
        Goes to obsm['spatial'].
    expression : (n, n_genes) csr_matrix of float32
    """

    cells: NDArray[np.str_]
    obs: Mapping[str, Categories | NDArray[Any]]
    spatial: NDArray[np.float32]
    expression: sparse.csr_matrix[Any]


def write_sections(
    path: Path,
    sections: Iterable[SectionRows],
    n_cells: int,
    genes: Sequence[str],
    uns: Mapping[str, Any],
) -> None:
    """Write a new .h5ad or .zarr file, or leave what was there.

    Parameters
    ----------
    n_cells : int
        On all sections together.

    Raises
    ------
    InputError
        If the target's folder is missing or may not be written.
    WriteError
        If the disk refuses.
    """
    require_folder(path)
    if path.suffix == ".zarr":
        with replacing_folder(path) as temporary:
            _fill(zarr.open_group(str(temporary), mode="w"), sections, n_cells, genes, uns)
    else:
        with replacing(path) as temporary, h5py.File(temporary, "w") as root:
            _fill(root, sections, n_cells, genes, uns)


class _Growing:
    """An array on disk that is appended to."""

    def __init__(self, group: Group, key: str, like: NDArray[Any]) -> None:
        shape = (0, *like.shape[1:])
        chunks = (_ROWS_IN_CHUNK, *like.shape[1:])
        if isinstance(group, h5py.Group):
            text = like.dtype.kind == "U"
            self.array: Any = group.create_dataset(
                key, shape, dtype=h5py.string_dtype() if text else like.dtype,
                chunks=chunks, maxshape=(None, *like.shape[1:]), compression="lzf",
            )  # fmt: skip
        else:
            dtype = "string" if like.dtype.kind == "U" else like.dtype
            self.array = group.create_array(key, shape=shape, chunks=chunks, dtype=dtype)
        kind = "string-array" if like.dtype.kind == "U" else "array"
        self.array.attrs.update({"encoding-type": kind, "encoding-version": "0.2.0"})

    def append(self, values: NDArray[Any]) -> None:
        """Add rows at the end."""
        start = self.array.shape[0]
        self.array.resize((start + len(values), *self.array.shape[1:]))
        rows = values.astype(object) if values.dtype.kind == "U" else values
        self.array[start:] = rows


def _fill(
    root: Group,
    sections: Iterable[SectionRows],
    n_cells: int,
    genes: Sequence[str],
    uns: Mapping[str, Any],
) -> None:
    _mark(root, "anndata", "0.1.0")
    write_elem(root, "var", pd.DataFrame(index=np.array(genes, dtype=object)))
    write_elem(root, "uns", dict(uns))
    for key in ("layers", "obsp", "varm", "varp"):
        write_elem(root, key, {})
    obsm = _mark(root.create_group("obsm"), "dict", "0.1.0")
    obs = _mark(root.create_group("obs"), "dataframe", "0.2.0")
    matrix = _mark(root.create_group("X"), "csr_matrix", "0.1.0")
    # SciPy wants both index arrays of one type, wide enough for all stored values.
    index = np.int32 if n_cells * len(genes) < 2**31 else np.int64
    arrays: dict[str, _Growing] = {}
    n_stored = 0
    for rows in sections:
        if not arrays:
            arrays = _begin(obs, obsm, matrix, rows, np.dtype(index))
        _append(arrays, rows, n_stored)
        n_stored += rows.expression.nnz
    if not arrays:
        raise InputError("the sections", ["there are none to write"])
    if (found := arrays["_index"].array.shape[0]) != n_cells:
        raise InputError("the sections", [f"hold {found:,} cells, {n_cells:,} were announced"])
    matrix.attrs["shape"] = [n_cells, len(genes)]


def _begin(
    obs: Group, obsm: Group, matrix: Group, rows: SectionRows, index: np.dtype[Any]
) -> dict[str, _Growing]:
    arrays = {"_index": _Growing(obs, "_index", rows.cells)}
    for name, values in rows.obs.items():
        if isinstance(values, Categories):
            group = _mark(obs.create_group(name), "categorical", "0.2.0")
            group.attrs["ordered"] = False
            write_elem(group, "categories", np.array(values.names, dtype=object))
            arrays[name] = _Growing(group, "codes", values.codes)
        else:
            arrays[name] = _Growing(obs, name, values)
    order = list(rows.obs)
    obs.attrs["_index"] = "_index"
    as_array = isinstance(obs, h5py.Group)
    obs.attrs["column-order"] = np.array(order, dtype=object) if as_array else order
    arrays["obsm/spatial"] = _Growing(obsm, "spatial", rows.spatial)
    for part, like in (
        ("data", rows.expression.data),
        ("indices", np.empty(0, index)),
        ("indptr", np.empty(0, index)),
    ):
        arrays[f"X/{part}"] = _Growing(matrix, part, like)
    arrays["X/indptr"].append(np.zeros(1, index))
    return arrays


def _append(arrays: Mapping[str, _Growing], rows: SectionRows, n_stored: int) -> None:
    arrays["_index"].append(rows.cells)
    for name, values in rows.obs.items():
        arrays[name].append(values.codes if isinstance(values, Categories) else values)
    arrays["obsm/spatial"].append(rows.spatial)
    arrays["X/data"].append(rows.expression.data)
    arrays["X/indices"].append(rows.expression.indices)
    arrays["X/indptr"].append(rows.expression.indptr[1:].astype(np.int64) + n_stored)


def _mark(group: Group, kind: str, version: str) -> Group:
    group.attrs.update({"encoding-type": kind, "encoding-version": version})
    return group
