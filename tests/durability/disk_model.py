"""What is on a disk for certain, what is only in its cache, and what a power loss may leave.

After SQLite's crash tests (src/test6.c keeps all writes in one ordered list and drops
or spoils those that no sync covers), with names treated like content:

- content is durable as of the last fsync of the file;
- a name (made, removed or given by a rename) is durable as of the last fsync of its folder;
- everything else may be there, or not, or in part, in any order.

A rename is one step, as file systems make it: the old name goes when the new one comes.
With `tear_renames` even that is not taken for granted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from disk_events import (
    Event,
    FolderMade,
    FolderSynced,
    Linked,
    Opened,
    Removed,
    Renamed,
    Sized,
    Snapshot,
    Synced,
    Written,
)


@dataclass(slots=True, eq=False)
class File:
    """An inode: its durable content, and numbered changes that no sync covers."""

    durable: bytes = b""
    pending: list[tuple[int, Written | Sized]] = field(default_factory=list)

    def content(self) -> bytes:
        """As the running system sees it."""
        return changed(self.durable, [c for _, c in self.pending])


@dataclass(slots=True, eq=False)
class Folder:
    """Its durable names, and those that the running system sees."""

    durable: dict[str, Node] = field(default_factory=dict)
    live: dict[str, Node] = field(default_factory=dict)


Node = File | Folder
State = dict[str, bytes | None]
"""Relative path to content; None for a folder."""
Names = list[tuple[Folder, str, Node | None]]


@dataclass(slots=True, eq=False)
class NameChange:
    """Names that change together; None is a name that goes."""

    number: int
    names: Names


class Disk:
    """Takes events one by one.

    Parameters
    ----------
    tear_renames : bool
        Whether the two names of a rename may come apart.
    """

    def __init__(self, snapshot: Snapshot, *, tear_renames: bool = False) -> None:
        self.root = Folder()
        self.pending: list[NameChange] = []
        self._tear = tear_renames
        self._inodes: dict[int, File] = {}
        self._number = 0
        for path, entry in snapshot.entries.items():
            node: Node = Folder() if entry is None else File(entry[1])
            if isinstance(node, File) and entry is not None:
                # Two names of one inode are one file.
                node = self._inodes.setdefault(entry[0], node)
            folder, name = self._place(path)
            folder.durable[name] = folder.live[name] = node

    def take(self, number: int, event: Event) -> bool:
        """Take the event with its number in the log; False if it concerns no file."""
        self._number = number
        match event:
            case Opened():
                self._open(event)
            case Written() | Sized():
                self._inodes[event.inode].pending.append((number, event))
            case Synced():
                _sync(self._inodes[event.inode], event.upto)
            case FolderSynced():
                self._sync_folder(self._folder(event.path), event.upto)
            case Renamed() | Linked() | Removed() | FolderMade():
                self._change_names(event)
            case _:
                return False
        return True

    def tree(self, path: str) -> State:
        """A file, or all that is below a folder, as the running system sees it; empty if none."""
        folder, name = self._place(path)
        return dict(_live(folder.live.get(name), path))

    # -- events ------------------------------------------------------------------------

    def _open(self, event: Opened) -> None:
        folder, name = self._place(event.path)
        if name not in folder.live:
            # The number of a removed inode may be given again.
            self._inodes[event.inode] = File()
            self._name([(folder, name, self._inodes[event.inode])])
        elif event.emptied:
            cut = Sized(event.path, event.inode, 0)
            self._inodes[event.inode].pending.append((self._number, cut))

    def _change_names(self, event: Renamed | Linked | Removed | FolderMade) -> None:
        match event:
            case Renamed(old, new, exchanged):
                (f, a), (g, b) = self._place(old), self._place(new)
                together: Names = [(f, a, g.live[b] if exchanged else None), (g, b, f.live[a])]
                for names in [[n] for n in reversed(together)] if self._tear else [together]:
                    self._name(names)
            case Linked(old, new):
                f, a = self._place(old)
                self._name([(*self._place(new), f.live[a])])
            case Removed(path):
                self._name([(*self._place(path), None)])
            case FolderMade(path):
                self._name([(*self._place(path), Folder())])

    def _name(self, names: Names) -> None:
        self.pending.append(NameChange(self._number, names))
        for folder, name, node in names:
            put(folder.live, name, node)

    def _sync_folder(self, folder: Folder, upto: int) -> None:
        covered = [
            change for change in self.pending
            if change.number < upto and any(f is folder for f, _, _ in change.names)
        ]  # fmt: skip
        for change in covered:
            for place, name, node in change.names:
                put(place.durable, name, node)
                # What became of the name before is settled, too.
                for earlier in self.pending:
                    if earlier.number < change.number:
                        earlier.names = [
                            n for n in earlier.names if n[0] is not place or n[1] != name
                        ]
        self.pending = [c for c in self.pending if c not in covered and c.names]

    def _folder(self, path: str) -> Folder:
        node: Node = self.root
        for part in path.split("/") if path else ():
            assert isinstance(node, Folder)
            node = node.live[part]
        assert isinstance(node, Folder)
        return node

    def _place(self, path: str) -> tuple[Folder, str]:
        parent, _, name = path.rpartition("/")
        return self._folder(parent), name


def _live(node: Node | None, path: str) -> Iterator[tuple[str, bytes | None]]:
    if isinstance(node, File):
        yield path, node.content()
    elif node is not None:
        yield path, None
        for name, child in sorted(node.live.items()):
            yield from _live(child, f"{path}/{name}")


def changed(content: bytes, changes: list[Written | Sized]) -> bytes:
    """Content after some changes; what was never written reads as zeros."""
    made = bytearray(content)
    for change in changes:
        if isinstance(change, Sized):
            made = made[: change.size].ljust(change.size, b"\0")
        else:
            end = change.offset + len(change.content)
            made = made.ljust(end, b"\0")
            made[change.offset : end] = change.content
    return bytes(made)


def put(names: dict[str, Node], name: str, node: Node | None) -> None:
    """Give a name, or take it away."""
    if node is None:
        names.pop(name, None)
    else:
        names[name] = node


def _sync(file: File, upto: int) -> None:
    file.durable = changed(file.durable, [c for n, c in file.pending if n < upto])
    file.pending = [(n, c) for n, c in file.pending if n >= upto]
