"""Whole journals: reading one, beginning one, putting a damaged one aside."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from napari_brain_atlas.errors import JournalDamagedError, JournalError, WriteError
from napari_brain_atlas.io.durable import reason, sync_folder, write_durably
from napari_brain_atlas.io.journal_lines import (
    FORMAT,
    FORMAT_VERSION,
    Contents,
    contents_of,
    examine,
    now,
    record_to_line,
)

ASIDE_MARK = ".damaged-"
"""Names of journals that were put aside hold this, behind the name of the journal."""


def read_journal(path: Path, only: int | None = None) -> Contents | None:
    """Read and verify a journal.

    A last line without its newline was cut off while it was written: it is
    kept if its checksum holds and dropped otherwise. A whole line with a wrong
    checksum is damage.

    Parameters
    ----------
    path : Path
    only : int, optional
        Read no more than this number of commands, and mind no damage behind them.

    Returns
    -------
    Contents or None
        None if there is no journal, or its header was never finished.

    Raises
    ------
    JournalDamagedError
        Naming the damaged line.
    JournalError
        If it cannot be read, is no journal, or of a later version.
    """
    raw = _bytes_of(path)
    if raw is None or only is None:
        return contents_of(path, raw) if raw is not None else None
    try:
        contents = examine(path, raw)
    except JournalDamagedError:
        return None
    return replace(contents, lines=contents.lines[:only]) if contents else None


def set_aside(path: Path, decisions: int) -> Path:
    """Put a damaged journal aside, whole, and go on from the commands before the damage.

    The journal that goes on has an id of its own: what was saved from the
    other one is not a state of this one. The caller holds the journal.

    Parameters
    ----------
    path : Path
    decisions : int
        Number of commands that are kept.

    Returns
    -------
    Path
        Where the damaged journal is now.

    Raises
    ------
    WriteError
        If the disk refuses; the journal is as it was.
    JournalError
        If it cannot be read.
    """
    raw = _bytes_of(path) or b""
    aside = path.with_name(f"{path.name}{ASIDE_MARK}{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
    write_durably(aside, raw)
    contents = read_journal(path, decisions)
    if contents is None:
        _remove(path)
    else:
        header = {k: v for k, v in contents.header.items() if k != "crc"}
        fresh = {**header, "journal": uuid.uuid4().hex, "time": now()}
        kept = raw.split(b"\n")[1 : decisions + 1]
        write_durably(path, record_to_line(fresh) + b"".join(line + b"\n" for line in kept))
    return aside


def new_header(
    journal: str, author: str, fingerprint: str, base: str, package: str
) -> dict[str, Any]:
    """The first line of a journal."""
    return {
        "format": FORMAT, "version": FORMAT_VERSION, "package": package, "journal": journal,
        "author": author, "fingerprint": fingerprint, "base": base, "time": now(),
    }  # fmt: skip


def _remove(path: Path) -> None:
    try:
        path.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise WriteError(f"{path}: cannot be removed: {reason(error)}") from error


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise JournalError(f"{path}: cannot be read: {reason(error)}") from error
