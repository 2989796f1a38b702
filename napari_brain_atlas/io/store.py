"""Opening AnnData files, HDF5 or zarr, with one clear message when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py

from napari_brain_atlas.errors import BrainAtlasError, InputError
from napari_brain_atlas.io.durable import restore
from napari_brain_atlas.io.swapping import finish
from napari_brain_atlas.io.zarr_metadata import ZARR_MARKS, is_zarr

__all__ = ["ZARR_MARKS", "Group", "is_zarr", "opened"]

Group = Any
"""An h5py or zarr group; both are mappings with ``attrs``."""


@contextmanager
def opened(path: Path) -> Iterator[Group]:
    """Open the root group of an AnnData file, to be read.

    A store whose save was cut off is finished first.

    Raises
    ------
    InputError
        If the file is missing, is of another kind, or is damaged; also when
        reading inside the ``with`` block meets damaged data.
    """
    _mend(path)
    _require_file(path)
    root = _open_zarr(path) if is_zarr(path) else _open_hdf5(path)
    try:
        yield root
    except BrainAtlasError:
        raise
    except (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise InputError(str(path), [f"damaged or cut short: {_one_line(error)}"]) from error
    finally:
        if isinstance(root, h5py.Group):
            root.file.close()


def _mend(path: Path) -> None:
    real = path.resolve()
    restore(real)
    if real.is_dir() and is_zarr(real):
        finish(real)


def _require_file(path: Path) -> None:
    if not path.exists():
        raise InputError(str(path), ["there is no such file"])
    if path.is_dir() and not is_zarr(path):
        raise InputError(str(path), ["this is a folder, not an .h5ad file or a .zarr store"])


def _open_hdf5(path: Path) -> Group:
    try:
        with path.open("rb"):
            pass
        if not h5py.is_hdf5(path):
            raise InputError(
                str(path), ["not an HDF5 file; was it renamed, or saved from a web page?"]
            )
        return h5py.File(path, "r")
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


def _open_zarr(path: Path) -> Group:
    # Not at the top: the process that saves an .h5ad has no need of it.
    import zarr

    try:
        return zarr.open_group(str(path), mode="r")
    except (OSError, ValueError, KeyError) as error:
        raise InputError(str(path), [f"not a zarr store: {_one_line(error)}"]) from error


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:160]
