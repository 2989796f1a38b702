"""Opening AnnData files, HDF5 or zarr, with one clear message when it fails."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import h5py
import zarr

from napari_brain_atlas.errors import BrainAtlasError, InputError
from napari_brain_atlas.io.durable import restore

ZARR_MARKS = ("zarr.json", ".zgroup")
"""One of these lies in every zarr group."""
Group = Any
"""An h5py or zarr group; both are mappings with ``attrs``."""


def is_zarr(path: Path) -> bool:
    """Whether the path is a zarr store, by its name or by what lies in the folder."""
    return path.suffix == ".zarr" or (
        path.is_dir() and any((path / m).exists() for m in ZARR_MARKS)
    )


@contextmanager
def opened(path: Path, mode: Literal["r", "r+"] = "r") -> Iterator[Group]:
    """Open the root group of an AnnData file.

    Raises
    ------
    InputError
        If the file is missing, is of another kind, or is damaged; also when
        reading inside the ``with`` block meets damaged data.
    """
    restore(path)
    _require_file(path)
    root = _open_zarr(path, mode) if is_zarr(path) else _open_hdf5(path, mode)
    try:
        yield root
        if mode == "r+" and is_zarr(path):
            _consolidate_again(path)
    except BrainAtlasError:
        raise
    except (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError) as error:
        if mode == "r+":
            raise
        raise InputError(str(path), [f"damaged or cut short: {_one_line(error)}"]) from error
    finally:
        if isinstance(root, h5py.Group):
            root.file.close()


def _require_file(path: Path) -> None:
    if not path.exists():
        raise InputError(str(path), ["there is no such file"])
    if path.is_dir() and not is_zarr(path):
        raise InputError(str(path), ["this is a folder, not an .h5ad file or a .zarr store"])


def _open_hdf5(path: Path, mode: str) -> Group:
    try:
        with path.open("rb"):
            pass
        if not h5py.is_hdf5(path):
            raise InputError(
                str(path), ["not an HDF5 file; was it renamed, or saved from a web page?"]
            )
        return h5py.File(path, mode)
    except PermissionError as error:
        raise InputError(str(path), ["may not be read; check its permissions"]) from error
    except BlockingIOError as error:
        raise InputError(
            str(path), ["is open for writing in another program; close it there"]
        ) from error
    except OSError as error:
        raise InputError(
            str(path), [f"damaged or cut short, copy it again: {_one_line(error)}"]
        ) from error


def _open_zarr(path: Path, mode: str) -> Group:
    try:
        if mode == "r":
            return zarr.open_group(str(path), mode="r")
        # A store that keeps a copy of all metadata cannot be changed through it.
        return zarr.open_group(str(path), mode="r+", use_consolidated=False)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(str(path), [f"not a zarr store: {_one_line(error)}"]) from error


def _consolidate_again(path: Path) -> None:
    """Renew the copy of all metadata where the store keeps one, or readers miss what is new."""
    if zarr.open_group(str(path), mode="r").metadata.consolidated_metadata is None:
        return
    with warnings.catch_warnings():
        # It is not part of the specification of zarr 3, but anndata writes it.
        warnings.simplefilter("ignore")
        zarr.consolidate_metadata(str(path))


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:160]
