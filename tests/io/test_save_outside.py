"""Somebody else writes the file while it is open here: noticed, and nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import pytest
import zarr
from curated import columns_of
from tissue import read, write

from napari_brain_atlas.errors import InputError, WriteError
from napari_brain_atlas.io import save_h5ad, save_zarr
from napari_brain_atlas.io.columns import CuratedColumns
from napari_brain_atlas.io.elements import RECORD
from napari_brain_atlas.io.save import elements_of, see
from napari_brain_atlas.io.save_child import perform
from napari_brain_atlas.io.save_request import SaveRequest
from napari_brain_atlas.io.temporaries import held, new_temporary


@pytest.fixture(params=["h5ad", "zarr"])
def file(request: pytest.FixtureRequest, tmp_path: Path, _files: dict[str, Path]) -> Path:
    path = tmp_path / f"tissue.{request.param}"
    kept = _files[request.param]
    shutil.copytree(kept, path) if kept.is_dir() else shutil.copy(kept, path)
    return path


def request_for(path: Path, columns: CuratedColumns, **how: Any) -> SaveRequest:
    given = {"seen": see(path), **how}
    return SaveRequest(path, path, elements_of(columns), columns.fingerprint, **given)


def rewrite(path: Path, adata: Any) -> None:
    """As another program writes a file: away with the old one first."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    write(adata, path)


CHANGES: dict[str, Any] = {
    "reordered": lambda a: a[::-1].copy(),
    "filtered": lambda a: a[1:].copy(),
    "renamed": lambda a: _renamed(a),
    "moved": lambda a: _moved(a),
    "on other sections": lambda a: _resectioned(a),
    "without coordinates": lambda a: _bare(a),
}


def _renamed(adata: Any) -> Any:
    adata.obs_names = [f"x{name}" for name in adata.obs_names]
    return adata


def _moved(adata: Any) -> Any:
    adata.obsm["spatial"] = adata.obsm["spatial"] + 1.0
    return adata


def _resectioned(adata: Any) -> Any:
    adata.obs["section"] = adata.obs["section"].to_numpy()[::-1].copy()
    return adata


def _bare(adata: Any) -> Any:
    del adata.obsm["spatial"]
    return adata


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("opened_before", [True, False], ids=["seen", "unseen"])
def test_labels_never_go_to_other_cells(file: Path, change: str, opened_before: bool) -> None:
    request = request_for(file, columns_of(file)[2])
    rewrite(file, CHANGES[change](read(file)))
    if not opened_before:
        request = replace(request, seen=None)
    with pytest.raises(InputError, match="changed or reordered by another program"):
        perform(request)
    assert "neighborhood" not in read(file).obs
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_columns_that_others_added_meanwhile_survive(file: Path) -> None:
    request = request_for(file, columns_of(file)[2])
    adata = read(file)
    adata.obs["added"] = 1
    rewrite(file, adata)
    perform(request)
    assert {"added", "neighborhood"} <= set(read(file).obs.columns)


def saved_by(path: Path, **record: Any) -> None:
    perform(request_for(path, columns_of(path, shift=1, **record)[2]))


def test_a_save_that_ends_just_before_this_one_begins_is_seen(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = request_for(file, columns_of(file, journal="ann", seq=3)[2])
    module = save_h5ad if file.suffix == ".h5ad" else save_zarr
    others: list[dict[str, Any]] = [{"journal": "bob", "seq": 1, "author": "bob"}]

    def after_another(path: Path, temporary: Path) -> Any:
        while others:
            saved_by(file, **others.pop())
        return held(path, temporary)

    monkeypatch.setattr(module, "held", after_another)
    with pytest.raises(InputError, match="bob saved other neighborhoods"):
        perform(request)
    assert json.loads(read(file).uns[RECORD])["author"] == "bob"


@pytest.mark.parametrize(
    ("theirs", "refused"),
    [
        pytest.param({"journal": "bob", "seq": 1, "author": "bob"}, True, id="another curator"),
        pytest.param({"journal": "j", "seq": 4, "author": "ann"}, True, id="another window"),
        pytest.param({"journal": "j", "seq": 3, "author": "ann"}, False, id="the same decisions"),
        pytest.param({"journal": "j", "seq": 2, "author": "ann"}, False, id="an older version"),
        pytest.param({"journal": None, "seq": 0, "author": "bob"}, True, id="discover"),
    ],
)
def test_neighborhoods_that_others_saved_meanwhile(
    file: Path, theirs: dict[str, Any], refused: bool
) -> None:
    saved_by(file)
    request = request_for(file, columns_of(file)[2])
    saved_by(file, **theirs)
    there = read(file).obs["neighborhood_id"].tolist()
    if not refused:
        perform(request)
        assert read(file).obs["neighborhood_id"].tolist() != there
        return
    with pytest.raises(InputError, match=rf"{theirs['author']} saved other neighborhoods") as told:
        perform(request)
    assert "--out" in str(told.value)
    assert read(file).obs["neighborhood_id"].tolist() == there
    # The two ways on that the message names.
    out = file.with_name(f"out{file.suffix}")
    perform(replace(request, target=out))
    perform(replace(request, seen=see(file)))
    assert read(out).obs["neighborhood_id"].tolist() == read(file).obs["neighborhood_id"].tolist()


def test_a_file_put_back_as_it_was_is_saved_again(file: Path) -> None:
    copy = file.with_name(f"copy{file.suffix}")
    shutil.copytree(file, copy) if file.is_dir() else shutil.copy(file, copy)
    columns = columns_of(file)[2]
    seen = perform(request_for(file, columns))
    shutil.rmtree(file) if file.is_dir() else file.unlink()
    copy.rename(file)
    perform(request_for(file, columns, seen=seen))
    assert "neighborhood" in read(file).obs


def add_a_column(path: Path) -> None:
    if path.is_dir():
        zarr.open_group(str(path), mode="r+", use_consolidated=False)["obs"].create_array(
            "late", shape=(60,), dtype="i4"
        )
    else:
        with h5py.File(path, "r+") as root:
            root["obs"].create_dataset("late", data=[1] * 60)


def columns_in(path: Path) -> list[str]:
    if path.is_dir():
        return list(zarr.open_group(str(path), mode="r", use_consolidated=False)["obs"])
    with h5py.File(path, "r") as root:
        return list(root["obs"])


def test_a_change_between_copy_and_replace(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = request_for(file, columns_of(file)[2])
    where = save_zarr if file.is_dir() else save_h5ad

    def passing(point: str) -> None:
        if point == "save.before-replace":
            add_a_column(file)

    monkeypatch.setattr(where, "passing", passing)
    with pytest.raises(InputError, match="while it was being saved; nothing was written"):
        perform(request)
    assert "late" in columns_in(file)
    assert "neighborhood" not in read(file).obs
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_two_saves_at_once(file: Path) -> None:
    request = request_for(file, columns_of(file)[2])
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from napari_brain_atlas.io.temporaries import held, new_temporary\n"
        "path = Path(sys.argv[1])\n"
        "with held(path, new_temporary(path)):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(WriteError, match="is being saved by another window"):
            perform(request)
        other.kill()
    perform(request)
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_hard_links_are_refused(h5ad: Path) -> None:
    other = h5ad.with_name("other.h5ad")
    os.link(h5ad, other)
    before = h5ad.read_bytes()
    with pytest.raises(InputError, match=r"has 1 more name \(hard links\).*--out"):
        perform(request_for(h5ad, columns_of(h5ad)[2]))
    assert h5ad.read_bytes() == other.read_bytes() == before
    perform(replace(request_for(h5ad, columns_of(h5ad)[2]), target=h5ad.with_name("out.h5ad")))
    other.unlink()
    perform(request_for(h5ad, columns_of(h5ad)[2]))
    assert h5ad.stat().st_nlink == 1


def test_a_temporary_that_somebody_writes_is_not_swept(file: Path) -> None:
    temporary = new_temporary(file)
    with pytest.raises(WriteError), held(file, temporary):
        temporary.write_bytes(b"half")
        perform(request_for(file, columns_of(file)[2]))
    assert temporary.exists()
    # Now its lock is gone, and its process is this one.
    temporary.unlink()


def test_a_record_of_a_later_version_is_not_read_as_ours(h5ad: Path) -> None:
    request = request_for(h5ad, columns_of(h5ad)[2])
    saved_by(h5ad)
    with h5py.File(h5ad, "r+") as root:
        said = json.loads(root["uns"][RECORD][()])
        root["uns"][RECORD][...] = json.dumps(said | {"seq": 99})
    with pytest.raises(InputError, match="saved other neighborhoods"):
        perform(request)
