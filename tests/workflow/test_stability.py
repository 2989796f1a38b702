"""How surely neighborhoods come back, against sets of cells written out."""

from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pytest

from napari_brain_atlas.model.commands import Merge
from napari_brain_atlas.model.hierarchy import Hierarchy
from napari_brain_atlas.workflow.document import Document, open_document
from napari_brain_atlas.workflow.embedding import grow
from napari_brain_atlas.workflow.stability import stability


def branches(hierarchy: Hierarchy) -> list[set[int]]:
    """The cells of every node: of the points, then of what each merge makes."""
    cells: list[set[int]] = [set() for _ in hierarchy.weights]
    for cell, point in enumerate(hierarchy.point_of_cell.tolist()):
        cells[point].add(cell)
    for one, other in hierarchy.linkage[:, :2].astype(int).tolist():
        cells.append(cells[one] | cells[other])
    return cells


def test_stability_is_that_of_the_branch_that_is_most_like_it(tissue_file: Path) -> None:
    with open_document(tissue_file) as document:
        found = stability(document)
        hierarchy = grow(document.atlas, document.cache).hierarchy
        curation = document.session.curation
        owned = {i: set(curation.cells_of(i).tolist()) for i in curation.ids.tolist() if i}
    assert set(found) == set(owned) and len(found) > 1
    recurrence = hierarchy.recurrence
    assert recurrence is not None
    for known, cells in owned.items():
        held = [
            len(branch & cells) / len(branch | cells) * recurrence[node]
            for node, branch in enumerate(branches(hierarchy)[:-1])
        ]
        assert found[known] == pytest.approx(max(held))


def test_what_is_merged_at_random_is_less_stable(tissue_file: Path) -> None:
    with open_document(tissue_file) as document:
        before = stability(document)
        one, *_, other = sorted(before, key=lambda i: document.session.curation.n_cells(i))
        document.session.do(Merge(neighborhoods=(one, other), into=other))
        after = stability(document)
    assert set(after) == set(before) - {one}
    unchanged = set(after) - {other}
    assert all(after[i] == before[i] for i in unchanged)
    assert 0 <= after[other] <= 1


def test_without_anything_to_grow_a_tree_from_nothing_is_told(
    tissue_file: Path, tmp_path: Path
) -> None:
    data = anndata.read_h5ad(tissue_file)
    data.X = np.zeros(data.shape, np.float32)
    del data.obs["cell_type"]
    data.uns = {}
    bare = tmp_path / "bare.h5ad"
    data.write_h5ad(bare)
    with open_document(bare) as document:
        assert isinstance(document, Document)
        assert stability(document) == {}
