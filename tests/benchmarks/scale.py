"""What `discover` takes on a whole brain, beside peers on a sample of its sections.

A phantom brain of five animals goes through the real command, from file to file. Whole
sections, spread evenly over it, make samples of 1/50 and less; on these run `discover`
and, in an environment that has them, a nearest-neighbor Leiden and BANKSY
(`scale_peers.py`). Told are seconds, peak memory, microseconds per cell, and the exponent
with which the seconds grow with the cells, fitted over all sizes that were run.

Run by itself::

    python tests/benchmarks/scale.py --cells 10400000 --peers PYTHON --json OUT [--keep DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
from scipy import sparse

from napari_brain_atlas.io.anndata_io import read_atlas

SAMPLES = (800, 200, 50)
"""One section in so many."""
LIMITS = {"seconds": 20 * 60, "MB": 12 * 1024}


def timed(command: Sequence[str]) -> tuple[dict[str, float], str]:
    """Seconds and peak MB of a command, and what it printed."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert child.stdout is not None
    printed = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "peak MB": usage.ru_maxrss / 1024}, printed


def discover(path: Path, out: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "napari_brain_atlas", "discover", str(path)]
    return timed([*command, "--out", str(out)])[0]


def sampled(brain: Path, one_in: int, out: Path) -> int:
    """Write every so-manieth section of a brain as a file of its own; its cells."""
    atlas, _ = read_atlas(brain)
    sections = atlas.sections[:: max(one_in, 1)]
    rows = [np.arange(s.start, s.stop) for s in sections]
    x = sparse.vstack([sparse.csr_matrix(atlas.measurements.expression(s)) for s in sections])
    column = atlas.measurements.column("cell_type")
    cells = np.concatenate(rows)
    obs = pd.DataFrame(
        {
            "animal": np.repeat([s.animal for s in sections], [s.n_cells for s in sections]),
            "section": np.repeat([s.name for s in sections], [s.n_cells for s in sections]),
            "cell_type": np.asarray(column.names, object)[column.codes[cells]],
        },
        index=[f"c{i}" for i in cells],
    )
    data = anndata.AnnData(x.tocsr(), obs=obs, var=pd.DataFrame(index=list(atlas.genes)))
    data.obsm["spatial"] = atlas.xy[cells]
    data.write_h5ad(out)
    return len(cells)


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Slope of the logarithms: 1 is twice the time for twice the cells."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0]) if len(sizes) > 1 else np.nan


def measured(brain: Path, folder: Path, peers: Path | None) -> dict[str, Any]:
    runs: dict[str, list[tuple[int, float]]] = {"discover": []}
    report: dict[str, Any] = {"samples": {}}
    here = str(Path(__file__).with_name("scale_peers.py"))
    for one_in in SAMPLES:
        path = folder / f"sample-{one_in}.h5ad"
        n = sampled(brain, one_in, path)
        found: dict[str, Any] = {"cells": n, "discover": discover(path, folder / "found.h5ad")}
        runs["discover"].append((n, found["discover"]["seconds"]))
        if peers:
            told = json.loads(timed([str(peers), here, str(path)])[1].splitlines()[-1])
            for name in ("kNN-Leiden", "BANKSY"):
                found[name] = told[name]
                runs.setdefault(name, []).append((n, told[name]["seconds"]))
        report["samples"][one_in] = found
        for name in runs:
            row(name, n, found[name]["seconds"])
        (folder / "found.h5ad").unlink()
        subprocess.run(["rm", "-rf", str(folder / "found.h5ad.nba")], check=True)
    out = folder / "found.zarr"
    whole = discover(brain, out)
    n = read_atlas(brain)[0].n_cells
    row("discover", n, whole["seconds"], f"peak {whole['peak MB']:,.0f} MB")
    runs["discover"].append((n, whole["seconds"]))
    report |= {"cells": n, "discover": whole, "limits": LIMITS, "growth": {}}
    for name, points in runs.items():
        report["growth"][name] = exponent(*zip(*points, strict=True))
        print(f"{name}: seconds grow with the cells to the power {report['growth'][name]:.2f}")
    return report


def row(name: str, n: int, seconds: float, more: str = "") -> None:
    print(
        f"{name:<12}{n:>12,} cells{seconds:>9.1f} s{1e6 * seconds / n:>9.1f} µs a cell  {more}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cells", type=int, default=10_400_000)
    parser.add_argument("--genes", type=int, default=120)
    parser.add_argument("--peers", type=Path, metavar="PYTHON", help="where the peers are")
    parser.add_argument("--brain", type=Path, help="a phantom brain that is there already")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        brain = given.brain or folder / "brain.zarr"
        if not brain.exists():
            command = [sys.executable, "-m", "napari_brain_atlas", "phantom", str(brain)]
            command += ["--cells", str(given.cells), "--genes", str(given.genes)]
            subprocess.run([*command, "--animals", "5"], check=True)
        report = measured(brain, folder, given.peers)
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
