"""The cache: dropping any of it costs time, never a result."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_brain_atlas.io import durable
from napari_brain_atlas.io.cache import Cache

ARRAYS = {"a": np.arange(1000, dtype=np.int64), "b": np.eye(3, dtype=np.float32)}


def keep(cache: Cache, key: str, age: int) -> None:
    assert cache.put(key, ARRAYS)
    os.utime(cache.folder / f"{key}.npz", (1000 - age, 1000 - age))


def test_what_is_kept_is_found(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert (cache.get("x"), cache.entries()) == (None, [])
    assert cache.put("x", ARRAYS)
    found = cache.get("x")
    assert found is not None
    assert set(found) == {"a", "b"}
    for name, array in ARRAYS.items():
        assert np.array_equal(found[name], array)
        assert found[name].dtype == array.dtype
    assert [key for key, _ in cache.entries()] == ["x"]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.99])
def test_a_damaged_entry_counts_as_missing(share: float, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("x", ARRAYS)
    path = tmp_path / "x.npz"
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    assert cache.get("x") is None
    flipped = bytearray(raw)
    flipped[200] ^= 0xFF
    path.write_bytes(bytes(flipped))
    assert cache.get("x") is None
    assert cache.put("x", ARRAYS)
    assert cache.get("x") is not None


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    size = 8_700
    cache = Cache(tmp_path, limit=3 * size)
    for age, key in ((30, "old"), (20, "used"), (10, "new")):
        keep(cache, key, age)
    assert cache.get("old") is not None
    cache.put("more", ARRAYS)
    assert [key for key, _ in cache.entries()] == ["new", "old", "more"]
    assert sum(n for _, n in cache.entries()) <= cache.limit


def test_the_newest_stays_even_alone_over_the_limit(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit=10)
    cache.put("x", ARRAYS)
    cache.put("y", ARRAYS)
    assert [key for key, _ in cache.entries()] == ["y"]


def test_a_disk_that_refuses_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    assert not Cache(tmp_path / "file").put("x", ARRAYS)

    def refuse(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable.os, "fsync", refuse)
    cache = Cache(tmp_path / "cache")
    assert not cache.put("x", ARRAYS)
    assert list(cache.folder.iterdir()) == []
