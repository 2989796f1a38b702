"""The model of the disk, on logs of a few lines."""

from __future__ import annotations

import numpy as np
import pytest
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
from disk_losses import SECTOR, corners, draws
from disk_model import Disk, State

START = Snapshot({"a": (1, b"old"), "d": None, "d/b": (2, b"other")})


def disk(*events: Event, tear: bool = False) -> Disk:
    made = Disk(START, tear_renames=tear)
    for number, event in enumerate(events, 1):
        made.take(number, event)
    return made


def possible(made: Disk, path: str) -> set[bytes | None]:
    """What may become of a file; None where it is not there."""
    return {left.get(path) for left in states(made)}


def states(made: Disk) -> list[State]:
    rng = np.random.default_rng(0)
    return [left for _, left in [*corners(made), *draws(made, rng, 200)]]


NEW = (Opened("n", 9, False), Written("n", 9, 0, b"new"))
CASES = {
    "nothing happened": ((), "a", {b"old"}),
    "a write may be lost or torn": (
        (Written("a", 1, 0, b"NEW"),), "a", {b"old", b"Nld", b"NEd", b"NEW"},
    ),
    "a synced write is there": (
        (Written("a", 1, 0, b"NEW"), Synced("a", 1, 2)), "a", {b"NEW"},
    ),
    "a sync covers only what was before it": (
        (Written("a", 1, 0, b"N"), Written("a", 1, 1, b"E"), Synced("a", 1, 2)), "a",
        {b"Nld", b"NEd"},
    ),
    "an extended file may hold zeros": (
        (Written("a", 1, 3, b"er"),), "a", {b"old", b"olde", b"older", b"old\0\0"},
    ),
    "a cut may be lost": ((Sized("a", 1, 1),), "a", {b"old", b"o", b"o\0\0"}),
    "a new file may be missing, empty, zeros, torn or whole": (
        NEW, "n", {None, b"", b"\0\0\0", b"n", b"ne", b"new"},
    ),
    "its sync does not keep its name": ((*NEW, Synced("n", 9, 3)), "n", {None, b"new"}),
    "the sync of the folder does not keep its content": (
        (*NEW, FolderSynced("", 3)), "n", {b"", b"\0\0\0", b"n", b"ne", b"new"},
    ),
    "both keep it": ((*NEW, Synced("n", 9, 3), FolderSynced("", 4)), "n", {b"new"}),
    "the sync of another folder does not": (
        (*NEW, Synced("n", 9, 3), FolderSynced("d", 4)), "n", {None, b"new"},
    ),
    "a replaced file is old or new": (
        (*NEW, Synced("n", 9, 3), Renamed("n", "a")), "a", {b"old", b"new"},
    ),
    "a file that replaces before its sync may be empty": (
        (*NEW, Renamed("n", "a"), FolderSynced("", 4)), "a",
        {b"", b"\0\0\0", b"n", b"ne", b"new"},
    ),
    "a removed file may be there": ((Removed("a"),), "a", {None, b"old"}),
    "a second name may be missing": ((Linked("a", "l"),), "l", {None, b"old"}),
    "files that changed places": (
        (Renamed("a", "d/b", exchanged=True), FolderSynced("", 2)), "a", {b"other"},
    ),
    "a folder that was not synced takes its files along": (
        (FolderMade("m"), Opened("m/n", 9, False), FolderSynced("m", 3)), "m/n", {None, b""},
    ),
    "an inode that is used again is another file": (
        (Removed("a"), Opened("n", 1, False), Written("n", 1, 0, b"N"), Synced("n", 1, 4)),
        "a", {None, b"old"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_may_be_left_of_a_file(case: str) -> None:
    events, path, expected = CASES[case]
    assert possible(disk(*events), path) == expected


def test_a_rename_is_one_step_unless_it_is_torn() -> None:
    def names(tear: bool) -> set[tuple[bool, bool]]:
        made = disk(Renamed("a", "z"), tear=tear)
        return {("a" in left, "z" in left) for left in states(made)}

    assert names(tear=False) == {(True, False), (False, True)}
    assert names(tear=True) == {(True, False), (False, True), (True, True), (False, False)}


def test_sectors_come_in_any_order_and_whole() -> None:
    old, new = b"o" * SECTOR * 3, b"n" * SECTOR * 3
    made = Disk(Snapshot({"a": (1, old)}))
    made.take(1, Written("a", 1, 0, new[:700]))
    made.take(2, Written("a", 1, 700, new[700:]))
    found = possible(made, "a")
    assert old[:SECTOR] + new[SECTOR:] in found
    assert new[:SECTOR] + old[SECTOR : 2 * SECTOR] + new[2 * SECTOR :] in found
    # Later bytes of a sector never without the earlier ones.
    assert not any(f and f[SECTOR:700] == old[SECTOR:700] and f[700:701] == b"n" for f in found)
