"""How hard the phantom brain is, before any method of this package is measured on it.

Two plain methods are asked for its substructures, all animals together:

- composition: k-means on the mixture of cell types among the 50 nearest cells of
  the same section,
- expression: k-means on the first 30 principal components of the
  log-normalized counts, without space.

k is the number of substructures present. A substructure is recovered when one
cluster overlaps it with a Dice coefficient of at least 0.5. By the definition of
the phantom the first recovers 30 to 60 % of them and the second less than 15 %.

Run by itself::

    python tests/benchmarks/phantom_difficulty.py --cells 200000 --json OUT
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD

from napari_brain_atlas.datasets import (
    PHANTOM_VERSION,
    PhantomParameters,
    PhantomSection,
    phantom_sections,
)

NEIGHBORS = 50
COMPONENTS = 30
FITTED = 200_000
"""k-means is fitted on at most so many cells and then places all."""
FEWEST = 50
"""A substructure with fewer cells does not count as present."""
BOUNDS = {"composition": (0.30, 0.60), "expression": (0.0, 0.15), "rare": (200, None)}


@dataclass(frozen=True)
class Difficulty:
    """Shares of substructures recovered, and what they were measured on."""

    cells: int
    seed: int
    null: bool
    version: int
    sections: int
    substructures: int
    structures: int
    composition: float
    expression: float
    fewest_rare_cells: int
    seconds: float

    @property
    def kept(self) -> bool:
        """Whether the phantom is as hard as defined."""
        low, high = BOUNDS["composition"]
        return low <= self.composition <= high and self.expression < BOUNDS["expression"][1]


def neighbor_mixture(section: PhantomSection) -> NDArray[np.float32]:
    """Share of each cell type among the nearest cells, (n_cells, n_types)."""
    count = min(NEIGHBORS, section.n_cells)
    _, near = cKDTree(section.xy).query(section.xy, k=count)
    n_types = len(section.cell_type.names)
    flat = section.cell_type.codes[near.reshape(section.n_cells, -1)]
    cells = np.repeat(np.arange(section.n_cells), flat.shape[1])
    counts = np.bincount(cells * n_types + flat.ravel(), minlength=section.n_cells * n_types)
    return (counts.reshape(section.n_cells, n_types) / count).astype(np.float32)


def expression_components(counts: sparse.csr_matrix, seed: int) -> NDArray[np.float32]:
    """First principal components of the log-normalized counts, (n_cells, 30)."""
    totals = np.maximum(np.asarray(counts.sum(1)).ravel(), 1)
    scaled = sparse.diags(np.median(totals) / totals) @ counts
    scaled.data = np.log1p(scaled.data)
    count = min(COMPONENTS, counts.shape[1] - 1)
    return TruncatedSVD(count, random_state=seed).fit_transform(scaled).astype(np.float32)


def cluster(points: NDArray[np.float32], k: int, seed: int) -> NDArray[np.int32]:
    """k-means, fitted on a sample where there are many cells."""
    sample = np.random.default_rng(seed).permutation(len(points))[:FITTED]
    model = KMeans(k, n_init=1, max_iter=60, random_state=seed).fit(points[sample])
    return np.concatenate([model.predict(part) for part in np.array_split(points, 20)])


def best_dice(truth: NDArray[np.int16], labels: NDArray[np.int32]) -> dict[int, float]:
    """Dice coefficient of each substructure with the cluster that fits it best."""
    table = sparse.coo_matrix((np.ones(len(truth)), (truth, labels))).toarray()
    sizes = table.sum(1, keepdims=True) + table.sum(0, keepdims=True)
    best = (2 * table / np.maximum(sizes, 1)).max(1)
    return {int(code): float(best[code]) for code in present(truth)}


def present(truth: NDArray[np.int16]) -> NDArray[np.intp]:
    """Substructures with enough cells to be found."""
    return np.flatnonzero(np.bincount(truth) >= FEWEST)


def recovered(dice: dict[int, float]) -> float:
    """Share of the substructures that some cluster overlaps by half."""
    return float(np.mean([value >= 0.5 for value in dice.values()]))


def measure(parameters: PhantomParameters) -> Difficulty:
    """Draw a phantom and let both methods look for its substructures."""
    start = time.perf_counter()
    mixtures, counts, truth, structures, rare = [], [], [], [], {}
    for section in phantom_sections(parameters):
        mixtures.append(neighbor_mixture(section))
        counts.append(section.counts)
        truth.append(section.truth_substructure.codes)
        structures.append(section.truth_structure.codes)
        names = section.truth_substructure.codes[section.rare_domain]
        rare[section.animal] = rare.get(section.animal, 0) + np.bincount(
            names, minlength=len(section.truth_substructure.names)
        )
    codes = np.concatenate(truth)
    k, seed = len(present(codes)), parameters.seed
    space = best_dice(codes, cluster(np.concatenate(mixtures), k, seed))
    genes = best_dice(
        codes, cluster(expression_components(sparse.vstack(counts, "csr"), seed), k, seed)
    )
    return Difficulty(
        cells=parameters.n_cells,
        seed=seed,
        null=parameters.null,
        version=PHANTOM_VERSION,
        sections=len(truth),
        substructures=k,
        structures=len(np.unique(np.concatenate(structures))),
        composition=recovered(space),
        expression=recovered(genes),
        fewest_rare_cells=_fewest_rare(list(rare.values())),
        seconds=round(time.perf_counter() - start, 1),
    )


def _fewest_rare(counts: list[NDArray[np.int64]]) -> int:
    table = np.array(counts)
    planted = table.any(0)
    return int(table[:, planted].min()) if planted.any() else 0


def main(arguments: list[str] | None = None) -> int:
    """Print a table and write the same as JSON; 1 if a bound is not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cells", type=int, default=200_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--null", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    rows: list[dict[str, Any]] = []
    print("     cells  seed  sections  present  composition  expression  rare  seconds  kept")
    for seed in given.seeds:
        found = measure(PhantomParameters(given.cells, seed=seed, null=given.null))
        rows.append({**asdict(found), "kept": found.kept})
        print(
            f"{found.cells:>10,}  {seed:>4}  {found.sections:>8}  {found.substructures:>7}"
            f"  {found.composition:>10.1%}  {found.expression:>10.1%}"
            f"  {found.fewest_rare_cells:>4}  {found.seconds:>7}  {found.kept}",
            flush=True,
        )
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0 if given.null or all(row["kept"] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
