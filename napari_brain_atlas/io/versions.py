"""Former versions of a saved file, in its curation folder.

Of an .h5ad file the whole is kept, as a hard link where the file system knows
them: the inode that a save replaces stays, so it costs nothing. Of a zarr store
what a save replaced is kept: our arrays, and the metadata files of obs and of
the root.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from napari_brain_atlas.io.copying import copy_file
from napari_brain_atlas.io.durable import (
    files_under,
    make_folder,
    replacing,
    replacing_folder,
    sync_folder,
)
from napari_brain_atlas.io.elements import said_by
from napari_brain_atlas.io.temporaries import discard

_NAME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z)-seq(\d+)\.(?:h5ad|zarr)")


@dataclass(frozen=True, slots=True)
class Version:
    """A former version.

    Attributes
    ----------
    path : Path
    time : str
        When it was saved, UTC.
    seq : int
        Number of the last command that it holds.
    size : int
        Bytes.
    """

    path: Path
    time: str
    seq: int
    size: int


def versions_in(keep: Path) -> tuple[Version, ...]:
    """The versions in a curation folder, oldest first."""
    found = [(path, _NAME.fullmatch(path.name)) for path in _kept(keep)]
    return tuple(
        Version(path, match[1], int(match[2]), size_of(path))
        for path, match in sorted(found)
        if match is not None
    )


def original_in(keep: Path, suffix: str) -> Path:
    """Where the file as it was before the first save in place is kept."""
    return keep / f"original{suffix}"


def size_of(path: Path) -> int:
    """Bytes of a version, which of a store is a folder."""
    files = files_under(path) if path.is_dir() else [path]
    return sum(p.stat().st_size for p in files)


def keep_file(
    target: Path, keep: Path, record: str | None, ours: str | None, n: int
) -> Path | None:
    """Keep a file that is about to be replaced.

    Parameters
    ----------
    target : Path
    keep : Path
        The curation folder.
    record, ours : str or None
        Our record in the file that is there, and the one that replaces it.
    n : int
        How many versions are kept; 0 for the original alone.

    Returns
    -------
    Path or None
        What was made; None where it is kept already, or nothing is to be kept.

    Raises
    ------
    OSError, WriteError
        If the disk refuses.
    """
    place = _place(keep, target.suffix, record, ours, n, target.stat().st_mtime)
    if place is None or own_links(target, keep):
        return None
    make_folder(place.parent)
    with replacing(place) as temporary:
        try:
            os.link(target, temporary)
        except OSError:
            copy_file(target, temporary)
            shutil.copystat(target, temporary)
    return place


def keep_replaced(
    replaced: Path, store: Path, keep: Path, record: str | None, ours: str | None, n: int
) -> None:
    """Keep what was replaced in a store; `replaced` is moved or copied.

    Raises
    ------
    OSError, WriteError
    """
    changed = max((p.stat().st_mtime for p in files_under(replaced)), default=0.0)
    place = _place(keep, store.suffix, record, ours, n, changed)
    if place is None:
        return
    make_folder(place.parent)
    with replacing_folder(place) as temporary:
        try:
            replaced.rename(temporary)
        except OSError:
            shutil.copytree(replaced, temporary)


def drop_oldest(keep: Path, n: int) -> None:
    """Remove versions beyond the newest `n`; what cannot be removed stays."""
    kept = versions_in(keep)
    for version in kept[: max(0, len(kept) - n)]:
        discard(version.path)
    with contextlib.suppress(OSError):
        sync_folder(keep / "versions")


def own_links(target: Path, keep: Path | None) -> int:
    """How many of the names of a file are versions that we keep of it.

    There are some where a save was killed between keeping and replacing.
    """
    if keep is None:
        return 0
    here = target.stat()
    known = [original_in(keep, target.suffix), *_kept(keep)]
    return sum(os.path.samestat(p.stat(), here) for p in known if p.is_file())


def _place(
    keep: Path, suffix: str, record: str | None, ours: str | None, n: int, changed: float
) -> Path | None:
    """Where something is kept: as the original, as a version, or not at all."""
    original = original_in(keep, suffix)
    journal, seq = (said_by(record).get(key) for key in ("journal", "seq"))
    saved_by_us = journal is not None and journal == said_by(ours).get("journal")
    # An original that the user dropped must not come back as a later version.
    if not original.exists() and not versions_in(keep) and not saved_by_us:
        return original
    return keep / "versions" / f"{_time(keep, changed)}-seq{int(seq or 0)}{suffix}" if n else None


def _time(keep: Path, changed: float) -> str:
    """When the version was saved; never before the last, whatever the clock says."""
    newest = max((version.time for version in versions_in(keep)), default="")
    told = _stamp(changed)
    if told > newest:
        return told
    last = datetime.strptime(newest, "%Y-%m-%dT%H-%M-%S.%fZ").replace(tzinfo=UTC)
    return _stamp(last.timestamp() + 0.001)


def _stamp(seconds: float) -> str:
    moment = datetime.fromtimestamp(round(seconds, 3), UTC)
    return f"{moment:%Y-%m-%dT%H-%M-%S}.{moment.microsecond // 1000:03d}Z"


def _kept(keep: Path) -> Iterator[Path]:
    folder = keep / "versions"
    return (
        (p for p in folder.iterdir() if _NAME.fullmatch(p.name)) if folder.is_dir() else iter(())
    )
