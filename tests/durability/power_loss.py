"""Record, lose power at every boundary, look."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from disk_events import Event
from disk_losses import State, corners, digest, draws
from judge import digest_of_promises, failures
from promises import Moment, moments, split_scenarios
from recorder import FORBIDDEN

HERE = Path(__file__).resolve().parent


class RecordingForbiddenError(Exception):
    """This system does not let a process watch another one."""


def record_scenarios(root: Path) -> dict[str, list[Event]]:
    """What the program does to the disk in each scenario.

    Raises
    ------
    RecordingForbiddenError
    """
    log = root / "log"
    done = subprocess.run(
        [
            sys.executable, "-S", HERE / "recorder.py", root, log,
            sys.executable, "-W", "ignore", HERE / "scenarios.py", root,
        ],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    if done.returncode == FORBIDDEN:
        raise RecordingForbiddenError
    if done.returncode:
        raise AssertionError(done.stderr.decode())
    return split_scenarios(pickle.loads(log.read_bytes()))


@dataclass(slots=True)
class Report:
    """How much was tried, and what was wrong.

    Attributes
    ----------
    prefixes, states, different : int
        Boundaries between events; states that may be left at them; different ones of those
        (with different promises), which were opened.
    losses : list of str
    """

    prefixes: int = 0
    states: int = 0
    different: int = 0
    losses: list[str] = field(default_factory=list)

    def __add__(self, other: Report) -> Report:
        return Report(
            self.prefixes + other.prefixes, self.states + other.states,
            self.different + other.different, self.losses + other.losses,
        )  # fmt: skip

    def __str__(self) -> str:
        return (
            f"{self.prefixes:,} prefixes, {self.states:,} states, {self.different:,} different "
            f"ones opened, {len(self.losses)} losses"
        )


def lose_power(
    events: Sequence[Event],
    folder: Path,
    *,
    n_draws: int,
    seed: int = 0,
    boundaries: int | None = None,
    limit: int | None = None,
    tear_renames: bool = False,
    stop_at: int | None = None,
) -> Report:
    """Lose power at every boundary of a scenario and look at what is left.

    Parameters
    ----------
    events : sequence of Event
        One scenario.
    folder : Path
        Where states are made, one at a time.
    n_draws : int
        Random states at each boundary, beside the six extreme ones.
    boundaries : int, optional
        At how many boundaries, drawn from all; by default at every one.
    limit : int, optional
        How many different states to open, drawn from all; by default every one.
    stop_at : int, optional
        End after so many losses.
    """
    report = Report()
    rng = np.random.default_rng(seed)
    candidates: dict[tuple[int, int], tuple[str, State, Moment]] = {}
    share = 1.0 if boundaries is None else boundaries / len(events)
    for moment in moments(events, tear_renames=tear_renames):
        if rng.random() >= share:
            continue
        report.prefixes += 1
        promised = digest_of_promises(moment.promises)
        for told, left in _states(moment, n_draws, seed):
            report.states += 1
            key = (digest(left), promised)
            candidates.setdefault(key, (told, left, moment))
    order = rng.permutation(len(candidates))[:limit]
    found = list(candidates.values())
    for told, left, moment in (found[i] for i in order):
        report.different += 1
        if wrong := _failures(left, moment, folder):
            before = events[moment.number]
            report.losses.append(
                f"after event {moment.number} ({type(before).__name__} "
                f"{getattr(before, 'path', '')}), {told}: {'; '.join(wrong)}"
            )
        if stop_at is not None and len(report.losses) >= stop_at:
            break
    return report


def _states(moment: Moment, n_draws: int, seed: int) -> Iterator[tuple[str, State]]:
    yield from corners(moment.disk)
    yield from draws(moment.disk, np.random.default_rng([seed, moment.number]), n_draws)


def _failures(left: State, moment: Moment, folder: Path) -> list[str]:
    place = folder / "state"
    place.mkdir(parents=True)
    try:
        return failures(left, moment.promises, place)
    finally:
        shutil.rmtree(place)
