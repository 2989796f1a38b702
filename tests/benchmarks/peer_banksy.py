"""BANKSY on the labelled sets, as its package does it, beside `quality.py`.

Sections lie apart from each other; log-normalised, z-scored genes; lambda 0.8 (its setting for
domains), 15 neighbors, gradient, 20 components, Harmony over sections where there are
several, Leiden at the resolution that gives the number of regions. Figures are medians
over seeds.

Needs an environment with `pybanksy`, `harmonypy` and `leidenalg`, which the project
does not bring; run there::

    python tests/benchmarks/peer_banksy.py --seeds 3 --json OUT [--sets NAME,…] [--every N]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import statistics
import time
from pathlib import Path
from typing import Any

import anndata
import harmonypy
import igraph
import leidenalg
import numpy as np
from banksy.embed_banksy import generate_banksy_matrix
from banksy.initialize_banksy import initialize_banksy
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

DATA = Path(__file__).parents[3] / "shared" / "data"
SETS = {
    "mpfc": "starmap_mpfc", "osmfish": "osmfish_ssp", "hypothalamus": "merfish_hypo_animal1",
    "well11": "starmap_plus_well11_types",
}  # fmt: skip
UNKNOWN = ("Unknown", "nan", "")
LAMBDA, NEIGHBORS, COMPONENTS = 0.8, 15, 20


def components_of(data: anndata.AnnData) -> np.ndarray:
    """What BANKSY clusters, (n_cells, components)."""
    x = sparse.csr_matrix(data.X).toarray().astype(np.float64)
    x = np.log1p(x / np.maximum(x.sum(axis=1, keepdims=True), 1) * np.median(x.sum(axis=1)))
    x = (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-9)
    one = anndata.AnnData(x, obs=data.obs.copy())
    xy = np.asarray(data.obsm["spatial"], float)[:, :2].copy()
    sections = data.obs["section"].astype("category").cat.codes.to_numpy()
    # Side by side, so that no cell has a neighbor on another section.
    xy -= np.stack([xy[sections == s].min(axis=0) for s in range(sections.max() + 1)])[sections]
    xy[:, 0] += sections * 2 * np.ptp(xy[:, 0])
    one.obs["x"], one.obs["y"], one.obsm["xy"] = xy[:, 0], xy[:, 1], xy
    with contextlib.redirect_stdout(io.StringIO()):
        graph = initialize_banksy(
            one, ("x", "y", "xy"), NEIGHBORS, max_m=1,
            plt_edge_hist=False, plt_nbr_weights=False, plt_theta=False,
        )  # fmt: skip
        _, matrix = generate_banksy_matrix(one, graph, [LAMBDA], 1, verbose=False)
    found = PCA(COMPONENTS, random_state=0).fit_transform(np.asarray(matrix.X))
    if sections.max() == 0:
        return found
    mended = harmonypy.run_harmony(
        found, one.obs.assign(section=sections.astype(str)), ["section"]
    )
    fixed = np.asarray(mended.Z_corr)
    return fixed if len(fixed) == len(found) else fixed.T


def clusters(components: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Leiden at the resolution that gives k clusters, or the nearest that 20 trials give."""
    graph = kneighbors_graph(components, 50)
    ends = np.stack(graph.nonzero(), 1)
    joined = igraph.Graph(len(components), ends.tolist()).simplify()
    low, high, best = 0.01, 3.0, None
    for _ in range(20):
        middle = (low + high) / 2
        found = leidenalg.find_partition(
            joined, leidenalg.RBConfigurationVertexPartition,
            resolution_parameter=middle, n_iterations=2, seed=seed,
        )  # fmt: skip
        labels = np.array(found.membership)
        n = labels.max() + 1
        if best is None or abs(n - k) < abs(best[0] - k):
            best = n, labels
        if n == k:
            break
        low, high = (middle, high) if n < k else (low, middle)
    assert best is not None
    return best[1]


def measured(path: Path, seeds: int, every: int) -> dict[str, Any]:
    data = anndata.read_h5ad(path)[::every].copy()
    region = data.obs["region"].astype(str).to_numpy()
    section, known = data.obs["section"].astype(str).to_numpy(), ~np.isin(region, UNKNOWN)
    k, start = len(np.unique(region[known])), time.perf_counter()
    found = components_of(data)
    scores, merged, numbers = [], [], []
    for seed in range(seeds):
        labels = clusters(found, k, seed)
        here = [known & (section == name) for name in np.unique(section[known])]
        scores.append(float(np.mean([adjusted_rand_score(region[h], labels[h]) for h in here])))
        many = clusters(found, 3 * k, seed)
        table = np.zeros((many.max() + 1, k))
        np.add.at(table, (many[known], np.unique(region[known], return_inverse=True)[1]), 1)
        merged.append(float(table.max(axis=1).sum() / known.sum()))
        numbers.append((int(labels.max()) + 1, int(many.max()) + 1))
    return {
        "cells": len(region), "regions": k, "given": statistics.median(scores),
        "merged": statistics.median(merged), "numbers": numbers,
        "seconds": time.perf_counter() - start,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--every", type=int, default=1, help="take every n-th cell only")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = {}
    for name in given.sets.split(","):
        found[name] = measured(given.data / f"{SETS[name]}.h5ad", given.seeds, given.every)
        print(name, found[name], flush=True)
    if given.json:
        given.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
