"""How well suggestions agree with expert regions, on the labelled sets.

Merges: the tree is cut into three clusters per region. Of the pairs that touch, those are
right whose two clusters have most of their cells in one region; beside the share of these
(what guessing gives) stand that among the ten best suggestions and the area under the
curve over all pairs. Splits: the tree is cut into half as many clusters as regions; told
is the mean adjusted mutual information between the two parts and the regions inside what
is split, beside that of a random plane through the neighborhood with parts as large.
Cells whose region is "Unknown" are left out.

Run by itself::

    python tests/benchmarks/suggestions.py [--json OUT] [--data FOLDER] [--sets NAME,…]
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anndata
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score, roc_auc_score

from napari_brain_atlas.compute import clustering, suggestions
from napari_brain_atlas.compute.borders import borders_of
from napari_brain_atlas.compute.resolve import resolve
from napari_brain_atlas.compute.suggestions import rank_merges, rank_splits
from napari_brain_atlas.compute.sums import gather
from napari_brain_atlas.compute.tree_groups import TreeGroups
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.workflow.embedding import Grown, grow

DEFAULT_DATA = Path(__file__).parents[3] / "shared" / "data"
SETS = {
    "mpfc": "starmap_mpfc",
    "osmfish": "osmfish_ssp",
    "hypothalamus": "merfish_hypo_animal1",
    "well11": "starmap_plus_well11_types",
}
UNKNOWN = ("Unknown", "nan", "")
REGION = "region"
BEST = 10


@dataclass(frozen=True)
class Tissue:
    """A set with its tree and the regions of its cells."""

    atlas: Atlas
    grown: Grown
    region: NDArray[Any]

    @property
    def known(self) -> NDArray[np.bool_]:
        return ~np.isin(self.region, UNKNOWN)

    def cut_into(self, about: int) -> NDArray[np.int64]:
        tree = self.grown.hierarchy
        parameters = replace(clustering.default_parameters(tree), method="level", about=about)
        found = clustering.cut(tree, parameters)
        neighbors = self.grown.neighbors
        return resolve(self.atlas, tree, found, neighbors=neighbors).owner.astype(np.int64)


def tissue_of(path: Path) -> Tissue:
    atlas, _ = read_atlas(path)
    obs = anndata.read_h5ad(path, backed="r").obs
    region = obs[REGION].astype(str).to_numpy()[atlas.file_positions]
    return Tissue(atlas, grow(atlas, None), region)


def merges(tissue: Tissue) -> dict[str, float]:
    n_regions = len(set(tissue.region[tissue.known]))
    codes = tissue.cut_into(3 * n_regions)
    n = int(codes.max()) + 1
    majority = majority_of(tissue, codes, n)
    start = time.perf_counter()
    tree = TreeGroups.of(tissue.grown.hierarchy, codes, n)
    cells = gather(tissue.atlas, codes, n, expression=False)
    types = cells.types.sum(axis=1)[:n]
    shares = types / types.sum(axis=1, keepdims=True) if cells.type_names else None
    borders = borders_of(codes, tissue.grown.neighbors, n)
    told = rank_merges(tree, borders, shares, lambda one, other: True)
    took = time.perf_counter() - start
    # All pairs that touch, for the curve: what is not told has a score of 0.
    scores = {(m.one, m.other): m.score for m in told}
    touch = [p for p in borders.touching() if borders.contact(*p) >= suggestions.LEAST_CONTACT]
    pairs = [p for p in touch if min(majority[list(p)]) >= 0]
    right = np.array([majority[a] == majority[b] for a, b in pairs])
    score = np.array([scores.get(p, 0.0) for p in pairs])
    best = np.argsort(-score, kind="stable")[: min(BEST, len(told))]
    return {
        "neighborhoods": n, "pairs": len(pairs), "told": len(told), "seconds": took,
        "by_chance": float(right.mean()), "ten_best": float(right[best].mean()),
        "all_told": float(right[score > 0].mean()), "area": float(roc_auc_score(right, score)),
    }  # fmt: skip


def splits(tissue: Tissue) -> dict[str, float]:
    n_regions = len(set(tissue.region[tissue.known]))
    codes = tissue.cut_into(max(n_regions // 2, 2))
    n = int(codes.max()) + 1
    tree = TreeGroups.of(tissue.grown.hierarchy, codes, n)
    told = rank_splits(tree, codes, tissue.grown.neighbors, range(n))
    rng = np.random.default_rng(0)
    found, control = [], []
    for split in told:
        cells = np.flatnonzero((codes == split.group) & tissue.known)
        leaves = tree.under(split.parting.leaves)[tissue.grown.hierarchy.point_of_cell[cells]]
        along = tissue.atlas.xy[cells] @ rng.normal(size=2)
        plane = along < np.quantile(along, leaves.mean())
        for parts, into in ((leaves, found), (plane, control)):
            into.append(adjusted_mutual_info_score(tissue.region[cells], parts))
    return {
        "neighborhoods": n, "told": len(told),
        "information": float(np.mean(found)), "random_plane": float(np.mean(control)),
    }  # fmt: skip


def majority_of(tissue: Tissue, codes: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """The region of most cells of each cluster; -1 where hardly any is known."""
    names, numbers = np.unique(tissue.region, return_inverse=True)
    counts = np.zeros((n, len(names)))
    np.add.at(counts, (codes[tissue.known], numbers[tissue.known]), 1)
    return np.where(counts.sum(axis=1) >= BEST, counts.argmax(axis=1), -1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--sets", default=",".join(SETS))
    arguments = parser.parse_args()
    report = {}
    for name in arguments.sets.split(","):
        tissue = tissue_of(arguments.data / f"{SETS[name]}.h5ad")
        report[name] = {"merges": merges(tissue), "splits": splits(tissue)}
        for kind, figures in report[name].items():
            print(name, kind, {k: round(v, 3) for k, v in figures.items()}, flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
