"""Saving: the curated columns as the contract says, everything else byte for byte."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import zarr
from curated import NAMES, SHOWN, columns_of
from file_contents import OURS, content, foreign
from tissue import read, tissue, write

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.columns import CuratedColumns, base_from_columns
from napari_brain_atlas.io.save import Seen, elements_of, is_torn, save_columns, see
from napari_brain_atlas.io.save_child import perform
from napari_brain_atlas.io.save_request import SaveRequest
from napari_brain_atlas.model.links import LinkedPair
from napari_brain_atlas.model.proposal import base_to_bytes, base_to_curation, bytes_to_base

KINDS = ("h5ad", "zarr", "zarr3")


@pytest.fixture(params=["h5ad", "zarr3", pytest.param("zarr", marks=pytest.mark.slow)])
def file(request: pytest.FixtureRequest, tmp_path: Path, _files: dict[str, Path]) -> Path:
    path = tmp_path / f"tissue.{request.param.rstrip('3')}"
    kept = _files[request.param]
    shutil.copytree(kept, path) if kept.is_dir() else shutil.copy(kept, path)
    return path


def save(source: Path, target: Path, columns: CuratedColumns) -> Seen:
    """Save in this process, as the one that saves does it, which is quicker to start."""
    request = SaveRequest(
        source.resolve(), target.resolve(), elements_of(columns), columns.fingerprint, see(source)
    )
    return perform(request)


def leftovers(path: Path) -> list[str]:
    return [p.name for p in path.parent.iterdir() if ".nba-tmp-" in p.name]


@pytest.mark.parametrize("file", KINDS, indirect=True)
def test_the_columns_are_as_the_contract_says(file: Path) -> None:
    _, curation, columns = columns_of(file)
    save_columns(file, file, columns)
    saved = read(file)
    ids = [0, *NAMES]
    expected = [ids[row % len(ids)] for row in range(60)]
    names = saved.obs["neighborhood"]
    assert saved.obs.columns[-3:].tolist() == list(OURS)
    assert isinstance(names.dtype, pd.CategoricalDtype)
    assert names.cat.categories.tolist() == SHOWN
    by_id = dict(zip([*NAMES, 0], SHOWN, strict=True))
    assert names.tolist() == [by_id[i] for i in expected]
    assert saved.obs["neighborhood_id"].dtype == np.int32
    assert saved.obs["neighborhood_id"].tolist() == expected
    confidence = saved.obs["neighborhood_confidence"]
    assert confidence.dtype == np.float32
    np.testing.assert_allclose(
        confidence,
        [np.nan if i == 0 else row % 256 / 254 for row, i in enumerate(expected)],
        rtol=1e-6,
    )
    colors = saved.uns["neighborhood_colors"]
    assert colors.tolist() == [*(f"#{i * 20:02x}a0{i:02x}" for i in NAMES), "#808080"]
    record = json.loads(saved.uns["napari_brain_atlas"])
    assert isinstance(saved.uns["napari_brain_atlas"], str)
    assert (record["version"], record["seq"], record["layout"]["unit"]) == (1, 3, "um")
    assert {n["id"]: n["name"] for n in record["neighborhoods"]} == {**NAMES, 30: "empty"}
    assert len(record["save"]) == 32
    assert leftovers(file) == []
    assert curation.next_id == 44


@pytest.mark.parametrize("file", KINDS, indirect=True)
def test_everything_else_is_byte_equal(file: Path) -> None:
    before, plain = foreign(file), read(file)
    save(file, file, columns_of(file)[2])
    save(file, file, columns_of(file, shift=1)[2])
    after = foreign(file)
    assert after.keys() == before.keys()
    for name, value in before.items():
        assert after[name] == value, name
    saved = read(file)
    pd.testing.assert_frame_equal(saved.obs.drop(columns=list(OURS)), plain.obs)
    pd.testing.assert_frame_equal(saved.var, plain.var)
    assert np.array_equal(saved.X.toarray(), plain.X.toarray())
    assert set(saved.uns) == {*plain.uns, "neighborhood_colors", "napari_brain_atlas"}
    assert read_atlas(file)[0].fingerprint == columns_of(file)[0].fingerprint


def test_a_copy_leaves_the_source_as_it_was(file: Path) -> None:
    before = foreign(file), [p.stat().st_mtime_ns for p in [file, *file.rglob("*")]]
    out = file.with_name(f"out{file.suffix}")
    save_columns(file, out, columns_of(file)[2])
    assert (foreign(file), [p.stat().st_mtime_ns for p in [file, *file.rglob("*")]]) == before
    assert "neighborhood" not in read(file).obs
    assert read(out).obs["neighborhood_id"].nunique() == len(NAMES) + 1
    save(file, out, columns_of(file, shift=1)[2])
    assert read(out).obs["neighborhood_id"].iloc[0] == 1
    assert foreign(out) == before[0]


def test_what_was_saved_is_a_base_again(file: Path) -> None:
    atlas, curation, columns = columns_of(file)
    save(file, file, columns)
    saved = read(file)
    order = atlas.file_positions
    base = base_from_columns(
        atlas,
        saved.obs["neighborhood_id"].to_numpy()[order],
        saved.obs["neighborhood_confidence"].to_numpy()[order],
        saved.uns["napari_brain_atlas"],
        {},
    )
    assert base is not None
    assert base.labels.tolist() == curation.owners_of_cells().tolist()
    assert {n.id: n for n in base.neighborhoods} == {
        i: n for i, n in curation.neighborhoods.items() if i
    }
    again = base_to_curation(bytes_to_base(base_to_bytes(base, atlas), atlas), atlas)
    assert (again.links, again.dismissed, again.next_id) == (
        {LinkedPair("must", 2, 30)}, {"merge:2,3"}, 44,
    )  # fmt: skip


@pytest.mark.parametrize(
    "record",
    ["{", "[]", "{}", '{"neighborhoods": [{"id": 0, "name": "x", "color": "#000000"}]}',
     '{"neighborhoods": []}', '{"neighborhoods": [7]}', "links"],
)  # fmt: skip
def test_a_record_that_does_not_fit_is_no_base(h5ad: Path, record: str) -> None:
    atlas, curation, columns = columns_of(h5ad)
    ids = curation.owners_of_cells()
    if record == "links":
        said = json.loads(columns.uns["napari_brain_atlas"])
        assert base_from_columns(atlas, ids, columns.obs[OURS[2]], json.dumps(said), {})
        record = json.dumps({**said, "links": [["must", 2, 31]]})
    assert base_from_columns(atlas, ids, columns.obs[OURS[2]], record, {}) is None


@pytest.mark.filterwarnings("ignore")
def test_scanpy_draws_it(h5ad: Path) -> None:
    import scanpy as sc

    save(h5ad, h5ad, columns_of(h5ad)[2])
    adata = read(h5ad)
    mpl.use("Agg")
    axes = sc.pl.embedding(adata, basis="spatial", color="neighborhood", show=False)
    drawn = {mpl.colors.to_hex(c) for c in axes.collections[0].get_facecolors()}
    assert drawn == set(adata.uns["neighborhood_colors"])
    mpl.pyplot.close("all")


def test_saving_again_and_again_does_not_grow_the_file(tmp_path: Path) -> None:
    path = write(tissue(4000), tmp_path / "a.h5ad")
    made = [columns_of(path, shift)[2] for shift in (0, 1)]
    sizes = []
    for i in range(20):
        save(path, path, made[i % 2])
        sizes.append(path.stat().st_size)
    # The columns alone take 40,000 bytes: they are not there a second time.
    assert sizes[-1] - sizes[0] <= 36_000


def test_saving_twice_is_saving_once(file: Path) -> None:
    save(file, file, columns_of(file)[2])
    first = content(file)
    save(file, file, columns_of(file)[2])
    assert content(file) == first


def test_all_that_is_saved_into_a_store_carries_one_id(
    tmp_path: Path, _files: dict[str, Path]
) -> None:
    for kind in ("zarr", "zarr3"):
        path = Path(shutil.copytree(_files[kind], tmp_path / f"{kind}.zarr"))
        assert not is_torn(path)
        save(path, path, columns_of(path)[2])
        said = json.loads(read(path).uns["napari_brain_atlas"])["save"]
        root = zarr.open_group(str(path), mode="r", use_consolidated=False)
        listed = zarr.open_group(str(path), mode="r", use_consolidated=True)
        for group in (root, listed):
            ids = [group["obs"][name].attrs["napari_brain_atlas_save"] for name in OURS]
            assert {
                *ids,
                group["uns/napari_brain_atlas"].attrs["napari_brain_atlas_save"],
                group["uns/neighborhood_colors"].attrs["napari_brain_atlas_save"],
            } == {said}
        assert not is_torn(path)


def test_only_our_arrays_of_a_store_are_written(tmp_path: Path, _files: dict[str, Path]) -> None:
    path = Path(shutil.copytree(_files["zarr3"], tmp_path / "a.zarr"))
    before = {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in path.rglob("*") if p.is_file()}
    save(path, path, columns_of(path)[2])
    after = {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in path.rglob("*") if p.is_file()}
    changed = [p.relative_to(path).as_posix() for p in before if before[p] != after.get(p)]
    assert sorted(changed) == ["obs/zarr.json", "zarr.json"]
    assert {p.relative_to(path).parts[1] for p in after if p not in before} == {
        *OURS, "neighborhood_colors", "napari_brain_atlas",
    }  # fmt: skip


def test_a_store_without_uns_and_without_a_copy_of_its_metadata(tmp_path: Path) -> None:
    path = write(tissue(), tmp_path / "a.zarr")
    columns = columns_of(path)[2]
    shutil.rmtree(path / "uns")
    (path / ".zmetadata").unlink(missing_ok=True)
    save(path, path, columns)
    assert read(path).uns["neighborhood_colors"].tolist()[-1] == "#808080"
    assert not is_torn(path)


def test_the_users_own_column_is_not_written_over(file: Path, tmp_path: Path) -> None:
    adata = tissue()
    adata.obs["neighborhood"] = "mine"
    path = write(adata, tmp_path / f"theirs{file.suffix}")
    before = foreign(path)
    columns = columns_of(path)[2]
    with pytest.raises(InputError, match=r"obs\['neighborhood'\] was written by another program"):
        save(path, path, columns)
    assert foreign(path) == before
    assert read(path).obs["neighborhood"].unique().tolist() == ["mine"]


def test_a_symlink_stays_one(file: Path) -> None:
    link = file.with_name(f"link{file.suffix}")
    link.symlink_to(file)
    save(link, link, columns_of(link)[2])
    assert link.is_symlink()
    assert "neighborhood" in read(file).obs


def test_permissions_stay(h5ad: Path) -> None:
    h5ad.chmod(0o640)
    save(h5ad, h5ad, columns_of(h5ad)[2])
    assert h5ad.stat().st_mode & 0o777 == 0o640
