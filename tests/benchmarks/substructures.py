"""How many hidden substructures of a phantom brain are found, beside plain k-means of types.

A phantom brain's reference column knows only the coarse level. A substructure is found
when one neighborhood overlaps it with a Dice coefficient of at least 0.5 within at least
``--animals`` of the animals; the neighborhood is the one that fits it best over all of
them. Rows: ``discover`` with the number of substructures given; ``discover`` left to
itself; k-means, with the same number, of the mixture of cell types among the 50 nearest
cells (on raw shares, and on their square roots), fitted on 200,000 cells.

Claimed is what ``report`` claims: a part of a region of the reference that comes back where
half of the tissue is left out, and whose own cells are distinct. On a brain made with
``--null`` each claim is false. How many come back, distinct or not, is told beside it.

Run by itself::

    python tests/benchmarks/substructures.py --cells 2000000 --json OUT [--null] [--keep DIR]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from sklearn.cluster import KMeans

from napari_brain_atlas.compute.sums import animal_of_sections
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.workflow.document import open_document
from napari_brain_atlas.workflow.novelty_report import novelty_report
from napari_brain_atlas.workflow.stability import stability

NEIGHBORS = 50
FITTED = 200_000
FEWEST = 50
"""A substructure with fewer cells does not count as present."""
ENOUGH_DICE = 0.5


@dataclass(frozen=True)
class Brain:
    """A phantom brain and what is true of it, in the order of the atlas."""

    path: Path
    atlas: Atlas
    truth: NDArray[np.int64]
    animal: NDArray[np.int64]
    rare: NDArray[np.int64]

    @property
    def present(self) -> NDArray[np.intp]:
        return np.flatnonzero(np.bincount(self.truth) >= FEWEST)


@dataclass(frozen=True)
class Found:
    """What one way found."""

    way: str
    groups: int
    together: int
    animals: int
    rare: int
    rare_of: int
    seconds: float


def brain_of(path: Path) -> Brain:
    atlas, _ = read_atlas(path)
    truth = atlas.measurements.column("truth_substructure").codes.astype(np.int64)
    animal = np.repeat(animal_of_sections(atlas), [s.n_cells for s in atlas.sections])
    column = atlas.measurements.column("rare_domain")
    planted = column.codes == [str(n) for n in column.names].index("True")
    rare = np.unique(truth[planted]) if planted.any() else np.zeros(0, np.int64)
    return Brain(path, atlas, truth, animal, rare)


def found_by(way: str, brain: Brain, labels: NDArray[Any], seconds: float, enough: int) -> Found:
    """Substructures that a partition has, over all animals together and in enough of them."""
    n, t, a = int(labels.max()) + 1, int(brain.truth.max()) + 1, int(brain.animal.max()) + 1
    met = (brain.animal * t + brain.truth) * n + labels
    table = np.bincount(met, minlength=a * t * n).reshape(a, t, n)
    whole = dice(table.sum(axis=0))
    best = whole.argmax(axis=1)
    each = np.stack([dice(part)[np.arange(t), best] for part in table])
    stands = (each >= ENOUGH_DICE).sum(axis=0) >= enough
    return Found(
        way=way,
        groups=len(np.unique(labels)),
        together=int((whole.max(axis=1) >= ENOUGH_DICE)[brain.present].sum()),
        animals=int(stands[brain.present].sum()),
        rare=int(stands[brain.rare].sum()),
        rare_of=len(brain.rare),
        seconds=round(seconds, 1),
    )


def dice(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Dice coefficients of rows with columns."""
    sizes = table.sum(axis=1, keepdims=True) + table.sum(axis=0, keepdims=True)
    return np.asarray(2 * table / np.maximum(sizes, 1))


def discovered(brain: Brain, out: Path, k: int | None) -> tuple[NDArray[np.int64], float]:
    """Labels that the real command leaves, and its seconds."""
    command = [sys.executable, "-m", "napari_brain_atlas", "discover", str(brain.path)]
    command += ["--out", str(out), *(["--neighborhoods", str(k)] if k else [])]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - start
    with open_document(out) as document:
        return document.session.curation.owners_of_cells().astype(np.int64), seconds


def type_mixture(atlas: Atlas) -> NDArray[np.float32]:
    """Share of each cell type among the nearest cells of the section."""

    column = atlas.measurements.column("cell_type")
    n_types = len(column.names)
    out = np.zeros((atlas.n_cells, n_types), np.float32)
    for section in atlas:
        xy, codes = atlas.xy[section.cells], column.codes[section.cells].astype(np.int64)
        _, near = cKDTree(xy).query(xy, k=min(NEIGHBORS, len(xy)), workers=-1)
        met = np.repeat(np.arange(len(xy)), near.shape[1]) * n_types + codes[near].ravel()
        counts = np.bincount(met, minlength=len(xy) * n_types)
        out[section.cells] = counts.reshape(len(xy), n_types) / near.shape[1]
    return out


def k_means(points: NDArray[np.float32], k: int, seed: int) -> NDArray[np.int64]:
    sample = np.random.default_rng(seed).permutation(len(points))[:FITTED]
    model = KMeans(k, n_init=1, max_iter=60, random_state=seed).fit(points[sample])
    parts = np.array_split(points, max(len(points) // FITTED, 1))
    return np.concatenate([model.predict(part) for part in parts]).astype(np.int64)


def claims(out: Path) -> dict[str, Any]:
    """Parts of regions of the reference, those that come back, and those that are claimed."""
    with open_document(out) as document:
        said = novelty_report(document, "reference_region", stability=stability(document))
    parts = [part for region in said["subdivisions"] for part in region["parts"]]
    threshold = said["parameters"]["claimed_stability"]
    return {
        "dividing": len(parts),
        "threshold": threshold,
        "stable": sum(part["stability"] >= threshold for part in parts),
        "claimed": [part["id"] for part in parts if part["claimed"]],
        "figures": [(part["id"], part["stability"], part["distinctness"]) for part in parts],
    }


def true_claims(brain: Brain, owners: NDArray[np.int64], claimed: list[int]) -> int:
    """Claimed neighborhoods that are a substructure with a Dice coefficient of 0.5."""
    n, t = int(owners.max()) + 1, int(brain.truth.max()) + 1
    table = np.bincount(brain.truth * n + owners, minlength=t * n).reshape(t, n)
    return int((dice(table).max(axis=0)[claimed] >= ENOUGH_DICE).sum()) if claimed else 0


def measured(path: Path, folder: Path, enough: int, seed: int) -> dict[str, Any]:
    brain = brain_of(path)
    k = len(brain.present)
    rows: list[Found] = []
    report: dict[str, Any] = {"cells": brain.atlas.n_cells, "present": k}
    print(f"{brain.atlas.n_cells:,} cells, {k} substructures, found with Dice >= {ENOUGH_DICE}")
    print("way                             groups  together  in animals  rare    seconds")
    for way, given in (("discover, number given", k), ("discover, left to itself", None)):
        out = folder / f"{'given' if given else 'left'}{path.suffix}"
        owners, seconds = discovered(brain, out, given)
        rows.append(told(found_by(way, brain, owners, seconds, enough)))
        claimed = claims(out)
        claimed["true"] = true_claims(brain, owners, claimed["claimed"])
        print(
            f"  {claimed['dividing']} divide a region of the reference; "
            f"{claimed['stable']} come back by {claimed['threshold']}; "
            f"{len(claimed['claimed'])} are claimed, {claimed['true']} of these are substructures",
            flush=True,
        )
        report[way] = claimed
    mixture = type_mixture(brain.atlas)
    for way, points in (("types", mixture), ("roots of types", np.sqrt(mixture))):
        start = time.perf_counter()
        labels = k_means(points, k, seed)
        seconds = time.perf_counter() - start
        rows.append(told(found_by(f"k-means, {way}", brain, labels, seconds, enough)))
    return {**report, "rows": [asdict(row) for row in rows]}


def told(row: Found) -> Found:
    print(
        f"{row.way:<32}{row.groups:>6}{row.together:>10}{row.animals:>12}"
        f"{row.rare:>4}/{row.rare_of}{row.seconds:>10}",
        flush=True,
    )
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cells", type=int, default=2_000_000)
    parser.add_argument("--animals", type=int, default=4, help="in how many it has to stand")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--null", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="where files are left, and found again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"brain-{given.cells}-{given.seed}{'-null' if given.null else ''}.zarr"
        if not path.exists():
            command = [sys.executable, "-m", "napari_brain_atlas", "phantom", str(path)]
            command += ["--cells", str(given.cells), "--seed", str(given.seed), "--animals", "5"]
            subprocess.run(command + (["--null"] if given.null else []), check=True)
        report = measured(path, folder, given.animals, given.seed)
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
