"""The journal: an append-only file of commands, one line each.

The format is permanent; docs/journal-format.md describes it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from napari_brain_atlas.errors import CommandError, JournalError, JournalLockedError, WriteError
from napari_brain_atlas.io.durable import make_folder, reason, sync, sync_folder
from napari_brain_atlas.io.journal_lines import (
    FORMAT,
    FORMAT_VERSION,
    Contents,
    Line,
    contents_of,
    record_to_line,
)
from napari_brain_atlas.model.commands import Command, command_to_json

__all__ = ["Contents", "JournalWriter", "Line", "locked", "new_header", "read_journal"]


def read_journal(path: Path) -> Contents | None:
    """Read and verify a journal.

    A last line without its newline was cut off while it was written: it is
    kept if its checksum holds and dropped otherwise. A whole line with a wrong
    checksum is damage.

    Returns
    -------
    Contents or None
        None if there is no journal, or its header was never finished.

    Raises
    ------
    JournalError
        Naming the damaged line.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise JournalError(f"{path}: cannot be read: {reason(error)}") from error
    return contents_of(path, raw)


class JournalWriter:
    """Appends to one author's journal, alone, under a lock that dies with the process.

    Parameters
    ----------
    path : Path
        The journal; made with its header by the first command.
    header : mapping
        Author, fingerprint and base, for a new journal.
    contents : Contents, optional
        What was read of it, where it exists.

    Raises
    ------
    JournalLockedError
        If another process writes it.
    JournalError
        If it is not as it was read.
    WriteError
        If the disk refuses the lock.
    """

    def __init__(
        self, path: Path, header: Mapping[str, Any], contents: Contents | None = None
    ) -> None:
        self.path = path
        self._lock = locked(path)
        try:
            now = _unchanged(path, header, contents)
        except BaseException:
            self._lock.release()
            raise
        self._header = now.header if now else header
        self.author = str(self._header["author"])
        # Bytes and commands that are committed; set together, so that no
        # interrupt falls between them.
        self._end = (now.good, len(now.lines)) if now else (0, 0)
        self._size = _size(path)
        self._file: IO[bytes] | None = None
        self._broken = ""

    @property
    def journal(self) -> str:
        """Id of the journal, which never changes."""
        return str(self._header["journal"])

    @property
    def seq(self) -> int:
        """Number of the last committed command; 0 if there is none."""
        return self._end[1]

    def write(self, command: Command) -> None:
        """Append a command and wait until it is on disk: the commit point.

        Raises
        ------
        WriteError
            If the disk refuses. The file is cut back to the last whole line;
            if that fails too, the journal takes nothing more.
        CommandError
            If the evidence of the command cannot be written as JSON.
        """
        if self._broken:
            raise WriteError(self._broken)
        content = self._line(command)
        self._require_ours()
        try:
            self._append(self._opened(), content, 1)
        except OSError as error:
            self._cut_back()
            raise WriteError(
                f"{self.path}: cannot be written: {reason(error)}; nothing was changed"
            ) from error
        except BaseException:
            # An interrupt: what is not committed must not stay behind the next line.
            self._cut_back()
            raise

    def close(self) -> None:
        """Let others write the journal."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._lock.release()

    def _line(self, command: Command) -> bytes:
        try:
            record = {
                "seq": self.seq + 1, "time": _now(), "author": self.author,
                "command": command_to_json(command),
            }  # fmt: skip
            return record_to_line(record)
        except (ValueError, TypeError, RecursionError) as error:
            raise CommandError(f"{command.op}: cannot be written as JSON: {error}") from error

    def _require_ours(self) -> None:
        """Refuse to write into a file that somebody else replaced, removed or changed."""
        same = _size(self.path) == self._size and (self._file is None or self.path.exists())
        if same and self._file is not None:
            # A file that was moved would take the command where nobody finds it.
            same = os.path.samestat(self.path.stat(), os.fstat(self._file.fileno()))
        if not same:
            raise WriteError(
                f"{self.path}: was moved, removed or changed by another program; nothing was "
                "changed; put it back, or close and open the file again"
            )

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            # "r+b" leaves an existing journal as it is; the torn end is cut here.
            self._file = self.path.open("r+b" if self.path.exists() else "x+b", buffering=0)
            self._file.truncate(self._end[0])
            self._size = self._end[0]
            self._end_with_newline(self._file)
            if self._end[0] == 0:
                self._begin(self._file)
        return self._file

    def _begin(self, file: IO[bytes]) -> None:
        self._append(file, record_to_line(self._header), 0)
        try:
            sync_folder(self.path.parent)
        except OSError:
            self._end = (0, 0)
            raise

    def _end_with_newline(self, file: IO[bytes]) -> None:
        good, seq = self._end
        if good:
            file.seek(good - 1)
            if file.read(1) != b"\n":
                file.write(b"\n")
                self._end = (good + 1, seq)

    def _append(self, file: IO[bytes], content: bytes, commands: int) -> None:
        good, seq = self._end
        file.seek(good)
        written = 0
        while written < len(content):
            written += file.write(content[written:]) or 0
        sync(file.fileno())
        self._end = (good + len(content), seq + commands)
        self._size = self._end[0]

    def _cut_back(self) -> None:
        if self._file is None:
            return
        try:
            self._file.truncate(self._end[0])
            sync(self._file.fileno())
            self._size = self._end[0]
        except OSError as error:
            self._broken = (
                f"{self.path}: takes no more changes since the disk failed ({reason(error)}); "
                "save under another name and open again, where the last command may show"
            )
        finally:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None


def new_header(
    journal: str, author: str, fingerprint: str, base: str, package: str
) -> dict[str, Any]:
    """The first line of a journal."""
    return {
        "format": FORMAT, "version": FORMAT_VERSION, "package": package, "journal": journal,
        "author": author, "fingerprint": fingerprint, "base": base, "time": _now(),
    }  # fmt: skip


def locked(path: Path) -> FileLock:
    """Take a journal for this process alone.

    Raises
    ------
    JournalLockedError
        If another process has it.
    WriteError
        If the disk refuses the lock.
    """
    make_folder(path.parent)
    # Not by thread: whoever closes the window may do so from another one.
    lock = FileLock(path.with_suffix(".lock"), timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise JournalLockedError(
            f"{path}: is being written by another window or command of the same author; "
            "close that, or work as somebody else with --author"
        ) from error
    except (OSError, NotImplementedError) as error:
        raise WriteError(f"{path}: cannot be locked: {error}") from error
    return lock


def _unchanged(
    path: Path, header: Mapping[str, Any], contents: Contents | None
) -> Contents | None:
    """What the journal holds under the lock. Raises JournalError if that is not `contents`."""
    now = read_journal(path)
    if contents is not None:
        same = now is not None and (now.header, now.lines) == (contents.header, contents.lines)
    else:
        same = now is None or (not now.lines and _same_start(now.header, header))
    if not same:
        file = path.parent.stem if path.parent.suffix == ".nba" else "the file"
        raise JournalError(
            f"{path}: was changed by another window or command meanwhile; open {file} again"
        )
    return now


def _same_start(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(k) == other.get(k) for k in ("author", "fingerprint", "base"))


def _size(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
