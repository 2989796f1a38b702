"""Saving into a zarr store: only our arrays are written, each swapped in whole."""

from __future__ import annotations

import contextlib
import warnings
from pathlib import Path
from typing import Any

import zarr

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.io import elements as curated
from napari_brain_atlas.io.copying import copy_store
from napari_brain_atlas.io.durable import replacing_folder, write_durably
from napari_brain_atlas.io.elements import PLACES, SAVE_ATTRIBUTE, Elements
from napari_brain_atlas.io.identity import identity_of
from napari_brain_atlas.io.points import passing
from napari_brain_atlas.io.save_h5ad import require_same
from napari_brain_atlas.io.save_request import SaveRequest
from napari_brain_atlas.io.seen import Seen, changed_while_saving, see
from napari_brain_atlas.io.swapping import NEW, complete, replaced, swap
from napari_brain_atlas.io.temporaries import COMPLETE, discard, held, new_temporary
from napari_brain_atlas.io.versions import drop_oldest, keep_replaced
from napari_brain_atlas.io.zarr_metadata import renewed_metadata, zarr_format
from napari_brain_atlas.model.progress import Progress


def save_in_store(request: SaveRequest, record: str | None, progress: Progress) -> str:
    """Put our arrays into a store, leave the rest alone, and return its identity.

    Parameters
    ----------
    record : str or None
        Our record in the store as it is.

    Raises
    ------
    InputError
        If the store changes meanwhile.
    WriteError, OSError
        If the disk refuses; the store is as it was, or will be as it is now to
        be when it is opened next.
    """
    store = request.target
    stage = new_temporary(store)
    with held(store, stage):
        try:
            before = see(store)
            request.require_unchanged()
            passing("save.before-copy")
            progress("writing neighborhoods", 0.2)
            _stage(stage, store, request.elements)
            progress("waiting for the disk", 0.6)
            _complete(stage, store, before)
            swap(stage, store)
            passing("save.after-replace")
            (stage / COMPLETE).unlink()
            if request.keep is not None:
                _keep(stage, request, record)
        finally:
            # A stage that is complete is what the store still has to take in.
            if not (stage / COMPLETE).exists():
                discard(stage)
    return identity_of(store)


def save_copy_of_store(request: SaveRequest, progress: Progress) -> str:
    """Copy a store, write our arrays into the copy, and return its identity.

    Raises
    ------
    InputError, WriteError, OSError
    """
    before = see(request.source)
    request.require_unchanged()
    with replacing_folder(request.target) as temporary:
        progress("copying", 0.1)
        copy_store(request.source, temporary)
        progress("writing neighborhoods", 0.6)
        for place in PLACES:
            discard(temporary / place)
        _write(temporary, request.elements)
        for name, content in renewed_metadata(temporary, temporary).items():
            write_durably(temporary / name, content)
        progress("checking", 0.8)
        _verify(temporary, request.elements)
        _require_same(request.source, before)
        passing("save.before-fsync")
        passing("save.before-replace")
    passing("save.after-replace")
    return identity_of(request.target)


def _stage(stage: Path, store: Path, elements: Elements) -> None:
    new = stage / NEW
    root = zarr.open_group(str(new), mode="w", zarr_format=zarr_format(store))
    root.create_group("obs")
    curated.make_dict(root, "uns")
    _write(new, elements)
    _verify(new, elements)


def _write(store: Path, elements: Elements) -> None:
    with warnings.catch_warnings():
        # Texts are not yet in the specification of zarr 3, but all of anndata's are such.
        warnings.simplefilter("ignore")
        # A store that keeps a copy of all metadata cannot be changed through it.
        root = zarr.open_group(str(store), mode="r+", use_consolidated=False)
        curated.write_obs(root["obs"], elements)
        passing("save.mid-copy")
        uns: Any = root["uns"] if "uns" in root else curated.make_dict(root, "uns")
        curated.write_uns(uns, elements)
        for place in PLACES:
            root[place].attrs[SAVE_ATTRIBUTE] = elements.save


def _verify(store: Path, elements: Elements) -> None:
    root = zarr.open_group(str(store), mode="r", use_consolidated=False)
    require_same(store, root, elements)


def _require_same(store: Path, before: Seen) -> None:
    if see(store) != before:
        raise changed_while_saving(store)


def _complete(stage: Path, store: Path, before: Seen) -> None:
    """Make the stage whole, and take the last look before the first swap."""
    try:
        complete(stage, store)
        passing("save.before-replace")
        _require_same(store, before)
    except BaseException:
        # Of a save that is told to have failed nothing may be taken in later.
        (stage / COMPLETE).unlink(missing_ok=True)
        raise


def _keep(stage: Path, request: SaveRequest, record: str | None) -> None:
    """Keep what was replaced. The save is done: a disk that refuses here cannot undo it."""
    assert request.keep is not None
    with contextlib.suppress(OSError, WriteError):
        keep_replaced(
            replaced(stage), request.target, request.keep, record, request.elements.record,
            request.versions,
        )  # fmt: skip
        drop_oldest(request.keep, request.versions)
