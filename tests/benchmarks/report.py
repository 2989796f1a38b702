"""How long the reports take: stats, score and report of a phantom brain.

Neighborhoods are the true substructures, each cut into four strips, so that there
are many and the reference does not know them. Beside stats stands scanpy's
t-test on the same cells, which gives the markers alone; beside score the metrics
of scikit-learn, which give the agreement alone. Nothing stands beside report.

Run by itself::

    python tests/benchmarks/report.py --cells 1000000 --json OUT
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import anndata
import numpy as np
import scanpy
from numpy.typing import NDArray
from sklearn import metrics

from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.folder import folder_of
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.proposal import Base, base_to_bytes
from napari_brain_atlas.workflow.document import open_document
from napari_brain_atlas.workflow.novelty_report import novelty_report
from napari_brain_atlas.workflow.phantom import phantom_parameters, write_phantom
from napari_brain_atlas.workflow.score_report import score
from napari_brain_atlas.workflow.stats_report import stats

FOLDER = Path(gettempdir()) / "napari-brain-atlas-benchmark"
STRIPS = 4
REFERENCE = "reference_region"


def make_brain(path: Path, n_cells: int, n_genes: int) -> None:
    """A phantom with its curation folder, unless it is there."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_phantom(path, phantom_parameters(n_cells=n_cells, n_genes=n_genes))
    atlas, layout = read_atlas(path)
    truth = atlas.measurements.column("truth_substructure")
    borders = np.quantile(atlas.xy[:, 0], np.linspace(0, 1, STRIPS + 1)[1:-1])
    labels = (truth.codes * STRIPS + np.digitize(atlas.xy[:, 0], borders) + 1).astype(np.int32)
    known = tuple(
        Neighborhood(id=i, name=f"N{i}", color="#102030") for i in np.unique(labels).tolist()
    )
    confidence = np.full(len(labels), 230, np.uint8)
    base = Base(labels, confidence, known, evidence={}, layout=layout.as_record())
    folder = folder_of(path)
    folder.path.mkdir(exist_ok=True)
    folder.write_base(base_to_bytes(base, atlas))


def with_scanpy(path: Path, labels: NDArray[np.int32]) -> None:
    """Markers of all neighborhoods by scanpy's t-test."""
    data = anndata.read_h5ad(path)
    scanpy.pp.normalize_total(data)
    scanpy.pp.log1p(data)
    data.obs["n"] = labels.astype(str)
    data.obs["n"] = data.obs["n"].astype("category")
    # It refuses groups of a single cell.
    sizes = data.obs["n"].value_counts()
    groups = list(sizes[sizes > 1].index)
    scanpy.tl.rank_genes_groups(data, "n", groups=groups, method="t-test", n_genes=10)


def with_scikit_learn(labels: NDArray[np.int32], truth: NDArray[np.int32]) -> None:
    """Agreement by the metrics of scikit-learn, but for AMI, which takes it minutes and more."""
    for measure in (
        metrics.adjusted_rand_score, metrics.normalized_mutual_info_score,
        metrics.homogeneity_score, metrics.completeness_score,
    ):  # fmt: skip
        measure(truth, labels)


def timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--genes", type=int, default=100)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    path = FOLDER / f"reports-{given.cells}-{given.genes}.h5ad"
    make_brain(path, given.cells, given.genes)
    with open_document(path) as document:
        atlas = document.atlas
        labels = document.session.curation.owners_of_cells()
        ours = {
            "stats": lambda: stats(document),
            "score": lambda: score(document, REFERENCE),
            "report": lambda: novelty_report(document, REFERENCE),
        }
        in_file = np.empty_like(labels)
        in_file[atlas.file_positions] = labels
        truth = atlas.measurements.column(REFERENCE).codes
        peers = {
            "stats": ("scanpy t-test", lambda: with_scanpy(path, in_file)),
            "score": ("scikit-learn", lambda: with_scikit_learn(labels, truth)),
        }
        n = len(document.session.curation.neighborhoods) - 1
        print(f"{atlas.n_cells:,} cells, {len(atlas.genes)} genes, {n:,} neighborhoods")
        print("              seconds    peer s    ratio")
        told: dict[str, Any] = {"cells": atlas.n_cells, "neighborhoods": n}
        for name, work in ours.items():
            told[name] = {"seconds": timed(work)}
            line = f"{name:<12}{told[name]['seconds']:>9.1f}"
            if name in peers and not given.no_peers:
                peer, theirs = peers[name][0], timed(peers[name][1])
                ratio = theirs / told[name]["seconds"]
                told[name] |= {"peer": peer, "peer_seconds": theirs, "ratio": ratio}
                line += f"{theirs:>10.1f}{ratio:>8.1f}x  ({peer})"
            print(line, flush=True)
    told["peak_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {told['peak_gb']:.1f} GB, the peers' included")
    if given.json:
        given.json.write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
