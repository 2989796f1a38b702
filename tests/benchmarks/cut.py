"""How long a hierarchy of a real embedding takes, and a new cut of it, beside ``hdbscan``.

The embedding is the program's own, of whole sections of a file, in its first principal
components. Beside it in the same run: ``hdbscan`` with its exact tree, whose labels
are compared with those of a cut with the same parameters, ``hdbscan`` with its default,
approximate tree, and ``fast_hdbscan`` where it is installed. Noise counts as a label of
its own in the adjusted Rand index. Many edges are equally long, as one core distance
decides several: a tree may hold any of them, and ``hdbscan`` itself differs when the cells
come in another order, which is a row too. All were called once before on a few cells, so
that none is timed compiling.

Run by itself::

    python tests/benchmarks/cut.py --cells 100000 --json OUT [--file FILE | --embedding NPY]
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import anndata
import numpy as np
from hdbscan import HDBSCAN
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score

from napari_brain_atlas.compute import clustering
from napari_brain_atlas.compute.clustering import build_hierarchy, cut, default_min_cluster_size
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.layout import ReadOptions
from napari_brain_atlas.model.hierarchy import CutParameters, Hierarchy
from napari_brain_atlas.workflow.embedding import embed

MIN_SAMPLES = 10
PROGRAMS = ("ours", "hdbscan, exact", "hdbscan, shuffled", "hdbscan, default", "fast_hdbscan")
DATA = os.environ.get("NAPARI_BRAIN_ATLAS_DATA", Path(__file__).parents[3] / "shared" / "data")
FILE = Path(DATA) / "merfish_hypo_36animals_types.h5ad"


def embedding_of(file: Path, n_cells: int) -> NDArray[np.float32]:
    """Embedding of the first `n_cells` cells of a file, with the sections they are on."""
    data = anndata.read_h5ad(file)
    sections = data.obs["section"].astype(str).to_numpy()
    data = data[np.isin(sections, np.unique(sections[:n_cells]))]
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "part.h5ad"
        data.write_h5ad(part)
        atlas, _ = read_atlas(part, ReadOptions())
        return embed(atlas, None)[:n_cells]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def cuts_in_ms(hierarchy: Hierarchy, size: int) -> list[float]:
    """Milliseconds of cuts with sizes and methods that none had before."""
    taken = []
    for method in ("eom", "leaf", "level"):
        for step in range(12):
            parameters = CutParameters(max(round(size * 1.3 ** (step - 4)), 2), method)
            taken.append(1000 * timed(lambda p=parameters: cut(hierarchy, p))[0])
    return taken


def peer_labels(x: NDArray[np.float64], size: int, exact: bool, folder: str) -> dict[str, Any]:
    """Labels of ``hdbscan`` by method, and the seconds of its first fit; one tree serves both."""
    found: dict[str, Any] = {}
    for method in ("eom", "leaf"):
        model = HDBSCAN(
            min_cluster_size=size,
            min_samples=MIN_SAMPLES,
            cluster_selection_method=method,
            approx_min_span_tree=not exact,
            memory=folder,
        )
        seconds, _ = timed(lambda m=model: m.fit(x))
        found.setdefault("seconds", seconds)
        found[method] = model.labels_
    return found


def fast_labels(x: NDArray[np.float32], size: int) -> dict[str, Any]:
    """Labels of ``fast_hdbscan``, and its seconds."""
    program = importlib.import_module("fast_hdbscan").HDBSCAN
    program(min_cluster_size=20, min_samples=MIN_SAMPLES).fit(x[:2000])
    model = program(min_cluster_size=size, min_samples=MIN_SAMPLES)
    seconds, _ = timed(lambda: model.fit(x))
    return {"seconds": seconds, "eom": model.labels_}


def shuffled_labels(x: NDArray[np.float64], size: int) -> dict[str, Any]:
    """As the exact labels of ``hdbscan``, of the same cells in another order."""
    order = np.random.default_rng(0).permutation(len(x))
    with tempfile.TemporaryDirectory() as folder:
        found = peer_labels(x[order], size, True, folder)
    back = np.argsort(order)
    return {key: row if key == "seconds" else row[back] for key, row in found.items()}


def compare(x: NDArray[np.float32], size: int) -> dict[str, Any]:
    """One row per program."""
    clustering.warm()
    HDBSCAN(min_cluster_size=20, min_samples=MIN_SAMPLES).fit(x[:2000])
    seconds, hierarchy = timed(lambda: build_hierarchy(x, min_samples=MIN_SAMPLES))
    cuts = cuts_in_ms(hierarchy, size)
    ours = {m: cut(hierarchy, CutParameters(size, m)).labels for m in ("eom", "leaf")}
    rows: dict[str, Any] = {"ours": {"seconds": seconds, **ours}}
    wide = x.astype(np.float64)
    if find_spec("fast_hdbscan"):
        rows["fast_hdbscan"] = fast_labels(x, size)
    for name, exact in (("hdbscan, default", False), ("hdbscan, exact", True)):
        with tempfile.TemporaryDirectory() as folder:
            rows[name] = peer_labels(wide, size, exact, folder)
    truth = rows["hdbscan, exact"]
    rows["hdbscan, shuffled"] = shuffled_labels(wide, size)
    report: dict[str, Any] = {
        "cut_ms": {"median": statistics.median(cuts), "largest": max(cuts), "cuts": len(cuts)}
    }
    for name, row in rows.items():
        report[name] = {"seconds": row["seconds"], "ratio": truth["seconds"] / row["seconds"]}
        for method in ("eom", "leaf"):
            if method in row:
                agreement = adjusted_rand_score(truth[method], row[method])
                report[name][method] = {"ari": agreement, "clusters": int(np.max(row[method])) + 1}
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=100_000)
    parser.add_argument("--dimensions", type=int, default=10)
    parser.add_argument("--min-cluster-size", type=int)
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--embedding", type=Path, help="use this (n, d) array instead")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    # scikit-learn announces renamed arguments to hdbscan, which nobody here can heed.
    warnings.simplefilter("ignore", FutureWarning)
    if given.embedding:
        x = np.load(given.embedding, mmap_mode="r")[: given.cells].astype(np.float32)
    else:
        x = embedding_of(given.file, given.cells)
    d = min(given.dimensions, x.shape[1])
    x = PCA(d, random_state=0).fit_transform(x).astype(np.float32)
    size = given.min_cluster_size or default_min_cluster_size(len(x))
    report = {"cells": len(x), "dimensions": d, "min_cluster_size": size} | compare(x, size)
    print(f"{len(x):,} cells, {d} dimensions, clusters of at least {size} cells")
    print("                     seconds     ratio  eom: clusters    ARI  leaf: clusters    ARI")
    for name in filter(report.__contains__, PROGRAMS):
        row = report[name]
        line = f"{name:<18}{row['seconds']:>10.2f}{row['ratio']:>9.1f}x"
        for method, width in (("eom", 15), ("leaf", 16)):
            if method in row:
                line += f"{row[method]['clusters']:>{width}}{row[method]['ari']:>7.3f}"
        print(line)
    cuts = report["cut_ms"]
    print(f"a new cut: {cuts['median']:.0f} ms, at most {cuts['largest']:.0f} ms")
    if given.json:
        given.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
