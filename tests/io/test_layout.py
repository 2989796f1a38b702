"""Finding sections, coordinates and units by the names that the field uses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from tissue import grid, tissue, write

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.layout import ReadOptions, options_of_record


def cells(
    columns: dict[str, Any], obsm: dict[str, Any] | None = None, uns: dict[str, Any] | None = None
) -> Any:
    n = 24
    obs = pd.DataFrame(columns, index=[f"c{i}" for i in range(n)])
    return ad.AnnData(obs=obs, obsm=obsm or {}, uns=uns or {})


XY = grid(24)
UM = {"x": XY[:, 0], "y": XY[:, 1]}
TABLE = pd.DataFrame(XY, columns=["x", "y"], index=[f"c{i}" for i in range(24)])
MM = {"x": XY[:, 0] / 1000, "y": XY[:, 1] / 1000}


CASES = [
    pytest.param(
        cells({"a": 1}, {"spatial": XY}), None,
        ("spatial:0", "spatial:1", None, "um", "told by the spacing"), id="squidpy",
    ),
    pytest.param(
        cells({"a": 1}, {"spatial": TABLE}), None,
        ("spatial:0", "spatial:1", None, "um", "spacing"), id="squidpy with a table",
    ),
    pytest.param(
        cells({**UM, "center_x": 0.0, "center_y": 0.0}, {"spatial": XY, "X_umap": XY * 9}), None,
        ("spatial:0", "spatial:1", None, "um", "spacing"), id="obsm before obs",
    ),
    pytest.param(
        cells({**MM, "brain_section_label": "Zhuang-ABCA-1.089", "donor_label": "Zhuang-ABCA-1"}),
        None, ("x", "y", "brain_section_label", "mm", "ABC Atlas"), id="ABC Atlas",
    ),
    pytest.param(
        cells({"center_x": XY[:, 0], "center_y": XY[:, 1], "fov": 1}), None,
        ("center_x", "center_y", None, "um", "convention"), id="Vizgen",
    ),
    pytest.param(
        cells({"x_centroid": XY[:, 0], "y_centroid": XY[:, 1]}), None,
        ("x_centroid", "y_centroid", None, "um", "convention"), id="Xenium",
    ),
    pytest.param(
        cells({"CenterX_global_px": XY[:, 0], "CenterY_global_px": XY[:, 1]}), None,
        ("CenterX_global_px", "CenterY_global_px", None, "px", "say so"), id="CosMx",
    ),
    pytest.param(
        cells({"px": XY[:, 0], "py": XY[:, 1], **MM}), ReadOptions(x="px", y="py"),
        ("px", "py", None, "um", "spacing"), id="columns that the user names",
    ),
    pytest.param(
        cells({**MM}, {"reg": np.c_[XY[:, 0] * 0, XY]}), ReadOptions(x="reg:1", y="reg:2"),
        ("reg:1", "reg:2", None, "um", "spacing"), id="an array that the user names",
    ),
    pytest.param(
        cells({**MM, "slab": "s"}), ReadOptions(section="slab", unit="mm"),
        ("x", "y", "slab", "mm", "given by the user"), id="section and unit that the user names",
    ),
    pytest.param(
        cells(UM, uns={"units": "image pixels"}), None,
        ("x", "y", None, "px", "uns['units']"), id="pixels in words",
    ),
    pytest.param(
        cells(UM, uns={"unit": "micrometres (pixels x 0.065)"}), None,
        ("x", "y", None, "um", "uns['unit']"), id="micrometres of pixels in words",
    ),
    pytest.param(
        cells(UM, uns={"spatial_unit": "pixels of 0.3 um"}), None,
        ("x", "y", None, "px", "uns['spatial_unit']"), id="pixels of micrometres in words",
    ),
    pytest.param(
        cells(UM, uns={"units": {"x": "mm"}, "spatial": {"mm": 1}}), None,
        ("x", "y", None, "um", "spacing"), id="no words in uns",
    ),
    pytest.param(cells(MM), None, ("x", "y", None, "mm", "spacing"), id="millimetres by spacing"),
    pytest.param(
        cells({"x": XY[:, 0] * 100, "y": XY[:, 1] * 100}), None,
        ("x", "y", None, "px", "give --unit"), id="a spacing that tells nothing",
    ),
    pytest.param(
        cells({"x": XY[:, 0] * 100, "y": XY[:, 1] * 100}), ReadOptions(unit="um"),
        ("x", "y", None, "um", "given by the user"), id="a user is not questioned",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("adata", "options", "expected"), CASES)
def test_what_is_found(
    adata: Any, options: ReadOptions | None, expected: tuple[Any, ...], tmp_path: Path
) -> None:
    atlas, layout = read_atlas(write(adata, tmp_path / "a.h5ad"), options)
    x, y, section, unit, evidence = expected
    assert (layout.x, layout.y, layout.section, layout.unit) == (x, y, section, unit)
    assert evidence in layout.unit_evidence
    assert atlas.unit.to_um == (1000.0 if unit == "mm" else 1.0)
    assert atlas.unit.name == unit
    if unit != "px" and "user" not in evidence:
        np.testing.assert_allclose(atlas.xy, XY, rtol=1e-5)


@pytest.mark.parametrize(
    ("adata", "options", "message"),
    [
        pytest.param(
            cells({**UM, "brain_section_label": "s"}), None, "in mm.*--unit um, mm or px",
            id="ABC Atlas in micrometres",
        ),
        pytest.param(cells(MM, uns={"units": "microns"}), None, "said to be in um", id="microns"),
        pytest.param(cells({"a": 1}), None, "no coordin.*--x and --y.*there are: a", id="none"),
        pytest.param(cells(UM), ReadOptions(x="x"), "give both --x and --y", id="only x"),
        pytest.param(
            cells(UM), ReadOptions(x="x", y="spatial:1"), "no obs column 'spatial:1'", id="no y"
        ),
        pytest.param(
            cells(UM, {"spatial": XY}), ReadOptions(x="spatial:0", y="spatial:2"), "'spatial:2'",
            id="no third column",
        ),
        pytest.param(cells(UM), ReadOptions(section="slab"), "'slab' for the sec", id="section"),
        pytest.param(cells(UM), ReadOptions(animal="who"), "'who' for the animal", id="animal"),
    ],
)  # fmt: skip
def test_what_is_refused(
    adata: Any, options: ReadOptions | None, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        read_atlas(write(adata, tmp_path / "a.h5ad"), options)


def test_a_layout_reads_the_file_in_the_same_way_again(tmp_path: Path) -> None:
    path = write(tissue(), tmp_path / "a.h5ad")
    atlas, layout = read_atlas(path)
    again, same = read_atlas(path, layout.as_options())
    assert (again.fingerprint, again.sections) == (atlas.fingerprint, atlas.sections)
    assert same.as_options() == layout.as_options()
    kept = options_of_record(layout.as_record(), ReadOptions(section="donor", x=None))
    assert (kept.section, kept.x, kept.unit) == ("donor", "spatial:0", "um")
    assert options_of_record({"unknown": 1, "x": None}, ReadOptions()) == ReadOptions()
