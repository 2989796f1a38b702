"""Power loss at every boundary between two writes, syncs and renames: nothing acknowledged goes.

A kill leaves the page cache alive and proves nothing about fsync. Here all that the
program asks of the disk is recorded, and every state is made that a disk may be left in
that had got only some of it; see `disk_model`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from disk_events import Event, FolderSynced, Opened, Renamed, Synced, Written
from interpreter import snapshot
from power_loss import Report, lose_power
from promises import moments, without

KEPT = ("first", "small", "blobs", "saves", "copies", "zarr", "full", "torn")
Scenarios = dict[str, list[Event]]


@pytest.mark.parametrize("name", KEPT)
def test_the_recorder_missed_nothing(name: str, scenarios: Scenarios, recorded_in: Path) -> None:
    """What the log says was written is what lies on the disk."""
    *_, last = moments(scenarios[name])
    there = snapshot(recorded_in / name).entries
    said = {
        path: content
        for top in {path.split("/")[0] for path in there} | set(last.disk.root.live)
        for path, content in last.disk.tree(top).items()
    }
    assert said == {path: entry and entry[1] for path, entry in there.items()}


@pytest.mark.parametrize("name", KEPT)
def test_power_loss(name: str, scenarios: Scenarios, tmp_path: Path) -> None:
    n_draws, limit = (4, 25) if name == "zarr" else (16, 50)
    report = lose_power(scenarios[name], tmp_path, n_draws=n_draws, boundaries=100, limit=limit)
    print(f"\n{name}: {report}")
    assert not report.losses, told(report)
    assert report.different > 8


def test_power_loss_where_renames_come_apart(scenarios: Scenarios, tmp_path: Path) -> None:
    """Files are only ever replaced, so that not even a torn rename may lose one."""
    for name in ("first", "blobs", "saves", "copies"):
        report = lose_power(
            scenarios[name], tmp_path, n_draws=4, limit=20, tear_renames=True, seed=1
        )
        assert not report.losses, told(report)


@pytest.mark.slow
@pytest.mark.parametrize("name", KEPT)
def test_power_loss_at_length(name: str, scenarios: Scenarios, tmp_path: Path) -> None:
    limit = 400 if name == "zarr" else 1200
    rounds = [
        lose_power(
            scenarios[name], tmp_path, n_draws=40, limit=limit, seed=seed, tear_renames=tear
        )
        for seed, tear in ((2, False), (3, name != "zarr"))
    ]
    total = sum(rounds, Report())
    print(f"\n{name}: {total}")
    assert not total.losses, told(total)


def told(report: Report) -> str:
    return "\n".join([str(report), *report.losses[:10]])


# -- the judge itself ---------------------------------------------------------------------


def test_a_program_that_does_not_sync_is_found_out(scenarios: Scenarios, tmp_path: Path) -> None:
    """The scenario ran with an os.fsync that does nothing."""
    assert not any(isinstance(e, Synced) for e in scenarios["unsynced"])
    assert lose_power(scenarios["unsynced"], tmp_path, n_draws=2, stop_at=1).losses


WITHOUT = {
    "first, journal": ("first", lambda e: e.path.endswith(".jsonl")),
    "first, base": ("first", lambda e: isinstance(e, Synced) and "base-" in e.path),
    "first, folders": ("first", lambda e: isinstance(e, FolderSynced)),
    "small, journal": ("small", lambda e: True),
    "blobs, blobs": ("blobs", lambda e: isinstance(e, Synced) and "blobs/" in e.path),
    "blobs, folders": ("blobs", lambda e: isinstance(e, FolderSynced)),
    "saves, file": ("saves", lambda e: isinstance(e, Synced) and ".nba/" not in e.path),
    "saves, folders": ("saves", lambda e: isinstance(e, FolderSynced)),
    "copies, file": ("copies", lambda e: isinstance(e, Synced) and ".nba/" not in e.path),
    "copies, folders": ("copies", lambda e: isinstance(e, FolderSynced)),
    "zarr, store": ("zarr", lambda e: e.path.startswith(("data.zarr/", ".data.zarr"))),
    "zarr, folders": ("zarr", lambda e: isinstance(e, FolderSynced)),
    "full, journal": ("full", lambda e: True),
    "torn, journal": ("torn", lambda e: True),
}


@pytest.mark.parametrize("case", WITHOUT)
def test_a_sync_that_is_missing_is_found_out(
    case: str, scenarios: Scenarios, tmp_path: Path
) -> None:
    name, syncs = WITHOUT[case]
    events = without(scenarios[name], syncs)
    assert events != scenarios[name]
    assert lose_power(events, tmp_path, n_draws=4, boundaries=200, stop_at=1).losses


@pytest.mark.parametrize("name", ["saves", "blobs", "first"])
def test_a_rename_before_its_sync_is_found_out(
    name: str, scenarios: Scenarios, tmp_path: Path
) -> None:
    """As if every new file had taken its place before it was synced."""
    events = without(scenarios[name], lambda e: _replaces_later(scenarios[name], e))
    assert lose_power(events, tmp_path, n_draws=4, stop_at=1).losses


def _replaces_later(events: list[Event], sync: Event) -> bool:
    renamed = {e.old for e in events if isinstance(e, Renamed)}
    return isinstance(sync, Synced) and sync.path in renamed


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in KEPT if n != "zarr"])
def test_which_single_syncs_matter(name: str, scenarios: Scenarios, tmp_path: Path) -> None:
    """Each sync is left out by itself; those that nobody misses are told."""
    syncs = [e for e in scenarios[name] if isinstance(e, Synced | FolderSynced)]
    missed = []
    for sync in syncs:
        events = without(scenarios[name], lambda e, sync=sync: e is sync)
        if lose_power(events, tmp_path, n_draws=6, stop_at=1).losses:
            missed.append(sync)
    unneeded = [f"{type(s).__name__} {s.path!r}" for s in syncs if s not in missed]
    print(f"\n{name}: {len(missed)} of {len(syncs)} syncs are missed; not: {unneeded}")
    assert missed


def test_the_log_holds_what_the_judge_needs(scenarios: Scenarios) -> None:
    """HDF5 writes below Python, and threads write stores: both must be in the log."""
    written = [e for e in scenarios["saves"] if isinstance(e, Written)]
    assert any(".data.h5ad" in e.path for e in written)
    assert any(e.path.endswith(".jsonl") for e in written)
    opened = [e for e in scenarios["zarr"] if isinstance(e, Opened)]
    assert any(f"neighborhood_id{os.sep}" in e.path for e in opened)
