"""The lines of a journal: how they are written, checked and read.

The format is permanent; docs/journal-format.md describes it.
"""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from napari_brain_atlas.errors import CommandError, JournalDamagedError, JournalError
from napari_brain_atlas.model.commands import Command, command_to_json, parse_command

FORMAT = "napari-brain-atlas journal"
FORMAT_VERSION = 1
_CRC_MARK = b',"crc":"'
_AFTER_MARK = len('00000000"}')
_SECTOR = 512
_SHORTEST_HOLE = 8
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
    damage : JournalDamagedError, optional
        What is wrong with the line after the last whole one.
    """

    header: Mapping[str, Any]
    lines: tuple[Line, ...]
    good: int
    torn: int
    damage: JournalDamagedError | None = None

    def commands(self) -> list[Command]:
        """The commands of all lines. Raises JournalError naming the line that is not one."""
        commands = []
        for line in self.lines:
            try:
                commands.append(parse_command(dict(line.command)))
            except Exception as error:
                raise JournalError(
                    f"line {line.seq + 1} of the journal of {line.author!r} is no command that "
                    f"this program knows; update napari-brain-atlas: {error}"
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
    JournalDamagedError
        Naming the damaged line.
    JournalError
        If it is no journal, or of a later version.
    """
    contents = examine(path, raw)
    if contents is not None and contents.damage is not None:
        raise contents.damage
    return contents


def examine(path: Path, raw: bytes) -> Contents | None:
    """Like `contents_of`, but give what stands before a damaged line, and the damage.

    Raises
    ------
    JournalDamagedError
        If the header is damaged.
    JournalError
        If it is no journal, or of a later version.
    """
    header: Mapping[str, Any] | None = None
    lines: list[Line] = []
    good = 0
    try:
        for number, (record, end) in enumerate(_records(path, raw), 1):
            if header is None:
                header = _header(path, record)
            else:
                lines.append(_line(path, number, record))
            good = end
    except JournalDamagedError as damage:
        if header is None:
            raise
        return Contents(header, tuple(lines), good, 0, damage)
    return Contents(header, tuple(lines), good, len(raw) - good) if header else None


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


def command_line(seq: int, author: str, command: Command) -> bytes:
    """The line of a command that is given now.

    Parameters
    ----------
    seq : int
        Its number in the journal, from 1.
    author : str
    command : Command

    Raises
    ------
    CommandError
        If the evidence of the command cannot be written as JSON.
    """
    try:
        return record_to_line(
            {"seq": seq, "time": now(), "author": author, "command": command_to_json(command)}
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise CommandError(f"{command.op}: cannot be written as JSON: {error}") from error


def now() -> str:
    """The time, as a journal says it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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


def _records(path: Path, raw: bytes) -> Iterator[tuple[dict[str, Any], int]]:
    """The records of whole lines, and where each ends. Raises JournalDamagedError."""
    start, number = 0, 1
    while (end := raw.find(b"\n", start) + 1) > 0:
        record = _record(raw[start : end - 1])
        if record is None:
            if end == len(raw) and _never_reached_the_disk(raw[start:], start):
                return
            raise JournalDamagedError(str(path), number, "is damaged (its checksum does not hold)")
        yield record, end
        start, number = end, number + 1
    # A line whose newline is missing was cut off, or only its newline was lost.
    end = raw.rfind(_CRC_MARK, start) + len(_CRC_MARK) + _AFTER_MARK
    last = _record(raw[start:end])
    if last is not None:
        yield last, end


def _never_reached_the_disk(line: bytes, start: int) -> bool:
    """Whether a sector of the last line is still empty, from some byte on.

    Power that goes before an fsync has returned may leave a later sector of a
    line written and an earlier one not, or as it was when the line was shorter.
    A line that was acknowledged had all of them, and no byte of it is zero.
    """
    edges = [0, *range(-start % _SECTOR or _SECTOR, len(line), _SECTOR), len(line)]
    parts = (line[a:b] for a, b in itertools.pairwise(edges))
    return any(part.endswith(b"\0" * _SHORTEST_HOLE) for part in parts)


def _header(path: Path, record: Mapping[str, Any]) -> Mapping[str, Any]:
    if record.get("format") != FORMAT:
        raise JournalError(f"{path}: is not a journal of napari-brain-atlas; move it away")
    if record.get("version") != FORMAT_VERSION:
        raise JournalError(
            f"{path}: has journal format {record.get('version')}, this program reads "
            f"{FORMAT_VERSION}; update napari-brain-atlas"
        )
    missing = [name for name in _HEADER_FIELDS if not isinstance(record.get(name), str)]
    if missing:
        raise JournalError(
            f"{path}: its header does not say: {', '.join(missing)}; restore it from a backup, or "
            "move it away"
        )
    return record


def _line(path: Path, number: int, record: Mapping[str, Any]) -> Line:
    known = {field.name for field in fields(Line)}
    if newer := sorted(set(record) - known):
        raise JournalError(
            f"{path}: line {number} holds {', '.join(newer)}, which this program does not "
            "know; update napari-brain-atlas"
        )
    if set(record) != known or not _is_line(record):
        raise JournalDamagedError(str(path), number, "is not a journal line")
    line = Line(**record)
    if line.seq != number - 1:
        told = f"is damaged (command {number - 1} is missing, {line.seq} follows)"
        raise JournalDamagedError(str(path), number, told)
    return line


def _is_line(record: Mapping[str, Any]) -> bool:
    types = {"seq": int, "time": str, "author": str, "command": dict}
    return all(isinstance(record[name], wanted) for name, wanted in types.items())
