"""A file that is written section by section is the file that anndata would have written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from tissue import grid, read

from napari_brain_atlas.errors import InputError, WriteError
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.section_writer import Categories, SectionRows, write_sections

GENES = ("Wfs1", "Prox1", "Calb1")
SECTIONS = ("B+0.3", "B-0.1", "B-0.9")
SIZES = (20, 1, 33)


def rows(k: int) -> SectionRows:
    n = SIZES[k]
    rng = np.random.default_rng(k)
    return SectionRows(
        cells=np.array([f"s{k}-{i}" for i in range(n)]),
        obs={
            "section": Categories(np.full(n, k, np.int8), SECTIONS),
            "area": rng.normal(size=n),
            "flag": np.arange(n) % 2 == 0,
        },
        spatial=grid(n).astype(np.float32),
        expression=sparse.csr_matrix(rng.poisson(0.5, (n, 3)).astype(np.float32)),
    )


@pytest.mark.parametrize("suffix", ["h5ad", "zarr"])
def test_it_reads_as_what_was_given(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    write_sections(
        path, (rows(k) for k in range(3)), sum(SIZES), GENES, {"units": "um", "n": {"m": 1}}
    )
    made = read(path)
    assert made.shape == (sum(SIZES), 3)
    assert made.var_names.tolist() == list(GENES)
    given = [rows(k) for k in range(3)]
    assert made.obs_names.tolist() == [c for g in given for c in g.cells]
    assert made.obs.columns.tolist() == ["section", "area", "flag"]
    assert made.obs["section"].tolist() == [SECTIONS[k] for k in range(3) for _ in range(SIZES[k])]
    assert np.array_equal(made.obs["area"], np.concatenate([g.obs["area"] for g in given]))
    assert made.obs["flag"].dtype == bool
    assert np.array_equal(made.obsm["spatial"], np.concatenate([g.spatial for g in given]))
    expected = sparse.vstack([g.expression for g in given]).toarray()
    assert np.array_equal(made.X.toarray(), expected)
    assert made.uns["n"]["m"] == 1
    atlas, _ = read_atlas(path)
    assert [s.name for s in atlas.sections] == list(SECTIONS)
    assert np.array_equal(atlas.measurements.gene("Prox1"), expected[:, 1])


@pytest.mark.parametrize("suffix", ["h5ad", "zarr"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyError("x")])
def test_a_writer_that_fails_leaves_what_was_there(
    suffix: str, error: Exception, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{suffix}"
    write_sections(path, [rows(0)], SIZES[0], GENES, {})

    def failing() -> Iterator[SectionRows]:
        yield rows(1)
        raise error

    with pytest.raises(WriteError if isinstance(error, OSError) else KeyError):
        write_sections(path, failing(), 99, GENES, {})
    assert read(path).n_obs == SIZES[0]
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_nothing_to_write(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there are none to write"):
        write_sections(tmp_path / "a.h5ad", [], 0, GENES, {})
    assert list(tmp_path.iterdir()) == []


def test_another_number_of_cells_than_was_announced(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="hold 20 cells, 21 were announced"):
        write_sections(tmp_path / "a.h5ad", [rows(0)], 21, GENES, {})
    assert list(tmp_path.iterdir()) == []
