"""What happened to the files below a folder, in order.

Paths are relative to that folder; inodes are the numbers that the system gave.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """The traced program said something, for example that a command is acknowledged."""

    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is there, and counts as durable: (inode, content) or None for a folder."""

    entries: dict[str, tuple[int, bytes] | None]


@dataclass(frozen=True, slots=True)
class Opened:
    """A name was opened so that it is made where it is missing, or emptied."""

    path: str
    inode: int
    emptied: bool


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes came into a file."""

    path: str
    inode: int
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Sized:
    """A file was cut or extended."""

    path: str
    inode: int
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """A file was synced; events from number `upto` on are not covered by it."""

    path: str
    inode: int
    upto: int


@dataclass(frozen=True, slots=True)
class FolderSynced:
    """The names in a folder were synced."""

    path: str
    upto: int


@dataclass(frozen=True, slots=True)
class Renamed:
    """A name took the place of another, or two changed places."""

    old: str
    new: str
    exchanged: bool = False


@dataclass(frozen=True, slots=True)
class Linked:
    """A file got a second name."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A name, or an empty folder, is gone."""

    path: str


@dataclass(frozen=True, slots=True)
class FolderMade:
    """A folder was made."""

    path: str


@dataclass(frozen=True, slots=True)
class Blind:
    """Something changed files in a way that the recorder cannot follow."""

    what: str


Event = (
    Mark | Snapshot | Opened | Written | Sized | Synced | FolderSynced | Renamed | Linked
    | Removed | FolderMade | Blind
)  # fmt: skip
