"""The main job on real sections: discover, open, merge, split, annotate, save, read."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from napari_brain_atlas.model.commands import Annotate, Merge
from napari_brain_atlas.workflow.discover import DiscoveryParameters, discover
from napari_brain_atlas.workflow.discovery import (
    Scope,
    default_parameters,
    hierarchy_request,
    load_hierarchy,
    prepare_hierarchy,
    propose,
    take,
)
from napari_brain_atlas.workflow.document import Document, open_document
from napari_brain_atlas.workflow.score_report import score

pytestmark = pytest.mark.real

LABELLED = (
    "osmfish_ssp",
    "starmap_mpfc",
    "merfish_hypo_animal1",
    "starmap_plus_well11_types",
)
LARGE = pytest.param("merfish_hypo_36animals_types", marks=pytest.mark.slow)
OURS = {
    "obs/neighborhood",
    "obs/neighborhood_id",
    "obs/neighborhood_confidence",
    "uns/neighborhood_colors",
    "uns/napari_brain_atlas",
}

READ_ELSEWHERE = """
import json, sys, warnings
warnings.simplefilter("ignore")
import anndata, matplotlib
matplotlib.use("Agg")
import scanpy
for line in sys.stdin:
    adata = anndata.read_h5ad(line.strip())
    column = adata.obs["neighborhood"]
    scanpy.pl.embedding(adata, basis="spatial", color="neighborhood", show=False)
    matplotlib.pyplot.close("all")
    drawn = scanpy.pl._tools.scatterplots._get_palette(adata, "neighborhood")
    print(json.dumps({
        "counts": column.value_counts().to_dict(),
        "names": list(column.cat.categories),
        "colors": list(adata.uns["neighborhood_colors"]),
        "drawn": drawn,
        "ids": adata.obs["neighborhood_id"].tolist(),
    }), flush=True)
"""


@pytest.fixture(scope="module")
def read_elsewhere() -> Iterator[Callable[[Path], dict[str, Any]]]:
    """What plain anndata and scanpy see of a file in a process that knows nothing of ours."""
    with subprocess.Popen(
        [sys.executable, "-c", READ_ELSEWHERE],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdin is not None
        assert other.stdout is not None
        asked, answers = other.stdin, other.stdout

        def read(path: Path) -> dict[str, Any]:
            asked.write(f"{path}\n")
            asked.flush()
            answer = answers.readline()
            assert answer, "it died; what it said stands in the captured stderr"
            return json.loads(answer)

        yield read
        asked.close()


@pytest.fixture(scope="module")
def discovered(
    real_section: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Path], Path]:
    """Copies of a real section whose neighborhoods were left to HDBSCAN, found once."""
    found: dict[str, Path] = {}

    def copy_of(name: str, folder: Path) -> Path:
        if name not in found:
            out = tmp_path_factory.mktemp(name) / f"{name}.h5ad"
            discover(real_section(name), out, DiscoveryParameters())
            found[name] = out
        shutil.copytree(f"{found[name]}.nba", folder / f"{name}.h5ad.nba")
        return Path(shutil.copy(found[name], folder))

    return copy_of


def foreign_elements(path: Path) -> dict[str, tuple[Any, ...]]:
    """Everything in a file that is not ours, byte for byte as it is stored."""
    found: dict[str, tuple[Any, ...]] = {}

    def visit(name: str, element: h5py.Group | h5py.Dataset) -> None:
        if any(name == ours or name.startswith(ours + "/") for ours in OURS):
            return
        attributes = {k: np.asarray(v).tolist() for k, v in element.attrs.items()}
        if name == "obs":
            kept = [c for c in attributes["column-order"] if f"obs/{c}" not in OURS]
            attributes["column-order"] = kept
        content = b""
        if isinstance(element, h5py.Dataset):
            values = np.asarray(element[()])
            text = element.dtype.hasobject
            content = repr(values.tolist()).encode() if text else values.tobytes()
        found[name] = (attributes, str(getattr(element, "dtype", "")), content)

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


def split_inside(document: Document, neighborhood: int) -> str:
    """Split a neighborhood by HDBSCAN inside it, as the window does."""
    scope = Scope((neighborhood,))
    grown = load_hierarchy(document, prepare_hierarchy(hierarchy_request(document, scope)))
    parameters = default_parameters(grown)
    for size in (parameters.min_cluster_size, 60, 30, 15, 8, 5):
        found = propose(document, grown, type(parameters)(size), scope)
        if len(found.neighborhoods) > 1:
            return document.session.do(take(document, found, scope)).sentence
    raise AssertionError("HDBSCAN finds no two clusters inside it")


@pytest.mark.parametrize("name", [*LABELLED, LARGE])
def test_real_sections_in_curated_neighborhoods_out(
    name: str, real_section: Callable[[str], Path], discovered: Callable[[str, Path], Path],
    read_elsewhere: Callable[[Path], dict[str, Any]], tmp_path: Path,
) -> None:  # fmt: skip
    source, out = real_section(name), discovered(name, tmp_path)
    with open_document(out) as document:
        session = document.session
        before = session.curation
        largest = [int(i) for i in before.ids[1:][np.argsort(-before.counts.sum(1)[1:])]]
        kept, gone, parted = largest[1], largest[2], largest[0]
        session.do(Merge(neighborhoods=(kept, gone), into=kept))
        assert split_inside(document, parted).startswith("Split ")
        session.do(
            Annotate(
                neighborhood=kept, name="CA1/CA2 border", full_name="field CA1",
                term_id="UBERON:0003881", dois=("10.1016/j.cell.2020.04.007",), status="reviewed",
            )
        )  # fmt: skip
        document.save()
        assert document.saved
        after = session.curation
        owners = after.owners_of_cells()[document.atlas.atlas_positions]
        sizes = {after.neighborhood(int(i)).name: after.n_cells(int(i)) for i in after.ids}
        colors = {after.neighborhood(int(i)).name: after.neighborhood(int(i)).color
                  for i in after.ids}  # fmt: skip
    seen = read_elsewhere(out)
    assert seen["ids"] == owners.tolist()
    assert seen["counts"] == {name: n for name, n in sizes.items() if n}
    assert dict(zip(seen["names"], seen["colors"], strict=True)) == {
        name: colors[name] for name in seen["names"]
    }
    assert {k: v[:7] for k, v in seen["drawn"].items()} == {
        name: colors[name] for name in seen["names"]
    }
    assert "CA1/CA2 border" in seen["names"]
    assert foreign_elements(out) == foreign_elements(source)
    with open_document(out) as again:
        assert again.seq == 3
        np.testing.assert_array_equal(
            again.session.curation.owners_of_cells(), after.owners_of_cells()
        )


@pytest.mark.parametrize("name", LABELLED)
@pytest.mark.parametrize("given", [True, False], ids=["k given", "k left to HDBSCAN"])
def test_discovered_neighborhoods_follow_the_expert_regions(
    name: str, given: bool, real_section: Callable[[str], Path],
    discovered: Callable[[str, Path], Path], tmp_path: Path,
) -> None:  # fmt: skip
    out = discovered(name, tmp_path)
    regions = {"osmfish_ssp": 11, "starmap_mpfc": 4, "merfish_hypo_animal1": 8}.get(name, 39)
    if given:
        # Over the other ones, as a user would; what was computed for them is used again.
        discover(real_section(name), out, DiscoveryParameters(n_neighborhoods=regions))
    with open_document(out) as document:
        report = score(document, "region")
    # A control without biology, k-means tiles of the coordinates, reaches .07 to .25.
    floor = {"osmfish_ssp": 0.5, "starmap_mpfc": 0.5, "merfish_hypo_animal1": 0.3}.get(name, 0.3)
    reached = report["ari_mean_over_sections"] if given else report["effort"]["oracle_ari"]
    assert reached > floor
    if name == "merfish_hypo_animal1":
        assert report["n_left_out"] == report["n_cells"] - report["n_scored"] > 0
