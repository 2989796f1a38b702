"""How well neighborhoods agree with expert regions, by the real command and several seeds.

Rows: the number of regions given; no number given; and the accuracy that a curator who
may only merge reaches from three clusters per region. Beside them peers at the given
number: k-means on neighbor-averaged principal components, and on the mixture of the given
cell types around each cell. Figures are medians over the seeds; agreement is the adjusted
Rand index per section, averaged over the sections that have regions; cells whose region
is "Unknown" are left out.

Run by itself::

    python tests/benchmarks/quality.py --seeds 5 --json OUT [--data FOLDER] [--sets NAME,…]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score

DEFAULT_DATA = Path(__file__).parents[3] / "shared" / "data"
UNKNOWN = ("Unknown", "nan", "")


@dataclass(frozen=True)
class Labelled:
    """A labelled set and what is asked of it."""

    file: str
    given: float
    left: float
    merged: float


SETS = {
    "mpfc": Labelled("starmap_mpfc", 0.85, 0.65, 0.93),
    "osmfish": Labelled("osmfish_ssp", 0.76, 0.64, 0.91),
    "hypothalamus": Labelled("merfish_hypo_animal1", 0.58, 0.48, 0.82),
    "well11": Labelled("starmap_plus_well11_types", 0.52, 0.42, 0.80),
}


@dataclass(frozen=True)
class Truth:
    """Regions and sections of a file, and the cells that count."""

    region: NDArray[Any]
    section: NDArray[Any]

    @property
    def known(self) -> NDArray[np.bool_]:
        return ~np.isin(self.region, UNKNOWN)

    @property
    def n_regions(self) -> int:
        return len(np.unique(self.region[self.known]))

    def agreement(self, labels: NDArray[Any]) -> float:
        """Adjusted Rand index per section, averaged."""
        known = self.known
        scores = []
        for name in np.unique(self.section[known]):
            here = known & (self.section == name)
            scores.append(adjusted_rand_score(self.region[here], labels[here]))
        return float(np.mean(scores))

    def after_merging(self, labels: NDArray[Any]) -> float:
        """Accuracy if every cluster is given the region of most of its cells."""
        table = pd.crosstab(labels[self.known], self.region[self.known])
        return float(table.max(axis=1).sum() / self.known.sum())


def truth_of(path: Path) -> Truth:
    obs = anndata.read_h5ad(path, backed="r").obs
    return Truth(obs["region"].astype(str).to_numpy(), obs["section"].astype(str).to_numpy())


def discovered(path: Path, folder: Path, seed: int, k: int | None) -> tuple[NDArray[Any], float]:
    """Labels as the command leaves them in a file, and its seconds."""
    out = folder / f"{path.stem}-{seed}-{k}.h5ad"
    command = [sys.executable, "-m", "napari_brain_atlas", "discover", str(path)]
    command += ["--out", str(out), "--seed", str(seed)]
    command += ["--neighborhoods", str(k)] if k else []
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - start
    return anndata.read_h5ad(out, backed="r").obs["neighborhood_id"].to_numpy(), seconds


def measured(path: Path, seeds: int) -> dict[str, Any]:
    truth = truth_of(path)
    k = truth.n_regions
    rows: dict[str, list[float]] = {"given": [], "left": [], "merged": [], "seconds": []}
    found = []
    with tempfile.TemporaryDirectory() as name:
        for seed in range(seeds):
            labels, seconds = discovered(path, Path(name), seed, k)
            rows["given"].append(truth.agreement(labels))
            rows["seconds"].append(seconds)
            left, _ = discovered(path, Path(name), seed, None)
            rows["left"].append(truth.agreement(left))
            found.append(len(np.unique(left)))
            many, _ = discovered(path, Path(name), seed, 3 * k)
            rows["merged"].append(truth.after_merging(many))
    peers = {
        title: statistics.median(truth.agreement(labels) for labels in runs)
        for title, runs in peers_of(path, k, seeds)
    }
    return {"regions": k, "cells": len(truth.region), "found": found, **rows, "peers": peers}


def peers_of(path: Path, k: int, seeds: int) -> Iterator[tuple[str, list[NDArray[Any]]]]:
    data = anndata.read_h5ad(path)
    views: dict[str, NDArray[Any]] = {}
    x = sparse.csr_matrix(data.X).toarray()
    if not (x.sum(axis=1) == 1).all():
        x = np.log1p(x / np.maximum(x.sum(axis=1, keepdims=True), 1) * np.median(x.sum(axis=1)))
        components = PCA(20, random_state=0).fit_transform(x)
        views["averaged PCs"] = np.hstack([averaged(data, components, n) for n in (10, 30)])
    types = pd.get_dummies(data.obs["cell_type"]).to_numpy(float)
    views["type mixture"] = averaged(data, types, 50)
    for title, view in views.items():
        yield title, [KMeans(k, n_init=10, random_state=s).fit_predict(view) for s in range(seeds)]


def averaged(data: anndata.AnnData, values: NDArray[Any], n: int) -> NDArray[Any]:
    """Mean over the nearest cells of the section."""
    xy, out = np.asarray(data.obsm["spatial"])[:, :2], np.zeros(values.shape)
    for rows in data.obs.groupby("section", observed=True).indices.values():
        _, nearest = cKDTree(xy[rows]).query(xy[rows], k=n + 1)
        out[rows] = values[rows][nearest].mean(axis=1)
    return out


def line(name: str, asked: Labelled, result: dict[str, Any]) -> str:
    figures = [
        f"{statistics.median(result[row]):>7.3f} ({getattr(asked, row):.2f})"
        for row in ("given", "left", "merged")
    ]
    peers = ", ".join(f"{title} {score:.3f}" for title, score in result["peers"].items())
    return f"{name:<14}{''.join(figures)}{statistics.median(result['seconds']):>8.1f} s   {peers}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--json", type=Path)
    kept = os.environ.get("NAPARI_BRAIN_ATLAS_DATA", DEFAULT_DATA)
    parser.add_argument("--data", type=Path, default=Path(kept))
    given = parser.parse_args()
    report: dict[str, Any] = {}
    print("medians, asked for in brackets")
    print("               number given   left to it     merged from 3k   time   peers, given")
    for name in given.sets.split(","):
        report[name] = measured(given.data / f"{SETS[name].file}.h5ad", given.seeds)
        print(line(name, SETS[name], report[name]), flush=True)
        if given.json:
            given.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
