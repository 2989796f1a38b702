"""Whether the progress that `discover` tells is true.

Every report is timed. Told for each stage are its seconds, the longest silence, and how far
the share that was told was ahead of, or behind, the share of the stage's time that had
passed. A bar that tells the truth is never silent for long and nowhere far off.

Run by itself::

    python tests/benchmarks/progress.py FILE [--neighborhoods K] [--json OUT]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import groupby, pairwise
from pathlib import Path

from napari_brain_atlas.workflow.discover import DiscoveryParameters, discover


@dataclass(frozen=True)
class Report:
    """What was told, and the second at which."""

    second: float
    stage: str
    share: float


@dataclass(frozen=True)
class Stage:
    """How true the reports of one stage were."""

    name: str
    seconds: float
    silence: float
    ahead: float
    behind: float


def reports_of(file: Path, k: int | None) -> list[Report]:
    told: list[Report] = []
    start = time.perf_counter()

    def progress(message: str, share: float) -> None:
        told.append(Report(time.perf_counter() - start, message, share))

    progress("before the first report", 0.0)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"out{file.suffix}"
        discover(file, out, DiscoveryParameters(n_neighborhoods=k), progress=progress)
        progress("after the last report", 1.0)
    return told


def stages_of(told: list[Report]) -> list[Stage]:
    """One for each run of reports of the same name; it lasts until the next begins."""
    runs = [list(run) for _, run in groupby(told, key=lambda report: report.stage)]
    return [stage(run, later[0].second) for run, later in pairwise(runs)]


def stage(run: list[Report], end: float) -> Stage:
    start = run[0].second
    seconds = [report.second for report in run] + [end]
    whole = max(end - start, 1e-9)
    off = [report.share - (report.second - start) / whole for report in run]
    # Just before a report the bar still shows what was told before.
    stale = [
        earlier.share - (later - start) / whole
        for earlier, later in zip(run, seconds[1:], strict=True)
    ]
    return Stage(
        name=run[0].stage,
        seconds=round(whole, 2),
        silence=round(max(b - a for a, b in pairwise(seconds)), 2),
        ahead=round(max(0.0, *off), 2),
        behind=round(-min(0.0, *stale), 2),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--neighborhoods", type=int)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    stages = stages_of(reports_of(given.file, given.neighborhoods))
    print(f"{'stage':<28}{'seconds':>9}{'silence':>9}{'ahead':>8}{'behind':>8}")
    for s in stages:
        print(f"{s.name:<28}{s.seconds:>9}{s.silence:>9}{s.ahead:>8}{s.behind:>8}")
    if given.json:
        given.json.write_text(json.dumps([asdict(s) for s in stages], indent=1) + "\n")


if __name__ == "__main__":
    main()
