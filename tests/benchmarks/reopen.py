"""How long a curation of ten million cells takes to open again, and how much memory it keeps.

Two journals are made through the public door and opened again by new processes:

- 1,000 mixed commands: merges, splits of lassos, annotations, groups, locks,
  moved cells, undos;
- 20 whole-brain proposals taken, and 1,000 mixed commands after them.

The time to open is given beyond that of reading the cells alone, which is
measured in the same process. Memory is that of the process that made the
journal, from the kernel: what it held at the end, and at its peak while it
decided. Beside it stands what a notebook would need, which keeps a copy
of the column for each step that it wants to go back to.

Run by itself::

    python tests/benchmarks/reopen.py --cells 10400000 --json OUT
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from big_brain import make_brain, tiles

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.model.cells import encode_cells
from napari_brain_atlas.model.commands import (
    Annotate,
    Command,
    Group,
    Lock,
    Merge,
    Reassign,
    Repartition,
    Split,
    Undo,
    Unlock,
)
from napari_brain_atlas.model.palette import new_color
from napari_brain_atlas.model.proposal import Proposal, ProposedNeighborhood, proposal_to_bytes
from napari_brain_atlas.workflow.document import Document, open_document

MB = 2**20


def proposal_of(document: Document, n: int, seed: int) -> Command:
    """A whole-brain proposal as a clustering would make it, in the archive."""
    atlas = document.atlas
    color = new_color([])
    made = Proposal(
        labels=tiles(atlas, n, seed) - np.int32(1),
        confidence=np.random.default_rng(seed).integers(0, 255, atlas.n_cells, np.uint8),
        neighborhoods=tuple(
            ProposedNeighborhood(name=f"{seed}.{i}", color=color) for i in range(n)
        ),
    )
    return Repartition(blob=document.session.archive.write(proposal_to_bytes(made, atlas)))


def local_edits(document: Document, n: int, seed: int) -> Iterator[Command]:
    """Commands as a curator mixes them, each about the state that it is given."""
    rng = np.random.default_rng(seed)
    atlas, archive = document.atlas, document.session.archive
    for i in range(n):
        curation = document.session.curation
        ids = curation.ids[1:]
        some = [int(k) for k in rng.choice(ids, 3, replace=False)]
        section = atlas.sections[int(rng.integers(len(atlas.sections)))]
        owners = curation.owners_on(section.index)
        here = np.flatnonzero(owners == rng.choice(owners))
        part = np.sort(rng.choice(here, max(1, len(here) // 2), replace=False)) + section.start
        cells = encode_cells(part, atlas, archive)
        kinds: list[Command] = [
            Merge(neighborhoods=tuple(some[:2]), into=some[0]),
            Split(neighborhood=int(owners[part[0] - section.start]), cells=cells),
            Annotate(neighborhood=some[0], name=f"CA{i}", rationale="as in the reference"),
            Reassign(cells=cells, into=some[1]),
            Group(neighborhoods=tuple(some), name=f"group {i}"),
            Lock(neighborhoods=(some[2],)) if i % 2 else Unlock(neighborhoods=(some[2],)),
            Undo(),
        ]
        yield kinds[int(rng.choice(len(kinds), p=[0.2, 0.25, 0.2, 0.15, 0.1, 0.02, 0.08]))]


def make(path: Path, journals: Path, proposals: int, edits: int, n: int) -> dict[str, Any]:
    """Take the proposals, do the edits; what it took."""
    with open_document(path, author="maker", folder=journals) as document:
        opened = resident("VmRSS")
        taking, peaks = [], [0.0]
        for seed in range(1, proposals + 1):
            command = proposal_of(document, n, seed)
            forget_peak()
            start = time.perf_counter()
            document.session.do(command)
            taking.append(time.perf_counter() - start)
            peaks.append(resident("VmHWM"))
        forget_peak()
        done = 0
        while done < edits:
            for command in local_edits(document, edits - done, done):
                try:
                    document.session.do(command)
                except CommandError:
                    continue  # for example, a locked one: a curator would be told, too
                done += 1
        curation = document.session.curation
        return {
            "decisions": document.seq,
            "fragments": curation.partition.n_fragments,
            "neighborhoods": len(curation.neighborhoods) - 1,
            "opened MB": opened,
            "held MB": resident("VmRSS"),
            "peak MB": max(*peaks, resident("VmHWM")),
            "seconds to take a proposal": float(np.median(taking)) if taking else 0.0,
            "notebook MB": document.seq * document.atlas.n_cells * 2 / MB,
            "journal MB": sum(p.stat().st_size for p in journals.rglob("*.jsonl")) / MB,
        }


def reopen(path: Path, journals: Path) -> dict[str, Any]:
    """Seconds to read the cells, and to open the curation."""
    start = time.perf_counter()
    read_atlas(path)
    read = time.perf_counter() - start
    start = time.perf_counter()
    with open_document(path, author="maker", folder=journals) as document:
        opened = time.perf_counter() - start
        return {"read s": read, "open s": opened, "beyond s": opened - read, "seq": document.seq}


def forget_peak() -> None:
    """Begin to count the peak of memory again; making a proposal for the benchmark is not ours."""
    Path("/proc/self/clear_refs").write_text("5")


def resident(name: str) -> float:
    """Megabytes of memory of this process, as the kernel counts them."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def _alone(*arguments: str) -> dict[str, Any]:
    """What a new process says of itself."""
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=10_400_000)
    parser.add_argument("--neighborhoods", type=int, default=1300)
    parser.add_argument("--proposals", type=int, default=20)
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "napari-brain-atlas-benchmark"
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--do", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.do:
        kind, path, journals, *numbers = given.do
        do = make if kind == "make" else reopen
        print(json.dumps(do(Path(path), Path(journals), *map(int, numbers))))
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    path = given.folder / f"brain-{given.cells}-{given.neighborhoods}.h5ad"
    make_brain(path, given.cells, given.neighborhoods)
    report: dict[str, Any] = {"cells": given.cells}
    for proposals in (0, given.proposals):
        journals = given.folder / "reopen.nba"
        shutil.rmtree(journals, ignore_errors=True)
        shutil.copytree(path.with_name(path.name + ".nba"), journals)
        places = (str(path), str(journals))
        numbers = [str(x) for x in (proposals, given.edits, given.neighborhoods)]
        made = _alone("--do", "make", *places, *numbers)
        row = report[f"{proposals} proposals"] = made | _alone("--do", "reopen", *places)
        print(f"{given.cells:,} cells, {proposals} whole-brain proposals, {given.edits} edits")
        for name, value in row.items():
            print(f"  {name:<28}{value:>12,.2f}")
        shutil.rmtree(journals)
    if given.json:
        given.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
