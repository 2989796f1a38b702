"""The journal: an append-only file of commands, one line each.

The format is permanent; docs/journal-format.md describes it.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from napari_brain_atlas.errors import JournalError, JournalLockedError, WriteError
from napari_brain_atlas.io.durable import reason, sync_folder
from napari_brain_atlas.model.commands import Command, command_to_json, parse_command

FORMAT = "napari-brain-atlas journal"
FORMAT_VERSION = 1
_CRC_MARK = b',"crc":"'


@dataclass(frozen=True, slots=True)
class Line:
    """One committed command."""

    seq: int
    time: str
    author: str
    command: Mapping[str, Any]
    crc: str

    def as_json(self) -> dict[str, Any]:
        """The JSON object as it stands in the file."""
        return {
            "seq": self.seq, "time": self.time, "author": self.author,
            "command": dict(self.command), "crc": self.crc,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contents:
    """What a journal holds.

    Attributes
    ----------
    header : mapping
        Format, version, package, journal id, author, fingerprint, base.
    lines : tuple of Line
    good : int
        Bytes up to the end of the last whole line.
    torn : int
        Bytes after it, left by a write that was cut off.
    """

    header: Mapping[str, Any]
    lines: tuple[Line, ...]
    good: int
    torn: int

    def commands(self) -> list[Command]:
        """The commands of all lines. Raises JournalError naming the line that is not one."""
        commands = []
        for line in self.lines:
            try:
                commands.append(parse_command(dict(line.command)))
            except Exception as error:
                raise JournalError(f"line {line.seq + 1} is not a command: {error}") from error
        return commands


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
    *whole, rest = raw.split(b"\n")
    records = [_checked(path, number, text) for number, text in enumerate(whole, 1)]
    torn = len(rest)
    if rest and (last := _record(rest)) is not None:
        records.append(last)
        torn = 0
    if not records:
        return None
    header = _header(path, records[0])
    lines = tuple(_line(path, i, record) for i, record in enumerate(records[1:], 1))
    return Contents(header, lines, len(raw) - torn, torn)


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
    """

    def __init__(
        self, path: Path, header: Mapping[str, Any], contents: Contents | None = None
    ) -> None:
        self.path = path
        self.author = str(header["author"])
        self._header = header
        self._good = contents.good if contents else 0
        self._seq = len(contents.lines) if contents else 0
        self._lock = _locked(path)
        self._file: IO[bytes] | None = None
        self._broken = ""

    @property
    def journal(self) -> str:
        """Id of the journal, which never changes."""
        return str(self._header["journal"])

    @property
    def seq(self) -> int:
        """Number of the last committed command; 0 if there is none."""
        return self._seq

    def write(self, command: Command) -> None:
        """Append a command and wait until it is on disk: the commit point.

        Raises
        ------
        WriteError
            If the disk refuses. The file is cut back to the last whole line;
            if that fails too, the journal takes nothing more.
        """
        if self._broken:
            raise WriteError(self._broken)
        line = {
            "seq": self._seq + 1, "time": _now(), "author": self.author,
            "command": command_to_json(command),
        }  # fmt: skip
        try:
            file = self._opened()
            self._append(file, _with_crc(line))
        except OSError as error:
            self._cut_back()
            raise WriteError(
                f"{self.path}: cannot be written: {reason(error)}; nothing was changed"
            ) from error
        self._seq += 1

    def close(self) -> None:
        """Let others write the journal."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._lock.release()

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            # "r+b" leaves an existing journal as it is; the torn end is cut below.
            if not self.path.exists():
                self.path.touch()
            self._file = self.path.open("r+b", buffering=0)
            self._file.truncate(self._good)
            self._end_with_newline(self._file)
            if self._good == 0:
                self._append(self._file, _with_crc(dict(self._header)))
                sync_folder(self.path.parent)
        return self._file

    def _end_with_newline(self, file: IO[bytes]) -> None:
        if self._good:
            file.seek(self._good - 1)
            if file.read(1) != b"\n":
                file.write(b"\n")
                self._good += 1

    def _append(self, file: IO[bytes], content: bytes) -> None:
        file.seek(self._good)
        written = 0
        while written < len(content):
            written += file.write(content[written:]) or 0
        os.fsync(file.fileno())
        self._good += len(content)

    def _cut_back(self) -> None:
        if self._file is None:
            return
        try:
            self._file.truncate(self._good)
            os.fsync(self._file.fileno())
        except OSError as error:
            self._broken = (
                f"{self.path}: takes no more changes since the disk failed ({reason(error)}); "
                "save under another name and open again"
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


def _locked(path: Path) -> FileLock:
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_suffix(".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise JournalLockedError(
            f"{path}: is being written by another window or command of the same author; "
            "close that, or work as somebody else with --author"
        ) from error
    return lock


def _with_crc(record: Mapping[str, Any]) -> bytes:
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
    # The checksum covers the line up to itself, byte for byte.
    body = text[:-1]
    return body + _CRC_MARK + f"{zlib.crc32(body):08x}".encode() + b'"}\n'


def _record(text: bytes) -> dict[str, Any] | None:
    """The JSON object of a line whose checksum holds, else None."""
    body, mark, tail = text.rpartition(_CRC_MARK)
    if not mark or tail != f'{zlib.crc32(body):08x}"}}'.encode():
        return None
    try:
        record = json.loads(text)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _checked(path: Path, number: int, text: bytes) -> dict[str, Any]:
    record = _record(text)
    if record is None:
        raise JournalError(
            f"{path}: line {number} is damaged (its checksum does not hold); restore the file "
            f"from a backup, or keep its first {number - 1} lines to go on from there"
        )
    return record


def _header(path: Path, record: Mapping[str, Any]) -> Mapping[str, Any]:
    if record.get("format") != FORMAT:
        raise JournalError(f"{path}: is not a journal of napari-brain-atlas")
    if record.get("version") != FORMAT_VERSION:
        raise JournalError(
            f"{path}: has journal format {record.get('version')}, this program reads "
            f"{FORMAT_VERSION}; update napari-brain-atlas"
        )
    return record


def _line(path: Path, expected: int, record: Mapping[str, Any]) -> Line:
    try:
        line = Line(**record)
    except TypeError as error:
        raise JournalError(f"{path}: line {expected + 1} is not a journal line") from error
    if line.seq != expected:
        raise JournalError(
            f"{path}: command {expected} is missing, {line.seq} follows; restore the file from a "
            "backup"
        )
    return line


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
