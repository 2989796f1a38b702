"""How long a hand waits for the cells it has drawn around, among a million of one section.

A lasso of 500 vertices, 500 vertices thrown at random (a polygon that crosses
itself everywhere: the worst there is), a rectangle, a brush and a cut; one core.
Beside it stands what a user of napari has today: the vertices of a Shapes layer
given to scikit-image's `points_in_poly`, which is compiled, or the same rule
written in numpy. How many cells come out otherwise is told as well; the tests
compare with fractions.

Run by itself::

    python tests/benchmarks/choose.py --cells 1000000 --json OUT
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.measure import points_in_poly

from napari_brain_atlas.compute import selecting
from napari_brain_atlas.compute.cell_grid import CellGrid, grid_cells

SPACING = 10.0
"""Of the cells, in µm."""
VERTICES = 500
LIMITS_MS = {"lasso": 100}
Points = NDArray[np.float64]


def outline(size: float, rng: np.random.Generator) -> Points:
    """A lasso as a hand draws it: a bay here and there, and trembling."""
    turns = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    reach = 0.35 * size * (1 + 0.2 * np.sin(7 * turns) + 0.01 * rng.normal(size=VERTICES))
    points: Points = size / 2 + np.stack([reach * np.cos(turns), reach * np.sin(turns)], axis=-1)
    return points.astype(np.float32).astype(np.float64)


def in_numpy(xy: NDArray[np.float32], polygon: Points) -> NDArray[np.bool_]:
    """The even-odd rule, edge by edge over all cells."""
    x, y = xy.T.astype(np.float64)
    odd = np.zeros(len(xy), bool)
    for (ax, ay), (bx, by) in zip(np.roll(polygon, 1, axis=0), polygon, strict=True):
        if ay != by:
            odd ^= ((ay <= y) != (by <= y)) & (ax + (bx - ax) * (y - ay) / (by - ay) > x)
    return odd


def gestures(
    grid: CellGrid, size: float, rng: np.random.Generator
) -> dict[str, tuple[Callable[[], Any], Points | None]]:
    """What is drawn, and its polygon where a peer can be asked for the same."""
    lasso, thrown = outline(size, rng), rng.uniform(0, size, (VERTICES, 2))
    thrown = thrown.astype(np.float32).astype(np.float64)
    everything = np.arange(grid.n_cells, dtype=np.int32)
    low, high = 0.2 * size, 0.8 * size
    box = np.array([(low, low), (high, low), (high, high), (low, high)])
    return {
        "lasso": (lambda: selecting.cells_in_polygon(grid, lasso), lasso),
        "at random": (lambda: selecting.cells_in_polygon(grid, thrown), thrown),
        "rectangle": (lambda: selecting.cells_in_rectangle(grid, box[0], box[2]), box),
        "brush": (lambda: selecting.cells_in_brush(grid, lasso, 30 * SPACING), None),
        "cut": (lambda: selecting.side_of_cut(grid, lasso[:200], everything)[0], None),
    }


def median_ms(call: Callable[[], Any], runs: int) -> tuple[float, float]:
    """Median and 95th percentile."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times), float(np.percentile(times, 95))


def measure(grid: CellGrid, xy: NDArray[np.float32], given: Any) -> dict[str, Any]:
    size, rng = float(xy.max()), np.random.default_rng(given.seed)
    report: dict[str, Any] = {}
    for name, (choose, polygon) in gestures(grid, size, rng).items():
        median, worst = median_ms(choose, given.runs)
        found = np.zeros(len(xy), bool)
        found[choose()] = True
        report[name] = {"ms": median, "p95": worst, "chosen": int(found.sum())}
        if polygon is None:
            continue
        for peer, ask in {
            "scikit-image": lambda p=polygon: points_in_poly(xy, p),
            "numpy": lambda p=polygon: in_numpy(xy, p),
        }.items():
            start = time.perf_counter()
            theirs = ask()
            report[name][peer] = 1e3 * (time.perf_counter() - start)
            report[name][f"{peer} differs"] = int(np.count_nonzero(theirs != found))
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    selecting.warm()
    side = SPACING * given.cells**0.5
    rng = np.random.default_rng(given.seed)
    xy = rng.uniform(0, side, (given.cells, 2)).astype(np.float32)
    report = measure(grid_cells(xy), xy, given)
    print(f"{given.cells:,} cells, {VERTICES} vertices, median of {given.runs}, ms, one core")
    print("              ms     p95   limit     chosen", end="")
    print("   scikit-image   ratio  differ      numpy   ratio  differ")
    for name, row in report.items():
        told = f"{name:<10}{row['ms']:>6.1f}{row['p95']:>8.1f}{LIMITS_MS.get(name, ''):>8}"
        told += f"{row['chosen']:>11,}"
        for peer, width in (("scikit-image", 15), ("numpy", 11)):
            if peer in row:
                row[f"{peer} ratio"] = row[peer] / row["ms"]
                told += f"{row[peer]:>{width},.0f}{row[f'{peer} ratio']:>7.0f}x"
                told += f"{row[f'{peer} differs']:>8}"
        print(told)
    if given.json:
        given.json.write_text(json.dumps({"cells": given.cells, **report}, indent=1))


if __name__ == "__main__":
    main()
