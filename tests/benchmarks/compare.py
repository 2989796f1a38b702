"""How long two states of ten million cells take to be told apart in a curator's words.

Two cases: a state and the one after a few merges, which share their sections,
and two partitions made apart, as two curators have them. Beside them stands
what a notebook does: `pandas.crosstab` of the two columns and scikit-learn's
adjusted Rand index, which name no split, merge or moved boundary.

Run by itself::

    python tests/benchmarks/compare.py --cells 10400000 --json OUT
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from napari_brain_atlas.compute.comparison import compare
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import NOBODY, Neighborhood
from napari_brain_atlas.model.partition import Partition, SectionPartition
from napari_brain_atlas.model.roll import Roll

SECTIONS = 250
ON_A_SECTION = 150


def state(n_cells: int, n_neighborhoods: int, blur: float, seed: int) -> Curation:
    """Neighborhoods side by side on each section; the blur moves cells over their borders."""
    here = min(ON_A_SECTION, n_neighborhoods)
    sections = []
    for index in range(SECTIONS):
        rng = np.random.default_rng(index)
        ids = np.sort(rng.choice(n_neighborhoods, here, replace=False)) + 1
        place = rng.uniform(0, here, n_cells // SECTIONS)
        place += np.random.default_rng(seed + index).normal(0, blur, len(place))
        labels = ids[np.clip(place.astype(int), 0, here - 1)].astype(np.int32)
        sections.append(SectionPartition.of(labels, np.full(len(labels), 255, np.uint8)))
    known = (
        Neighborhood(id=i, name=f"N{i}", color="#102030") for i in range(1, n_neighborhoods + 1)
    )
    return Curation(
        Partition(tuple(sections), n_neighborhoods + 1),
        np.arange(n_neighborhoods + 1, dtype=np.int32),
        np.zeros(n_neighborhoods + 1, bool),
        Roll.of((NOBODY, *known)),
        n_neighborhoods + 1,
    )


def in_a_notebook(before: Curation, after: Curation) -> float:
    """Seconds of the cross table and the index."""
    one, two = before.owners_of_cells(), after.owners_of_cells()
    start = time.perf_counter()
    pd.crosstab(one, two)
    adjusted_rand_score(one, two)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=10_400_000)
    parser.add_argument("--neighborhoods", type=int, default=1300)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    base = state(given.cells, given.neighborhoods, 0.0, 0)
    merged = base.with_owner([5, 6], 4).without([5, 6], 4)
    other = state(given.cells, given.neighborhoods, 0.05, 10_000)
    report: dict[str, Any] = {}
    print(f"{given.cells:,} cells, {given.neighborhoods:,} neighborhoods")
    print("                      differences    seconds   notebook    ratio")
    for name, after in (("after a merge", merged), ("two curators", other)):
        start = time.perf_counter()
        found = compare(base, after)
        ours, theirs = time.perf_counter() - start, in_a_notebook(base, after)
        n = len(found.differences)
        ratio = theirs / ours
        report[name] = {"differences": n, "seconds": ours, "notebook": theirs, "ratio": ratio}
        print(f"{name:<22}{n:>11,}{ours:>11.3f}{theirs:>11.2f}{ratio:>8.1f}x")
    if given.json:
        given.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
