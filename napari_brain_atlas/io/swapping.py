"""Taking new elements into a zarr store, each in whole, so that a crash can be finished.

The new elements are written beside the store, in a stage. From the moment that
the stage holds its mark, all of them are on disk, and whoever opens the store
next takes in what is not yet in it. Only names are changed in the store.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from napari_brain_atlas.io.durable import sync_all, sync_folder, write_durably
from napari_brain_atlas.io.elements import PLACES
from napari_brain_atlas.io.identity import identity_of
from napari_brain_atlas.io.points import passing
from napari_brain_atlas.io.temporaries import (
    COMPLETE,
    discard,
    discard_if_abandoned,
    is_abandoned,
    temporaries_of,
)
from napari_brain_atlas.io.zarr_metadata import renewed_metadata

NEW, OLD = "new", "old"
_METADATA = "metadata"


def complete(stage: Path, store: Path) -> None:
    """Make the stage durable and mark it; from here on the save will be finished.

    Raises
    ------
    OSError
    """
    for name, content in renewed_metadata(store, stage / NEW).items():
        _put(stage / _METADATA / name, content)
        _put(stage / OLD / name, (store / name).read_bytes())
    passing("save.before-fsync")
    sync_all(stage)
    sync_folder(stage.parent)
    write_durably(stage / COMPLETE, json.dumps({"identity": identity_of(store)}).encode())


def swap(stage: Path, store: Path) -> None:
    """Take everything in, or nothing.

    Raises
    ------
    OSError
        If the disk refuses. The store is as it was; where the disk refuses
        that too, the stage stays, and the next one to open the store finishes.
    """
    done: list[str] = []
    try:
        for place in _places(stage, store):
            _take(stage, store, place, done)
            passing("save.between-swaps")
        for path in _staged_metadata(stage):
            name = path.relative_to(stage / _METADATA).as_posix()
            path.replace(store / name)
            done.append(name)
        sync_names(store)
    except BaseException:
        for place in reversed(done):
            _give_back(stage, store, place)
        (stage / COMPLETE).unlink()
        raise


def finish(store: Path) -> bool:
    """Finish a save that was cut off while it was being taken in; returns whether there was one.

    What the disk refuses is left for the next time.
    """
    finished = False
    for stage in temporaries_of(store):
        with contextlib.suppress(OSError, ValueError, KeyError):
            if (stage / COMPLETE).is_file() and is_abandoned(stage):
                finished |= _finish(stage, store)
                discard_if_abandoned(stage)
    return finished


def sync_names(store: Path) -> None:
    """Make the names and the metadata of the elements durable."""
    for folder in (store / "obs", store / "uns", store):
        sync_folder(folder)


def replaced(stage: Path) -> Path:
    """What was in the store before, in its places."""
    return stage / OLD


def _finish(stage: Path, store: Path) -> bool:
    if json.loads((stage / COMPLETE).read_bytes())["identity"] != identity_of(store):
        # Other cells, or other columns: not what the labels were written for.
        return False
    for place in _places(stage, store):
        _take(stage, store, place, [])
    for name, content in renewed_metadata(store, store).items():
        write_durably(store / name, content)
    sync_names(store)
    return True


def _places(stage: Path, store: Path) -> Iterator[str]:
    whole = not (store / "uns").exists()
    for place in PLACES:
        if not (whole and place.startswith("uns/")):
            yield place
    if whole and (stage / NEW / "uns").exists():
        yield "uns"


def _take(stage: Path, store: Path, place: str, done: list[str]) -> None:
    """Put one element in; what was there goes to the stage."""
    new, old, there = stage / NEW / place, stage / OLD / place, store / place
    if not new.exists():
        return
    # Noted before the first of the two renames, so that it is undone from anywhere between.
    done.append(place)
    if there.exists():
        old.parent.mkdir(parents=True, exist_ok=True)
        discard(old)
        there.rename(old)
    new.rename(there)


def _give_back(stage: Path, store: Path, place: str) -> None:
    new, old, there = stage / NEW / place, stage / OLD / place, store / place
    if not new.exists() and (old.is_dir() or not old.exists()) and there.exists():
        there.rename(new)
    if old.exists():
        old.replace(there)


def _staged_metadata(stage: Path) -> list[Path]:
    """The names of the columns, then the copy of all metadata."""
    found = [p for p in (stage / _METADATA).rglob("*") if p.is_file()]
    return sorted(found, key=lambda p: -len(p.parts))


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
