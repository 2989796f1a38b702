from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pytest

from napari_brain_atlas.datasets import PhantomParameters, phantom_sections
from napari_brain_atlas.errors import InputError
from napari_brain_atlas.model.commands import Split
from napari_brain_atlas.workflow.document import open_document
from napari_brain_atlas.workflow.phantom import write_phantom

SMALL = PhantomParameters(n_cells=400, n_sections=2, n_genes=12, seed=3)


@pytest.mark.parametrize("ending", [".h5ad", ".zarr"])
def test_the_file_holds_what_the_generator_draws(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"brain{ending}"
    write_phantom(path, SMALL)
    read = anndata.read_h5ad(path) if ending == ".h5ad" else anndata.read_zarr(path)
    drawn = list(phantom_sections(SMALL))
    assert read.shape == (400, 12)
    assert list(read.obs_names) == [c for s in drawn for c in s.cells.tolist()]
    counts = np.concatenate([s.counts.toarray() for s in drawn])
    np.testing.assert_array_equal(read.X.toarray(), counts)
    np.testing.assert_array_equal(read.obsm["spatial"], np.concatenate([s.xy for s in drawn]))
    for column in ("cell_type", "truth_substructure", "reference_region"):
        labels = [getattr(s, column) for s in drawn]
        names = [n for v in labels for n in np.array(v.names, object)[v.codes]]
        assert read.obs[column].tolist() == names
    assert read.obs["section"].nunique() == 4
    assert read.obs["donor"].nunique() == 2
    # Both index arrays of one type: SciPy cannot reverse the rows of others.
    assert read[::-1].copy().X.sum() == counts.sum()


def test_sections_are_in_order_from_front_to_back(tmp_path: Path) -> None:
    path = tmp_path / "brain.h5ad"
    write_phantom(path, SMALL)
    with open_document(path) as document:
        for animal in document.atlas.animals:
            positions = [s.position for s in document.atlas.sections if s.animal == animal]
            assert positions == sorted(positions, reverse=True)


def test_a_curated_brain_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "brain.h5ad"
    write_phantom(path, SMALL)
    with open_document(path) as document:
        document.session.do(Split(neighborhood=0, cells=(1,)))
    before = path.read_bytes()
    with pytest.raises(InputError, match="has decisions"):
        write_phantom(path, SMALL)
    assert path.read_bytes() == before
