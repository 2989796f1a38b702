"""What each curation command costs beyond the disk, on a brain of ten million cells.

Every command goes through the public door, `Session.do` of an opened document:
step, journal line, fsync, swap. The time inside fsync is measured apart. Beside
it stands what a curator does in a notebook today: the same change of the
categorical obs column with pandas, after a copy to go back to; that is in
memory only, and gone with the kernel.

Run by itself::

    python tests/benchmarks/curate.py --cells 10400000 --json OUT
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from big_brain import make_brain

from napari_brain_atlas.model.cells import encode_cells
from napari_brain_atlas.model.commands import Annotate, Command, Group, Merge, Split, Undo
from napari_brain_atlas.workflow.document import Document, open_document

SPLIT_CELLS = 50_000
LIMITS_MS = {"merge": 1, "annotate": 1, "group": 1, "split": 10}


class SyncClock:
    """Counts the seconds that this process spends in fsync."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._sync = os.fsync

    def __call__(self, handle: int) -> None:
        start = time.perf_counter()
        self._sync(handle)
        self.seconds += time.perf_counter() - start


@contextmanager
def sync_clock() -> Iterator[SyncClock]:
    clock = SyncClock()
    os.fsync = clock  # type: ignore[assignment]
    try:
        yield clock
    finally:
        os.fsync = clock._sync


def measure(
    document: Document, clock: SyncClock, make: Callable[[int], Callable[[], Command]], runs: int
) -> Any:
    """Milliseconds beyond fsync, and in it, of a command and of its undo."""
    rows = []
    for i in range(runs):
        chosen = make(i)
        for command in (chosen, Undo):
            clock.seconds = 0.0
            start = time.perf_counter()
            one = command()
            document.session.do(one)
            whole = time.perf_counter() - start
            rows.append((one.op == "undo", 1e3 * (whole - clock.seconds), 1e3 * clock.seconds))
    told = {}
    for name, undo in (("do", False), ("undo", True)):
        mine = [row for row in rows if row[0] == undo]
        told[name] = statistics.median(row[1] for row in mine)
        told[f"{name} worst"] = max(row[1] for row in mine)
        told[f"{name} fsync"] = statistics.median(row[2] for row in mine)
    return told


def commands_for(
    document: Document, n: int, seed: int
) -> dict[str, Callable[[int], Callable[[], Command]]]:
    """A maker of each kind of command; what the hand chooses is chosen before the clock runs."""
    rng = np.random.default_rng(seed)
    atlas, archive = document.atlas, document.session.archive
    largest = max(atlas.sections, key=lambda s: s.n_cells)
    mine = np.flatnonzero(document.session.curation.owners_on(largest.index) == 1)
    ids = [rng.choice(np.arange(2, n + 1), 3, replace=False).tolist() for _ in range(500)]

    def split(i: int) -> Callable[[], Command]:
        # A lasso: the cells inside a circle about one of them.
        place = atlas.xy[largest.cells][mine]
        apart = np.linalg.norm(place - place[rng.integers(len(mine))], axis=1)
        nearest = np.argsort(apart)[: min(SPLIT_CELLS, len(mine) - 1)]
        cells = np.sort(mine[nearest]) + largest.start
        return lambda: Split(neighborhood=1, cells=encode_cells(cells, atlas, archive))

    return {
        "merge": lambda i: partial(Merge, neighborhoods=ids[i], into=ids[i][0]),
        "annotate": lambda i: partial(
            Annotate, neighborhood=ids[i][0], name=f"CA{i}", notes="seen"
        ),
        "group": lambda i: partial(Group, neighborhoods=ids[i], name=f"group {i}"),
        "split": split,
    }


def notebook(document: Document, runs: int) -> dict[str, float]:
    """Median milliseconds of the same with pandas, each after a copy to go back to."""
    owners = document.session.curation.owners_of_cells()
    names = [f"tile {i}" for i in range(owners.max() + 1)]
    column = pd.Series(pd.Categorical.from_codes(owners, categories=names))
    cells = np.flatnonzero(owners == 1)[:SPLIT_CELLS]

    def merge() -> None:
        column.copy().cat.remove_unused_categories().where(column != "tile 3", "tile 2")

    def annotate() -> None:
        column.copy().cat.rename_categories({"tile 2": "CA1"})

    def group() -> None:
        column.map({name: "group" if name in names[2:5] else name for name in names})

    def split() -> None:
        changed = column.copy().cat.add_categories(["new"])
        changed.iloc[cells] = "new"

    told = {}
    for name, do in {"merge": merge, "annotate": annotate, "group": group, "split": split}.items():
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            do()
            times.append(1e3 * (time.perf_counter() - start))
        told[name] = statistics.median(times)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=10_400_000)
    parser.add_argument("--neighborhoods", type=int, default=1300)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "napari-brain-atlas-benchmark"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    path = given.folder / f"brain-{given.cells}-{given.neighborhoods}.h5ad"
    make_brain(path, given.cells, given.neighborhoods)
    journals = given.folder / "curate.nba"
    shutil.rmtree(journals, ignore_errors=True)
    shutil.copytree(path.with_name(path.name + ".nba"), journals)
    report: dict[str, Any] = {"cells": given.cells, "neighborhoods": given.neighborhoods}
    with sync_clock() as clock, open_document(path, author="clock", folder=journals) as document:
        for name, make in commands_for(document, given.neighborhoods, given.seed).items():
            before = size_of(journals)
            report[name] = measure(document, clock, make, given.runs)
            report[name]["bytes"] = (size_of(journals) - before) / given.runs
        for name, told in notebook(document, 5).items():
            report[name]["notebook"] = told
    print(
        f"{given.cells:,} cells, {given.neighborhoods:,} neighborhoods, median of {given.runs}, ms"
    )
    print("            beyond fsync   limit    undo   worst   fsync   notebook   ratio   bytes")
    for name, limit in LIMITS_MS.items():
        row = report[name]
        row["ratio"] = row["notebook"] / (row["do"] + row["do fsync"])
        print(
            f"{name:<12}{row['do']:>12.2f}{limit:>8}{row['undo']:>8.2f}{row['do worst']:>8.2f}"
            f"{row['do fsync']:>8.2f}{row['notebook']:>11.1f}{row['ratio']:>7.1f}x"
            f"{row['bytes']:>8,.0f}"
        )
    if given.json:
        given.json.write_text(json.dumps(report, indent=1))


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


if __name__ == "__main__":
    main()
