"""The states that a power loss may leave, drawn from a model of the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from disk_events import Sized, Written
from disk_model import Disk, File, Folder, Node, State, changed, put

Surviving = Callable[[File], bytes]
SECTOR = 512


def corners(disk: Disk) -> Iterator[tuple[str, State]]:
    """The extreme states: each of names and content all there, all lost, or lost as zeros."""
    yield "nothing unsynced", state(disk, lambda _: False, _nothing)
    yield "everything", state(disk, lambda _: True, File.content)
    yield "names without content", state(disk, lambda _: True, _nothing)
    yield "content without names", state(disk, lambda _: False, File.content)
    yield "names and sizes without content", state(disk, lambda _: True, _only_sizes)
    yield "sizes without names and content", state(disk, lambda _: False, _only_sizes)


def draws(disk: Disk, rng: np.random.Generator, n: int) -> Iterator[tuple[str, State]]:
    """Random states: changes dropped, torn, and thereby reordered, names apart from content."""
    for i in range(n):
        share = rng.choice([0.1, 0.5, 0.9])
        ways = [
            _nothing, File.content, _torn(rng), _sectors(rng), _hole(rng), _only_sizes,
        ]  # fmt: skip

        def survive(file: File, ways: list[Surviving] = ways) -> bytes:
            return ways[rng.integers(len(ways))](file)

        yield (
            f"draw {i}",
            state(disk, lambda _, share=share: bool(rng.random() < share), survive),
        )


def state(disk: Disk, named: Callable[[int], bool], surviving: Surviving) -> State:
    """What is left if some of the pending names, and some of the content, came to the disk."""
    names: dict[Folder, dict[str, Node]] = {}
    for change in disk.pending:
        if named(change.number):
            for folder, name, node in change.names:
                put(names.setdefault(folder, dict(folder.durable)), name, node)
    left: State = {}
    contents: dict[File, bytes] = {}

    def walk(folder: Folder, path: str) -> None:
        for name, node in sorted(names.get(folder, folder.durable).items()):
            if isinstance(node, Folder):
                left[path + name] = None
                walk(node, f"{path}{name}/")
                continue
            if node not in contents:
                contents[node] = surviving(node)
            left[path + name] = contents[node]

    walk(disk.root, "")
    return left


def digest(left: State) -> int:
    """The same for the same state; fast, since unchanged contents remember their hash."""
    return hash(tuple(left.items()))


def materialize(left: State, folder: Path) -> None:
    """Make the files of a state in an empty folder."""
    for path, content in left.items():
        if content is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(content)


# -- what survives of one file ------------------------------------------------------------


def _nothing(file: File) -> bytes:
    return file.durable


def _only_sizes(file: File) -> bytes:
    """The file is as long as it was written, but the blocks hold what they held, or zeros."""
    sizes: list[Written | Sized] = []
    for _, change in file.pending:
        if isinstance(change, Sized):
            sizes.append(change)
        else:
            end = change.offset + len(change.content)
            sizes.append(Written(change.path, change.inode, end, b""))
    return changed(file.durable, sizes)


def _torn(rng: np.random.Generator) -> Surviving:
    """All changes up to one that came to the disk up to some byte."""

    def survive(file: File) -> bytes:
        changes = [c for _, c in file.pending]
        if not changes:
            return file.durable
        last = int(rng.integers(len(changes)))
        torn = changes[last]
        kept = changes[:last]
        if isinstance(torn, Written):
            part = torn.content[: int(rng.integers(len(torn.content) + 1))]
            kept.append(Written(torn.path, torn.inode, torn.offset, part))
        return changed(file.durable, kept)

    return survive


def _sectors(rng: np.random.Generator) -> Surviving:
    """Each sector as it was at some moment since the last sync, the size as well.

    So writes are lost, torn and reordered, but never within a sector: the cache
    holds whole pages and the disk takes whole sectors.
    """

    def survive(file: File) -> bytes:
        changes = [c for _, c in file.pending]
        cuts = {0, len(changes), *rng.integers(len(changes) + 1, size=3).tolist()}
        versions = [changed(file.durable, changes[:cut]) for cut in sorted(cuts)]
        size = len(versions[rng.integers(len(versions))])
        versions = [v[:size].ljust(size, b"\0") for v in versions]
        edges = range(0, size, SECTOR)
        picks = rng.integers(len(versions), size=len(edges))
        return b"".join(
            versions[pick][edge : edge + SECTOR] for edge, pick in zip(edges, picks, strict=True)
        )

    return survive


def _hole(rng: np.random.Generator) -> Surviving:
    """All came to the disk but one sector, which is as it was."""

    def survive(file: File) -> bytes:
        new = file.content()
        old = file.durable[: len(new)].ljust(len(new), b"\0")
        lost = [i for i in range(0, len(new), SECTOR) if new[i:][:SECTOR] != old[i:][:SECTOR]]
        if not lost:
            return new
        hole = int(rng.choice(lost))
        return new[:hole] + old[hole : hole + SECTOR] + new[hole + SECTOR :]

    return survive
