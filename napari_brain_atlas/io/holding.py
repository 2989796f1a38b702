"""Who writes a journal: a kernel lock that is gone with its process, and a note that says whose.

Only the lock decides; the note beside it is there to be read by people.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from filelock import FileLock, Timeout

from napari_brain_atlas.errors import JournalLockedError, WriteError
from napari_brain_atlas.io.durable import make_folder
from napari_brain_atlas.io.temporaries import is_running

_PATIENCE_SECONDS = 0.1
"""Long enough to outlast somebody who only asks whether the journal is held."""
_POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Holder:
    """Who writes a journal.

    Attributes
    ----------
    program : str
        What it does: "window", or the verb of the command line.
    pid : int
    host, user : str
    since : str
        When it began, ISO 8601 with the offset of the local time.
    """

    program: str
    pid: int
    host: str
    user: str
    since: str

    def told(self) -> str:
        """In words."""
        return f"another {self.program} (process {self.pid} on {self.host} since {self._time()})"

    def _time(self) -> str:
        began = datetime.fromisoformat(self.since)
        same_day = began.date() == datetime.now(began.tzinfo).date()
        return began.strftime("%H:%M" if same_day else "%Y-%m-%d %H:%M")


class Hold:
    """A journal that this process alone may write, until `release`.

    Parameters
    ----------
    journal : Path
    program : str
        What holds it, for those who find it held.

    Raises
    ------
    JournalLockedError
        If another process has it.
    WriteError
        If the disk refuses the lock.
    """

    def __init__(self, journal: Path, program: str = "program") -> None:
        make_folder(journal.parent)
        self._note = _note_of(journal)
        self._lock = _lock_of(journal)
        try:
            self._lock.acquire(timeout=_PATIENCE_SECONDS, poll_interval=_POLL_SECONDS)
        except Timeout as error:
            raise JournalLockedError(f"{_whose(journal)} {being_written(journal)}") from error
        except (OSError, NotImplementedError) as error:
            raise WriteError(f"{journal}: cannot be locked: {error}") from error
        self._write_note(program)

    def release(self) -> None:
        """Let others write the journal."""
        if self._lock.is_locked:
            # Before the lock: the next one writes its own.
            with contextlib.suppress(OSError):
                self._note.unlink()
            self._lock.release()

    def __enter__(self) -> Hold:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _write_note(self, program: str) -> None:
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        holder = Holder(program, os.getpid(), platform.node(), _user(), now)
        # A disk that has no room for it must not keep anybody from working.
        with contextlib.suppress(OSError):
            self._note.write_text(json.dumps(asdict(holder)) + "\n", encoding="utf-8")


def held_elsewhere(journal: Path) -> str:
    """Who writes a journal now, in words; empty if nobody does. Makes nothing."""
    lock = _lock_of(journal)
    if not Path(lock.lock_file).exists():
        return ""
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return being_written(journal)
    except (OSError, NotImplementedError):
        return ""
    lock.release()
    return ""


def being_written(journal: Path) -> str:
    """Says by whom, as far as that is known."""
    holder = _holder(journal)
    told = holder.told() if holder else "another window or command"
    return f"is being written by {told}"


def _holder(journal: Path) -> Holder | None:
    try:
        found: Any = json.loads(_note_of(journal).read_text(encoding="utf-8"))
        holder = Holder(**found)
        holder.told()
        return None if _is_gone(holder) else holder
    except (OSError, ValueError, TypeError):
        return None


def _is_gone(holder: Holder) -> bool:
    """Whether the note was left by a process that was killed."""
    if os.name == "nt" or holder.host != platform.node():
        return False
    return not is_running(holder.pid)


def _lock_of(journal: Path) -> FileLock:
    # Not by thread: whoever closes the window may do so from another one.
    return FileLock(journal.with_suffix(".lock"), thread_local=False)


def _note_of(journal: Path) -> Path:
    return journal.with_suffix(".holder")


def _whose(journal: Path) -> str:
    return f"{unquote(journal.stem)}'s journal"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
