"""What stands in a journal at opening: who may go on with it, what is replayed, what is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from napari_brain_atlas.errors import (
    CommandError,
    JournalDamagedError,
    JournalError,
    JournalLockedError,
    WriteError,
)
from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.io.holding import Hold
from napari_brain_atlas.io.journal import Contents
from napari_brain_atlas.model.commands import Command
from napari_brain_atlas.model.session import Session


@dataclass(frozen=True, slots=True)
class Access:
    """How a journal was opened.

    Attributes
    ----------
    hold : Hold, optional
        Where this process may write it.
    read_only : str
        Why it may not, in words; empty where nothing speaks against it.
    only : int, optional
        Number of commands that are read; all of them without it.
    told : str
        What became of the others.
    """

    hold: Hold | None = None
    read_only: str = ""
    only: int | None = None
    told: str = ""

    def release(self) -> None:
        """Let others write the journal."""
        if self.hold is not None:
            self.hold.release()


def access(folder: CurationFolder, author: str, lock: bool, program: str) -> Access:
    """Take the author's journal if it is asked for, free, and there at all."""
    if not lock or not folder.path.is_dir():
        return Access()
    try:
        return Access(folder.hold(author, program))
    except JournalLockedError as error:
        return Access(read_only=f"{error.told}; here it can only be read")
    except WriteError as error:
        return Access(read_only=f"{error}; here it can only be read")


def go_on_before(
    folder: CurationFolder, author: str, damage: JournalDamagedError, given: Access
) -> Access:
    """Go on from what stands before a damaged line.

    Where the journal is held it is put aside, whole; else nothing is written.

    Raises
    ------
    WriteError
    """
    told = f"line {damage.line} of the journal {damage.what}"
    if given.hold is None:
        return Access(None, given.read_only, damage.decisions, f"left out what follows: {told}")
    aside = folder.put_aside(author, damage.decisions)
    told += f"; the whole journal is kept as {aside.name}"
    return Access(given.hold, told=f"left out what followed: {told}")


def replayed(
    journal: Path, commands: list[Command], start: Callable[[Iterator[Command]], Session]
) -> Session:
    """Start a session with the commands of a journal.

    Raises
    ------
    JournalDamagedError
        Naming the line that cannot be replayed, and why.
    """
    at = 0

    def counted() -> Iterator[Command]:
        nonlocal at
        for command in commands:
            at += 1
            yield command

    try:
        return start(counted())
    except (CommandError, JournalError) as error:
        if at == 0:
            raise
        raise JournalDamagedError(str(journal), at + 1, f"cannot be replayed ({error})") from error


def recovered(contents: Contents | None, author: str, told: str) -> str:
    """What was replayed at opening, in words; empty if nothing was."""
    said = []
    if contents is not None and (contents.lines or contents.torn):
        n = len(contents.lines)
        said.append(f"Replayed {n:,} decision{'' if n == 1 else 's'} of {author}")
        if contents.torn:
            said.append("a last one that was cut off while it was written was dropped")
    return "; ".join([*said, told] if told else said)
