"""A nearest-neighbor Leiden and BANKSY on one file, timed; `scale.py` calls it.

Needs an environment with `pybanksy`, `harmonypy`, `leidenalg`, `pynndescent` and `scanpy`,
which the project does not bring; run there::

    python tests/benchmarks/scale_peers.py FILE
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import anndata
import igraph
import leidenalg
import numpy as np
import scanpy as sc
from peer_banksy import components_of
from pynndescent import NNDescent


def clustered(components: np.ndarray, seed: int = 0) -> int:
    """Leiden on the 15 nearest neighbors, found approximately; the number of clusters."""
    near, _ = NNDescent(components, n_neighbors=16, random_state=seed).neighbor_graph
    ends = np.stack([np.repeat(near[:, 0], 15), near[:, 1:].ravel()], 1)
    joined = igraph.Graph(len(components), ends).simplify()
    found = leidenalg.find_partition(
        joined, leidenalg.ModularityVertexPartition, n_iterations=2, seed=seed
    )
    return len(found)


def expression_leiden(data: anndata.AnnData) -> int:
    """What most do first: log-normalised genes, 30 components, neighbors, Leiden."""
    data = data.copy()
    sc.pp.normalize_total(data)
    sc.pp.log1p(data)
    sc.pp.pca(data, n_comps=30)
    return clustered(data.obsm["X_pca"])


def main() -> None:
    data = anndata.read_h5ad(sys.argv[1])
    found: dict[str, Any] = {"cells": data.n_obs}
    # What is compiled at the first call is not timed.
    clustered(np.random.default_rng(0).normal(size=(5_000, 20)).astype(np.float32))
    for name, work in (
        ("kNN-Leiden", lambda: expression_leiden(data)),
        ("BANKSY", lambda: clustered(np.asarray(components_of(data), np.float32))),
    ):
        start = time.perf_counter()
        clusters = work()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found[name] = {
            "seconds": time.perf_counter() - start, "clusters": clusters, "peak MB so far": peak,
        }  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    main()
