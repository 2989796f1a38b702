"""The journal: an append-only file of commands, one line each.

The format is permanent; docs/journal-format.md describes it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from napari_brain_atlas.errors import JournalError, WriteError
from napari_brain_atlas.io.durable import reason, sync, sync_folder
from napari_brain_atlas.io.holding import Hold
from napari_brain_atlas.io.journal_files import new_header, read_journal, set_aside
from napari_brain_atlas.io.journal_lines import Contents, Line, command_line, record_to_line
from napari_brain_atlas.io.points import armed, passing
from napari_brain_atlas.model.commands import Command

__all__ = ["Contents", "JournalWriter", "Line", "new_header", "read_journal", "set_aside"]


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
    hold : Hold, optional
        Where the journal is held already; it is released with the writer.

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
        self,
        path: Path,
        header: Mapping[str, Any],
        contents: Contents | None = None,
        hold: Hold | None = None,
    ) -> None:
        self.path = path
        self._hold = hold or Hold(path)
        try:
            found = _unchanged(path, header, contents)
            self._size = _size(path)
        except BaseException:
            self._hold.release()
            raise
        self._header = found.header if found else header
        self.author = str(self._header["author"])
        # Bytes and commands that are committed; set together, so that no
        # interrupt falls between them.
        self._end = (found.good, len(found.lines)) if found else (0, 0)
        self._before = self._end
        self._file: IO[bytes] | None = None
        self._doubtful = False
        self._ready = False

    @property
    def journal(self) -> str:
        """Id of the journal, which never changes."""
        return str(self._header["journal"])

    @property
    def seq(self) -> int:
        """Number of the last committed command; 0 if there is none."""
        return self._end[1]

    def write(self, command: Command, after: int | None = None) -> None:
        """Append a command and wait until it is on disk: the commit point.

        Parameters
        ----------
        command : Command
        after : int, optional
            Number of commands that the session holds. A last one that it does
            not hold was interrupted behind its commit point, and is removed.

        Raises
        ------
        WriteError
            If the disk refuses. The file is cut back to the last whole line;
            while that fails too, the journal takes nothing more.
        CommandError
            If the evidence of the command cannot be written as JSON.
        """
        self._settle(self.seq if after is None else after)
        content = command_line(self.seq + 1, self.author, command)
        try:
            self._require_ours()
            self._append(self._opened(), content, 1)
        except OSError as error:
            kept = self._cut_back()
            told = _stuck(kept) if kept else "nothing was changed"
            raise WriteError(f"{self.path}: cannot be written: {reason(error)}; {told}") from error
        except BaseException:
            # An interrupt: what is not committed must not stay behind the next line.
            self._cut_back()
            raise

    def close(self, after: int | None = None) -> None:
        """Let others write the journal; `after` as in `write`."""
        try:
            with contextlib.suppress(WriteError):
                self._settle(self.seq if after is None else after)
        finally:
            if self._file is not None:
                self._file.close()
                self._file = None
            self._hold.release()

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
            # "r+b" leaves an existing journal as it is.
            self._file = self.path.open("r+b" if self.path.exists() else "x+b", buffering=0)
        if not self._ready:
            self._doubtful = True
            if _size(self.path) > self._end[0]:
                # A torn end goes for good before anything is written over it: parts of it
                # that came back after a power cut would look like damage.
                self._file.truncate(self._end[0])
                sync(self._file.fileno())
            self._size = self._end[0]
            self._end_with_newline(self._file)
            if self._end[0] == 0:
                self._append(self._file, record_to_line(self._header), 0)
            # Also where they are old: whoever made them may have been killed before this.
            sync_folder(self.path.parent)
            sync_folder(self.path.parent.parent)
            self._ready = True
        return self._file

    def _end_with_newline(self, file: IO[bytes]) -> None:
        good, seq = self._end
        if good:
            file.seek(good - 1)
            if file.read(1) != b"\n":
                # By itself: a line that lost its newline must not hang on the next one.
                self._put(file, good, b"\n")
                self._end = (good + 1, seq)
                self._size = self._end[0]

    def _append(self, file: IO[bytes], content: bytes, commands: int) -> None:
        good, seq = self._end
        self._doubtful = True
        passing("journal.before-write")
        # In one piece, of which the disk may still keep a part; in two only where a test asks.
        half = len(content) // 2 if armed("journal.mid-line") else 0
        _write_all(file, good, content[:half])
        passing("journal.mid-line")
        self._put(file, good + half, content[half:])
        self._before = self._end
        self._end = (good + len(content), seq + commands)
        self._size = self._end[0]
        self._doubtful = False

    def _put(self, file: IO[bytes], at: int, content: bytes) -> None:
        _write_all(file, at, content)
        passing("journal.before-fsync")
        sync(file.fileno())
        passing("journal.after-fsync")

    def _settle(self, after: int) -> None:
        """Leave in the file what is committed and known, and nothing else. Raises WriteError."""
        if after != self.seq:
            if after != self._before[1]:
                raise WriteError(
                    f"{self.path}: holds {self.seq:,} decisions and not {after:,} as this window; "
                    "close it and open the file again"
                )
            self._end = self._before
            self._doubtful = True
        if self._doubtful and (kept := self._cut_back()):
            raise WriteError(f"{self.path}: {_stuck(kept)}")

    def _cut_back(self) -> str:
        """Remove what is not committed; says why it stays where the disk refuses that."""
        if not self._doubtful or self._file is None:
            return ""
        try:
            self._file.truncate(self._end[0])
            sync(self._file.fileno())
        except OSError as error:
            return reason(error)
        self._size = self._end[0]
        self._doubtful = False
        return ""


def _write_all(file: IO[bytes], at: int, content: bytes) -> None:
    file.seek(at)
    written = 0
    while written < len(content):
        written += file.write(content[written:]) or 0


def _stuck(why: str) -> str:
    return (
        f"takes no changes while the disk fails ({why}); try again, or save under another name: "
        "a command that was refused meanwhile may show when the file is opened again"
    )


def _unchanged(
    path: Path, header: Mapping[str, Any], contents: Contents | None
) -> Contents | None:
    """What the journal holds under the lock. Raises JournalError if that is not `contents`."""
    found = read_journal(path)
    if contents is not None:
        same = found is not None and (found.header, found.lines) == (
            contents.header, contents.lines,
        )  # fmt: skip
    else:
        same = found is None or (not found.lines and _same_start(found.header, header))
    if not same:
        file = path.parent.stem if path.parent.suffix == ".nba" else "the file"
        raise JournalError(
            f"{path}: was changed by another window or command meanwhile; open {file} again"
        )
    return found


def _same_start(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(k) == other.get(k) for k in ("author", "fingerprint", "base"))


def _size(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
