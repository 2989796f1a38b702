"""One save, and the process that does it: ``python -m napari_brain_atlas.io.save_child``.

HDF5 ends the process that meets a full disk, so that must not be the one in
which somebody curates. The request comes through standard input, which stays
open: when it ends, the process that asked is gone. Lines that begin with `MARK`
answer it; whatever else is printed is noise of libraries.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from typing import Any

from napari_brain_atlas.errors import BrainAtlasError, InputError, WriteError
from napari_brain_atlas.io import elements as curated
from napari_brain_atlas.io.durable import files_under
from napari_brain_atlas.io.elements import CONFIDENCE, ID, NAME, RECORD, Elements
from napari_brain_atlas.io.save_request import SaveRequest, receive_request
from napari_brain_atlas.io.seen import Seen, digest_of_record
from napari_brain_atlas.io.store import Group, is_zarr, opened
from napari_brain_atlas.io.temporaries import sweep, sweep_folder
from napari_brain_atlas.io.versions import own_links
from napari_brain_atlas.model.progress import Progress, silent

MARK = "\x1e"
"""ASCII's record separator, before every line that is an answer."""
_MARGIN = 64 * 2**20


def perform(request: SaveRequest, progress: Progress = silent) -> Seen:
    """Save in this process.

    Raises
    ------
    InputError
        If obs has a column of the same name that somebody else wrote, if the
        file was changed by somebody else, or if it has other hard links.
    WriteError
        If the disk refuses; the target is as it was.
    """
    try:
        return _perform(request, progress)
    except BrainAtlasError:
        raise
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise WriteError(
            f"{request.target}: cannot be written: {error}; it is as it was"
        ) from error


def require_savable(request: SaveRequest) -> None:
    """Refuse what `perform` would refuse, and write nothing.

    For what has to be there before the file is; whatever changes in between
    `perform` still refuses.

    Raises
    ------
    InputError, WriteError
        As `perform`.
    """
    try:
        _require_ours(request)
        _require_single(request)
        _require_room(request)
        request.require_unchanged()
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise WriteError(
            f"{request.target}: cannot be written: {error}; it is as it was"
        ) from error


def _perform(request: SaveRequest, progress: Progress) -> Seen:
    source, target, elements = request.source, request.target, curated.stamped(request.elements)
    request = SaveRequest(
        source, target, elements, request.fingerprint, request.seen, request.keep,
        request.versions,
    )  # fmt: skip
    record = _require_ours(request)
    _sweep(request)
    _require_single(request)
    _require_room(request)
    identity = _save(request, record, progress)
    _sweep(request)
    progress("saved", 1.0)
    return Seen(identity, digest_of_record(elements.record))


def _save(request: SaveRequest, record: str | None, progress: Progress) -> str:
    if not is_zarr(request.source):
        from napari_brain_atlas.io.save_h5ad import save_h5ad

        return save_h5ad(request, record, progress)
    # Not at the top, so that an .h5ad need not wait for zarr.
    from napari_brain_atlas.io.save_zarr import save_copy_of_store, save_in_store

    if request.source == request.target:
        return save_in_store(request, record, progress)
    return save_copy_of_store(request, progress)


def _require_ours(request: SaveRequest) -> str | None:
    """Refuse to write over columns of others; returns our record in what will be replaced."""
    with opened(request.source) as root:
        _require_rows(request, root)
        record = curated.record_of(root)
        known = "uns" in root and RECORD in root["uns"]
        theirs = [] if known else [c for c in (NAME, ID, CONFIDENCE) if c in root["obs"]]
    if theirs:
        raise InputError(
            str(request.source),
            [f"obs[{c!r}] was written by another program; rename it there first" for c in theirs],
        )
    return record


def _require_rows(request: SaveRequest, root: Group) -> None:
    found, ours = curated.n_cells(root), len(request.elements.ids)
    if found != ours:
        raise InputError(
            str(request.source),
            [f"its cells were changed or reordered by another program since it was opened: it has "
             f"{found:,}, the neighborhoods are of {ours:,}; nothing was written, all decisions "
             "are in the journal; put the file back as it was"],
        )  # fmt: skip


def _require_single(request: SaveRequest) -> None:
    """Refuse a file that has a second name: it would stay behind there."""
    target = request.target
    if not target.is_file():
        return
    others = target.stat().st_nlink - 1 - own_links(target, request.keep)
    if others > 0:
        raise InputError(
            str(target),
            [f"has {others} more name{'s' if others > 1 else ''} (hard links), which would keep "
             "the old content; save to another file with --out, or make this one a file of its "
             "own by copying it"],
        )  # fmt: skip


def _require_room(request: SaveRequest) -> None:
    source, target = request.source, request.target
    if is_zarr(source) and source == target:
        size = _size(request.elements)
    else:
        files = files_under(source) if source.is_dir() else [source]
        size = sum(p.stat().st_size for p in files)
    free = shutil.disk_usage(target.parent).free
    if free < size + _MARGIN:
        raise WriteError(
            f"{target}: needs {(size + _MARGIN) / 2**20:,.0f} MB of free space, there are "
            f"{free / 2**20:,.0f} MB; nothing was changed"
        )


def _size(elements: Elements) -> int:
    return sum(a.nbytes for a in (elements.codes, elements.ids, elements.confidence))


def _sweep(request: SaveRequest) -> None:
    sweep(request.target)
    if request.keep is not None:
        sweep_folder(request.keep)


# -- the process ---------------------------------------------------------------


def main() -> None:
    """Do one save and end the process, whatever a library may have left behind."""
    # Not through Python's buffer, which a thread that waits would block at the end.
    with open(0, "rb", closefd=False) as pipe:
        request = receive_request(pipe)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        seen = perform(request, lambda told, share: _answer(progress=[told, share]))
        _answer(seen=[seen.identity, seen.record])
    except InputError as error:
        _answer(place=error.place, problems=error.problems)
    except BrainAtlasError as error:
        _answer(error=str(error))
    os._exit(0)


def _end_with_parent() -> None:
    """Die when standard input ends: nobody waits for the answer."""
    while os.read(0, 1):
        pass
    os._exit(1)


def _answer(**said: Any) -> None:
    sys.stdout.write(f"{MARK}{json.dumps(said)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
