"""Every error that the package raises on purpose.

::

    BrainAtlasError                 one clear line for the user, never a traceback
     ├── InputError                 a file or table that cannot be used
     │    └── LayoutError           sections, coordinates or units are not found or contradict
     ├── CommandError               a command that cannot be applied; may carry a remedy
     ├── JournalError               a journal that cannot be used, or of another file
     │    ├── JournalDamagedError   one of its lines is damaged; what stands before it is whole
     │    └── JournalLockedError    somebody else is writing it
     ├── WriteError                 the disk refused; nothing was changed
     └── MissingExtraError          an optional dependency is not installed
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class BrainAtlasError(Exception):
    """Base of all errors meant for the user: the message says what to do."""


class InputError(BrainAtlasError):
    """A file or table that cannot be used.

    Parameters
    ----------
    place : str
        The file that was read.
    problems : sequence of str
        All that is wrong with it, told at once.
    """

    def __init__(self, place: str, problems: Sequence[str]) -> None:
        self.place = place
        self.problems = tuple(problems)
        super().__init__(f"{place}: " + "; ".join(self.problems))


class LayoutError(InputError):
    """Sections, coordinates or units are not found or contradict each other."""


class CommandError(BrainAtlasError):
    """A command that cannot be applied to the curation as it stands.

    Parameters
    ----------
    message : str
        What is wrong and what to do.
    remedy : Any, optional
        A command that would make it possible, which the window offers.
    """

    def __init__(self, message: str, remedy: Any = None) -> None:
        self.remedy = remedy
        super().__init__(message)


class JournalError(BrainAtlasError):
    """A journal that cannot be used, or that belongs to another file."""


class JournalDamagedError(JournalError):
    """A line of a journal is not as it was written; what stands before it is whole.

    Parameters
    ----------
    path : str
        The journal.
    line : int
        Number of the line; the header is line 1.
    what : str
        What is wrong with it.
    """

    def __init__(self, path: str, line: int, what: str) -> None:
        self.line = line
        self.what = what
        self.decisions = max(line - 2, 0)
        """Commands before the line."""
        if self.decisions:
            n = f"{self.decisions:,} decision" + ("s" if self.decisions > 1 else "")
            offer = f"the {n} before it can be kept: go on from there with --before-damage"
        else:
            offer = "no decision stands before it: start anew with --before-damage"
        super().__init__(
            f"{path}: line {line} {what}; restore the file from a backup, or {offer}, which puts "
            "the damaged journal aside, whole"
        )


class JournalLockedError(JournalError):
    """The journal is being written by another process.

    Parameters
    ----------
    told : str
        Who writes whose journal.
    """

    def __init__(self, told: str) -> None:
        self.told = told
        super().__init__(f"{told}; close that, or work as somebody else with --author")


class WriteError(BrainAtlasError):
    """The disk refused a write; the files are as they were."""


class MissingExtraError(BrainAtlasError):
    """An optional dependency is not installed."""
