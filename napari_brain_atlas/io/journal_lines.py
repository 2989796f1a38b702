"""The lines of a journal: how they are written, checked and read.

The format is permanent; docs/journal-format.md describes it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from napari_brain_atlas.errors import JournalError
from napari_brain_atlas.model.commands import Command, parse_command

FORMAT = "napari-brain-atlas journal"
FORMAT_VERSION = 1
_CRC_MARK = b',"crc":"'
_HEADER_FIELDS = ("journal", "author", "fingerprint", "base")


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
                raise JournalError(
                    f"line {line.seq + 1} of the journal of {line.author!r} is no command that "
                    f"this program knows (is it older than the journal?): {error}"
                ) from error
        return commands


def contents_of(path: Path, raw: bytes) -> Contents | None:
    """Check and read the bytes of a journal; `path` names it in errors.

    Returns
    -------
    Contents or None
        None if the header was never finished.

    Raises
    ------
    JournalError
        Naming the damaged line.
    """
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


def record_to_line(record: Mapping[str, Any]) -> bytes:
    """A record as a line with its checksum and its newline.

    Raises
    ------
    ValueError, TypeError, RecursionError
        If it cannot be written as JSON in UTF-8.
    """
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # The checksum covers the line up to itself, byte for byte.
    body = text.encode()[:-1]
    return body + _CRC_MARK + f"{zlib.crc32(body):08x}".encode() + b'"}\n'


def _record(text: bytes) -> dict[str, Any] | None:
    """The JSON object of a line whose checksum holds, else None."""
    body, mark, tail = text.rpartition(_CRC_MARK)
    if not mark or tail != f'{zlib.crc32(body):08x}"}}'.encode():
        return None
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
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
    missing = [name for name in _HEADER_FIELDS if not isinstance(record.get(name), str)]
    if missing:
        raise JournalError(f"{path}: its header does not say: {', '.join(missing)}")
    return record


def _line(path: Path, expected: int, record: Mapping[str, Any]) -> Line:
    known = {field.name for field in fields(Line)}
    if newer := sorted(set(record) - known):
        raise JournalError(
            f"{path}: line {expected + 1} holds {', '.join(newer)}, which this program does not "
            "know; update napari-brain-atlas"
        )
    if set(record) != known or not isinstance(record["command"], dict):
        raise JournalError(f"{path}: line {expected + 1} is not a journal line")
    line = Line(**record)
    if line.seq != expected:
        raise JournalError(
            f"{path}: command {expected} is missing, {line.seq} follows; restore the file from a "
            "backup"
        )
    return line
