"""What must hold at each moment of a recorded log, whatever the power loss leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from curated_labels import NONE
from disk_events import Blind, Event, FolderSynced, Mark, Snapshot, Synced
from disk_model import Disk, State

SOURCES = ("data.h5ad", "data.zarr")


@dataclass(frozen=True, slots=True)
class Version:
    """A file or store as a save left it: all bytes, and the digest of its labels."""

    tree: State
    labels: str


@dataclass(frozen=True, slots=True)
class Promises:
    """What is acknowledged, and what may have happened beyond it.

    Attributes
    ----------
    seq : int
        The last acknowledged command.
    under_way : bool
        Whether the next one may be there, too.
    curations : mapping of int to str
        Digest of the state after each command of the whole log.
    versions : mapping of str to list of Version
        For each file, what it may hold: the last that was saved, and the one under way.
    kept : tuple of str
        Blobs that are acknowledged.
    original : bytes
        The file as it was, once a save in place is acknowledged.
    """

    seq: int = 0
    under_way: bool = False
    curations: dict[int, str] = field(default_factory=dict)
    versions: dict[str, tuple[Version, ...]] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    original: bytes | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """The disk between two events; `number` is that of the event before it."""

    number: int
    disk: Disk
    promises: Promises


def split_scenarios(events: Sequence[Event]) -> dict[str, list[Event]]:
    """The parts of a log, by the name that each begins with; each starts with its snapshot."""
    parts: dict[str, list[Event]] = {}
    starts: dict[str, int] = {}
    name = ""
    for number, event in enumerate(events):
        if isinstance(event, Mark) and event.text.startswith("begin "):
            name = event.text.removeprefix("begin ")
            parts[name], starts[name] = [], number + 1
            continue
        if isinstance(event, Blind):
            raise AssertionError(f"{name}: the recorder cannot follow: {event.what}")
        if isinstance(event, Synced | FolderSynced):
            event = replace(event, upto=event.upto - starts[name])
        parts[name].append(event)
    return parts


def without(
    events: Sequence[Event], syncs: Callable[[Synced | FolderSynced], bool]
) -> list[Event]:
    """The same log as if some syncs had not been asked for; positions stay."""
    return [
        Mark("nothing") if isinstance(e, Synced | FolderSynced) and syncs(e) else e for e in events
    ]


def moments(events: Sequence[Event], *, tear_renames: bool = False) -> Iterator[Moment]:
    """Every boundary between two events. The disk is one object that moves on."""
    first = events[0]
    assert isinstance(first, Snapshot)
    promises = replace(Promises(), curations=_curations(events))
    saved = _saved_versions(events)
    disk = Disk(first, tear_renames=tear_renames)
    for source in SOURCES:
        if tree := disk.tree(source):
            promises.versions[source] = (Version(tree, NONE),)
    beginning = True
    for number, event in enumerate(events[1:], 1):
        disk.take(number, event)
        if isinstance(event, Mark):
            promises = _promised(promises, event.text, saved)
        # Acknowledgements at the head tell of what was there before.
        beginning = beginning and isinstance(event, Mark) and event.text.startswith("ack ")
        if not beginning:
            yield Moment(number, disk, promises)


def _promised(now: Promises, text: str, saved: dict[str, list[Version]]) -> Promises:
    word, *rest = text.split()
    match word:
        case "do":
            return replace(now, under_way=True)
        case "ack":
            return replace(now, under_way=False, seq=int(rest[0]))
        case "refused":
            return replace(now, under_way=False)
        case "kept":
            return replace(now, kept=(*now.kept, rest[0]))
        case "nothing":
            return now
        case "saving":
            before = now.versions.get(rest[0], (Version({}, NONE),))
            versions = (*before, saved[rest[0]][0])
            return replace(now, versions={**now.versions, rest[0]: versions})
        case "saved":
            original = now.original
            if original is None and rest[0] == "data.h5ad":
                original = now.versions[rest[0]][0].tree[rest[0]]
            versions = (saved[rest[0]].pop(0),)
            return replace(now, versions={**now.versions, rest[0]: versions}, original=original)
    raise AssertionError(text)


def _curations(events: Sequence[Event]) -> dict[int, str]:
    acks = [e.text.split() for e in events if isinstance(e, Mark) and e.text.startswith("ack ")]
    return {int(seq): digest for _, seq, digest in acks}


def _saved_versions(events: Sequence[Event]) -> dict[str, list[Version]]:
    """What each acknowledged save left, in order."""
    first = events[0]
    assert isinstance(first, Snapshot)
    disk = Disk(first)
    saved: dict[str, list[Version]] = {}
    for number, event in enumerate(events[1:], 1):
        disk.take(number, event)
        if isinstance(event, Mark) and event.text.startswith("saved "):
            _, name, digest = event.text.split()
            saved.setdefault(name, []).append(Version(disk.tree(name), digest))
    return saved
