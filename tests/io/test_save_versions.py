"""The original and former versions are kept, and no more of them than was asked for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from curated import columns_of
from tissue import read

from napari_brain_atlas.io import versions as keeping
from napari_brain_atlas.io.save import elements_of, see, versions_in
from napari_brain_atlas.io.save_child import perform
from napari_brain_atlas.io.save_request import SaveRequest

OURS = ("neighborhood", "neighborhood_id", "neighborhood_confidence")


@pytest.fixture
def keep(tmp_path: Path) -> Path:
    return tmp_path / "tissue.nba"


def save(path: Path, keep: Path, seq: int, n: int = 3, **record: Any) -> None:
    columns = columns_of(path, shift=seq, seq=seq, **record)[2]
    perform(SaveRequest(path, path, elements_of(columns), columns.fingerprint, see(path), keep, n))


def test_the_original_and_the_last_three(h5ad: Path, keep: Path) -> None:
    before, contents = h5ad.read_bytes(), {}
    for seq in range(1, 7):
        save(h5ad, keep, seq)
        contents[seq] = h5ad.read_bytes()
        assert h5ad.stat().st_nlink == 1
    assert (keep / "original.h5ad").read_bytes() == before
    kept = versions_in(keep)
    assert [v.seq for v in kept] == [3, 4, 5]
    assert [v.path.read_bytes() for v in kept] == [contents[seq] for seq in (3, 4, 5)]
    assert [v.size for v in kept] == [len(contents[seq]) for seq in (3, 4, 5)]
    assert [v.time for v in kept] == sorted(v.time for v in kept)
    assert read(kept[0].path).obs["neighborhood_id"].iloc[0] == 3
    assert sorted(p.name for p in keep.iterdir()) == ["original.h5ad", "versions"]


def test_a_version_is_the_file_that_was_replaced_and_takes_no_room(h5ad: Path, keep: Path) -> None:
    save(h5ad, keep, 1)
    inode = h5ad.stat().st_ino
    save(h5ad, keep, 2)
    assert versions_in(keep)[0].path.stat().st_ino == inode


def test_where_the_file_system_knows_no_links_versions_are_copies(
    h5ad: Path, keep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: Any) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    before = h5ad.read_bytes()
    save(h5ad, keep, 1)
    first = h5ad.read_bytes()
    save(h5ad, keep, 2)
    assert (keep / "original.h5ad").read_bytes() == before
    assert versions_in(keep)[0].path.read_bytes() == first


def test_fewer_are_kept_when_fewer_are_asked_for(h5ad: Path, keep: Path) -> None:
    for seq in range(1, 5):
        save(h5ad, keep, seq)
    save(h5ad, keep, 5, n=1)
    assert [v.seq for v in versions_in(keep)] == [4]
    save(h5ad, keep, 6, n=0)
    assert versions_in(keep) == ()
    assert (keep / "original.h5ad").exists()


def test_an_original_that_the_user_dropped_does_not_come_back(h5ad: Path, keep: Path) -> None:
    save(h5ad, keep, 1)
    (keep / "original.h5ad").unlink()
    for seq in range(2, 4):
        save(h5ad, keep, seq)
    assert not (keep / "original.h5ad").exists()
    assert [v.seq for v in versions_in(keep)] == [1, 2]


def test_versions_stay_in_order_when_the_clock_goes_back(h5ad: Path, keep: Path) -> None:
    for seq in range(1, 6):
        save(h5ad, keep, seq)
        os.utime(h5ad, (10**9 - seq * 10**6,) * 2)
    assert [v.seq for v in versions_in(keep)] == [2, 3, 4]


def test_a_kill_between_keeping_and_replacing_leaves_a_file_that_can_be_saved(
    h5ad: Path, keep: Path
) -> None:
    """The kept name is a second one of the file that is still there: it is ours."""
    save(h5ad, keep, 1)
    made = keeping.keep_file(h5ad, keep, None, None, 3)
    assert made is not None
    assert h5ad.stat().st_nlink == 2
    save(h5ad, keep, 2)
    assert h5ad.stat().st_nlink == 1
    assert len(versions_in(keep)) == 1


@pytest.mark.parametrize("kind", ["zarr", "zarr3"])
def test_of_a_store_what_was_replaced_is_kept(
    kind: str, tmp_path: Path, keep: Path, _files: dict[str, Path]
) -> None:
    path = Path(shutil.copytree(_files[kind], tmp_path / "tissue.zarr"))
    order = path / "obs" / ("zarr.json" if kind == "zarr3" else ".zattrs")
    before = order.read_bytes()
    ids = {}
    for seq in range(1, 7):
        save(path, keep, seq)
        codes = path / "obs" / "neighborhood_id"
        ids[seq] = {p.name: p.read_bytes() for p in codes.rglob("*") if p.is_file()}
    assert (keep / "original.zarr" / order.relative_to(path)).read_bytes() == before
    assert not (keep / "original.zarr" / "X").exists()
    kept = versions_in(keep)
    assert [v.seq for v in kept] == [3, 4, 5]
    for version in kept:
        found = version.path / "obs" / "neighborhood_id"
        assert {p.name: p.read_bytes() for p in found.rglob("*") if p.is_file()} == ids[
            version.seq
        ]
        assert {p.name for p in (version.path / "obs").iterdir()} >= set(OURS)
