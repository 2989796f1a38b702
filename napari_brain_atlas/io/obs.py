"""Reading single elements of an AnnData file, never the whole."""

from __future__ import annotations

import re
from typing import Any

import h5py
import numpy as np
import pandas as pd
from anndata.io import read_elem, sparse_dataset
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.store import Group

_HEX = re.compile(r"#[0-9a-f]{6}")


def require_anndata(root: Group, place: str) -> None:
    """Refuse what is not AnnData. Raises InputError."""
    if "obs" not in root:
        raise InputError(place, ["not an AnnData file: it has no obs table"])
    if not hasattr(root["obs"], "keys"):
        raise InputError(
            place, ["written by an anndata older than 0.7; read and write it with a newer one"]
        )


def column_names(root: Group) -> tuple[str, ...]:
    """Names of the obs columns in their order."""
    obs = root["obs"]
    order = [str(name) for name in obs.attrs.get("column-order", ())]
    found = [name for name in order if name in obs]
    return tuple(found)


def array_widths(root: Group) -> dict[str, int]:
    """Numbers of columns of the obsm arrays by name."""
    widths = {key: _width(value) for key, value in _elements(root, "obsm")}
    return {key: width for key, width in widths.items() if width}


def read_array(root: Group, key: str) -> NDArray[np.float32]:
    """An obsm array, (n_cells, d), be it dense, sparse or a table; in file order.

    Raises
    ------
    TypeError
        If it holds something else than real numbers.
    """
    found = root["obsm"][key]
    values: Any = read_elem(found) if hasattr(found, "keys") else found[:]
    # Sparse arrays have this; arrays and tables do not.
    dense = values.toarray() if hasattr(values, "toarray") else values
    if isinstance(dense, pd.DataFrame):
        dense = _numbers_of(dense)
    if dense.dtype.kind not in "fiub":
        raise TypeError(f"{key!r} holds {dense.dtype}")
    # What is too large becomes infinite, which is told where it is read.
    with np.errstate(over="ignore"):
        return np.asarray(dense, np.float32)


def _numbers_of(table: pd.DataFrame) -> NDArray[Any]:
    if not all(pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes):
        return table.to_numpy(object)
    # Nullable columns have their own missing value.
    return table.to_numpy(np.float64, na_value=np.nan)


def _width(array: Any) -> int:
    """Number of columns of an array or a table; 0 for what is neither."""
    if hasattr(array, "keys"):
        shape = array.attrs.get("shape", (0, 0))
        return len(array.attrs.get("column-order", ())) or int(shape[1])
    return int(array.shape[1]) if len(array.shape) == 2 else 0


def texts_in_uns(root: Group) -> dict[str, str]:
    """The plain strings in uns by name."""
    texts = {}
    for key, value in _elements(root, "uns"):
        if not hasattr(value, "keys") and value.shape == ():
            read = read_elem(value)
            if isinstance(read, str):
                texts[key] = read
    return texts


def _elements(root: Group, name: str) -> list[tuple[str, Any]]:
    """Names and elements of a group; none where there is no such group."""
    if name not in root:
        return []
    group = root[name]
    return [(str(key), group[key]) for key in group]


def gene_names(root: Group) -> tuple[str, ...]:
    """Names of the genes in file order; symbols where var has them."""
    var = root["var"]
    key = "gene_symbol" if "gene_symbol" in var else var.attrs.get("_index", "_index")
    return tuple(str(name) for name in np.asarray(read_elem(var[key]), dtype=object))


def _read_column(root: Group, name: str) -> Any:
    column = root["obs"][name]
    legacy = column.attrs.get("categories")
    if legacy is None:
        return read_elem(column)
    # Before anndata 0.8 a categorical was its codes, with a reference to the names.
    by_reference = isinstance(legacy, h5py.Reference)
    names = read_elem(root[legacy] if by_reference else root["obs"]["__categories"][name])
    return pd.Categorical.from_codes(np.asarray(column[:]), categories=pd.Index(names))


def read_categories(root: Group, name: str) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """A column as codes (n_cells,) int32, -1 where missing, and names."""
    values = _read_column(root, name)
    category = values if isinstance(values, pd.Categorical) else pd.Categorical(values)
    names = tuple(str(c) for c in category.categories)
    return np.asarray(category.codes, np.int32), names


def read_numbers(root: Group, name: str) -> NDArray[np.float64]:
    """A column of obs, or ``key:column`` of an obsm array, as (n_cells,) float64."""
    if name in root["obs"]:
        values = _read_column(root, name)
    else:
        key, _, column = name.rpartition(":")
        values = _array_column(root["obsm"][key], int(column))
    if isinstance(values, pd.Categorical):
        values = np.asarray(values)
    return np.asarray(pd.to_numeric(pd.Series(np.asarray(values)), errors="coerce"), np.float64)


def is_numeric(root: Group, name: str) -> bool:
    """Whether a column is stored as numbers; truth values and categories are none."""
    column = root["obs"][name]
    if column.attrs.get("categories") is not None:
        return False
    if hasattr(column, "keys"):
        # Nullable integers are a group of values and mask; categories are one too.
        kind = str(column.attrs.get("encoding-type", ""))
        return kind in ("nullable-integer", "nullable-float")
    return np.dtype(column.dtype).kind in "fiu"


def category_colors(root: Group, name: str) -> tuple[str, ...]:
    """Colours that scanpy keeps beside a column, as ``#rrggbb``; empty where there are none."""
    key = f"{name}_colors"
    if "uns" not in root or key not in root["uns"]:
        return ()
    given = np.asarray(read_elem(root["uns"][key]))
    if given.ndim != 1:
        return ()
    colors = tuple(str(c).lower()[:7] for c in given)
    return colors if all(_HEX.fullmatch(c) for c in colors) else ()


def _array_column(array: Any, column: int) -> Any:
    if hasattr(array, "keys"):
        return np.asarray(pd.DataFrame(read_elem(array)).iloc[:, column])
    return array[:, column]


def read_rows(root: Group, rows: NDArray[np.int64]) -> sparse.csr_matrix[Any]:
    """Rows of X, sorted ascending, as (n, n_genes) float32."""
    matrix = root["X"]
    contiguous = len(rows) and rows[-1] - rows[0] + 1 == len(rows)
    key: Any = slice(int(rows[0]), int(rows[-1]) + 1) if contiguous else rows
    if hasattr(matrix, "keys"):
        if str(matrix.attrs.get("encoding-type", "")).startswith("csc"):
            columns = read_elem(matrix)
            return sparse.csr_matrix(columns.tocsr()[rows], dtype=np.float32)
        return sparse.csr_matrix(sparse_dataset(matrix)[key]).astype(np.float32)
    dense = matrix[key] if isinstance(matrix, h5py.Dataset) else _zarr_rows(matrix, key)
    return sparse.csr_matrix(np.asarray(dense, np.float32))


def _zarr_rows(matrix: Any, key: Any) -> Any:
    return matrix[key] if isinstance(key, slice) else matrix.oindex[key]


def has_expression(root: Group) -> bool:
    """Whether the file has an X with at least one gene."""
    if "X" not in root or "var" not in root:
        return False
    shape = root["X"].attrs.get("shape") if hasattr(root["X"], "keys") else root["X"].shape
    return shape is not None and len(shape) == 2 and int(shape[1]) > 0


def read_gene(root: Group, index: int) -> NDArray[np.float32]:
    """One column of X, (n_cells,) float32."""
    matrix = root["X"]
    if not hasattr(matrix, "keys"):
        return np.asarray(matrix[:, index], np.float32)
    if str(matrix.attrs.get("encoding-type", "")).startswith("csc"):
        return np.asarray(sparse_dataset(matrix)[:, index].todense(), np.float32).ravel()
    return _gene_of_rows(matrix, index)


def _gene_of_rows(matrix: Group, index: int, chunk: int = 4_000_000) -> NDArray[np.float32]:
    # A CSR file has to be read through; chunks of stored values bound the memory.
    starts = np.asarray(matrix["indptr"][:], np.int64)
    values = np.zeros(len(starts) - 1, np.float32)
    for first in range(0, int(starts[-1]), chunk):
        last = min(first + chunk, int(starts[-1]))
        hits = np.flatnonzero(matrix["indices"][first:last] == index)
        rows = np.searchsorted(starts, hits + first, side="right") - 1
        # A value may be stored in several parts, which count together.
        np.add.at(values, rows, matrix["data"][first:last][hits])
    return values
