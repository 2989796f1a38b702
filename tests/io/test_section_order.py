"""Sections lie from anterior to posterior, animal by animal."""

from __future__ import annotations

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from tissue import grid, tissue, write

from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.model.atlas import Atlas


def read_sections(tmp_path: Path, names: list[str], **columns: list[object]) -> Atlas:
    """An atlas of eight cells on each section, in the order of the names."""
    n = 8 * len(names)
    per_cell = {k: [v for v in values for _ in range(8)] for k, values in columns.items()}
    obs = pd.DataFrame(
        {"section": [name for name in names for _ in range(8)], **per_cell},
        index=[f"c{i}" for i in range(n)],
    )
    adata = ad.AnnData(obs=obs, obsm={"spatial": np.concatenate([grid(8)] * len(names))})
    return read_atlas(write(adata, tmp_path / "a.h5ad"))[0]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["B-0.04", "B+0.26", "B-0.14"], [0.26, -0.04, -0.14], id="B"),
        pytest.param(["a01_-0.29", "a01_+0.26"], [0.26, -0.29], id="animal and level"),
        pytest.param(["bregma -1.2", "bregma 0.5", "Bregma-0.7"], None, id="one without a sign"),
        pytest.param(["-1.30 mm", "+0.10 mm"], [0.10, -1.30], id="with its unit"),
        pytest.param(["s10", "s9", "s1"], None, id="natural"),
        pytest.param(["Zhuang-ABCA-1.089", "Zhuang-ABCA-1.010"], None, id="Zhuang"),
        pytest.param(["C57BL6J-638850.40", "C57BL6J-638850.05"], None, id="Allen"),
    ],
)
def test_order_by_name(names: list[str], expected: list[float] | None, tmp_path: Path) -> None:
    atlas = read_sections(tmp_path, names)
    positions = [s.position for s in atlas.sections]
    if expected is not None:
        assert positions == expected
    elif names[0].startswith("bregma"):
        assert positions == [-0.7, -1.2, None]
    else:
        assert positions == [None] * len(names)
        assert [s.name for s in atlas.sections] == names[::-1]


def test_order_by_a_column(tmp_path: Path) -> None:
    names = ["a", "b", "c", "d"]
    atlas = read_sections(tmp_path, names, bregma=[-1.0, 0.5, float("nan"), 0.7])
    assert [s.name for s in atlas.sections] == ["d", "b", "a", "c"]
    assert [s.position for s in atlas.sections] == [0.7, 0.5, -1.0, None]


def test_a_z_within_the_section_is_no_position(tmp_path: Path) -> None:
    adata = tissue()
    adata.obs["z"] = np.linspace(0, 10, adata.n_obs)
    atlas, _ = read_atlas(write(adata, tmp_path / "a.h5ad"))
    assert [s.position for s in atlas.sections] == [0.26, -0.04, 0.26, -0.14]


def test_z_in_micrometres_becomes_millimetres(tmp_path: Path) -> None:
    atlas = read_sections(tmp_path, ["a", "b"], z=[100.0, 350.0])
    assert [s.position for s in atlas.sections] == [0.35, 0.1]


def test_a_name_in_two_animals_is_two_sections(tmp_path: Path) -> None:
    atlas = read_sections(
        tmp_path, ["s1", "s1", "s2", "s1"], animal=["m10", "m9", "m9", float("nan")]
    )
    assert [(s.animal, s.name, s.n_cells) for s in atlas.sections] == [
        ("m9", "s1", 8), ("m9", "s2", 8), ("m10", "s1", 8), ("unknown animal", "s1", 8),
    ]  # fmt: skip
    assert atlas.animals == ("m9", "m10", "unknown animal")


@pytest.mark.parametrize("interleaved", [True, False])
def test_cells_keep_the_order_of_the_file_within_their_section(
    interleaved: bool, tmp_path: Path
) -> None:
    adata = tissue(interleaved=interleaved)
    atlas, _ = read_atlas(write(adata, tmp_path / "a.h5ad"))
    assert [s.name for s in atlas.sections] == [
        "m1_B+0.26", "m1_B-0.04", "m2_B+0.26", "m2_B-0.14",
    ]  # fmt: skip
    for section in atlas.sections:
        rows = np.flatnonzero(adata.obs["section"] == section.name)
        assert atlas.file_positions[section.cells].tolist() == rows.tolist()
        assert (section.index, section.n_cells) == (atlas.sections.index(section), len(rows))
    assert sorted(atlas.file_positions.tolist()) == list(range(adata.n_obs))
    np.testing.assert_allclose(atlas.xy, adata.obsm["spatial"][atlas.file_positions])


def test_no_section_column_is_one_section_named_after_the_file(tmp_path: Path) -> None:
    adata = tissue()
    del adata.obs["section"], adata.obs["donor"]
    atlas, layout = read_atlas(write(adata, tmp_path / "my brain.h5ad"))
    assert layout.section is None
    assert [(s.name, s.n_cells) for s in atlas.sections] == [("my brain", adata.n_obs)]
