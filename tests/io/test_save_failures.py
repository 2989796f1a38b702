"""Whatever step of a save fails, the old file is there, whole, and nothing else is."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from curated import columns_of
from tissue import read

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.io import (
    durable,
    elements,
    save_child,
    save_h5ad,
    save_zarr,
    swapping,
    temporaries,
)
from napari_brain_atlas.io.save import elements_of, is_torn, see
from napari_brain_atlas.io.save_child import perform
from napari_brain_atlas.io.save_request import SaveRequest
from napari_brain_atlas.io.store import opened
from napari_brain_atlas.io.temporaries import temporaries_of


def fails(*_: Any, **__: Any) -> None:
    raise OSError(28, "No space left on device")


def state(folder: Path) -> dict[str, bytes]:
    """Every file in a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def request_for(path: Path, shift: int = 0) -> SaveRequest:
    columns = columns_of(path, shift)[2]
    keep = path.with_name(path.name + ".nba")
    return SaveRequest(
        path, path, elements_of(columns), columns.fingerprint, see(path), keep, versions=2
    )


@pytest.fixture(params=["h5ad", "zarr"])
def file(request: pytest.FixtureRequest, tmp_path: Path, _files: dict[str, Path]) -> Path:
    path = tmp_path / "data" / f"tissue.{request.param}"
    path.parent.mkdir()
    kept = _files[request.param]
    shutil.copytree(kept, path) if kept.is_dir() else shutil.copy(kept, path)
    return path


STEPS = {
    "h5ad": [
        (save_h5ad, "copy_file"), (elements, "_put"), (save_h5ad, "_verify"),
        (save_h5ad, "keep_file"), (save_h5ad, "sync_file"), (durable.os, "fsync"),
        (durable.os, "replace"), (Path, "replace"),
    ],
    "zarr": [
        (elements, "_put"), (save_zarr, "_verify"), (swapping, "_put"), (swapping, "sync_all"),
        (durable.os, "fsync"), (durable.os, "rename"), (swapping, "_take"),
        (swapping, "sync_names"), (Path, "replace"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "where", "what"),
    [(kind, *step) for kind, steps in STEPS.items() for step in steps],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", ""),
)
def test_a_step_that_fails(
    kind: str, where: Any, what: str, tmp_path: Path, _files: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    path = tmp_path / "data" / f"a.{kind}"
    path.parent.mkdir()
    (shutil.copytree if kind == "zarr" else shutil.copy)(_files[kind], path)
    request = request_for(path)
    before = state(path.parent)
    monkeypatch.setattr(where, what, fails)
    with pytest.raises(WriteError, match="No space left on device"):
        perform(request)
    monkeypatch.undo()
    assert state(path.parent) == before
    perform(request)
    assert "neighborhood" in read(path).obs


Call = tuple[tuple[str, int], ...]
"""The functions and lines of ours that led to it; nothing for those of zarr's threads."""


def asked_by() -> Call:
    frame, found = sys._getframe(2), []
    while frame is not None:
        if "napari_brain_atlas" in frame.f_code.co_filename:
            found.append((frame.f_code.co_name, frame.f_lineno))
        frame = frame.f_back  # type: ignore[assignment]
    return tuple(found)


def nth_call_fails(real: Callable[..., Any], n: int, calls: list[Call]) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        calls.append(asked_by())
        if len(calls) == n:
            fails()
        # Nobody cuts the power here: a real sync would only take time.
        return None if real.__name__ == "fsync" else real(*given, **named)

    return call


def content_of(path: Path) -> dict[str, bytes]:
    """What is there of a store, or of a file alone."""
    return state(path) if path.is_dir() else {"": path.read_bytes()}


def first_and_last(calls: list[Call]) -> list[int]:
    """Numbers of the first and the last call of each kind, from 1."""
    numbers: dict[Call, list[int]] = {}
    for n, call in enumerate(calls, 1):
        numbers.setdefault(call, []).append(n)
    return sorted({n for found in numbers.values() for n in (found[0], found[-1])})


@pytest.mark.parametrize(
    ("kind", "every"),
    [
        ("h5ad", True), ("zarr3", False),
        pytest.param("zarr", False, marks=pytest.mark.slow),
        pytest.param("zarr3", True, marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_every_call_of_the_system_fails_once(
    kind: str, every: bool, tmp_path: Path, _files: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The N-th of fsync, replace, rename, link fails, for N = 1, 2, … and none at last."""
    path = tmp_path / "data" / f"a.{kind.rstrip('3')}"
    path.parent.mkdir()
    (shutil.copytree if path.suffix == ".zarr" else shutil.copy)(_files[kind], path)
    made = [request_for(path, shift) for shift in (0, 1)]

    def save(shift: int, n: int) -> tuple[str, list[Call]]:
        """What is told of a save whose n-th call fails, and all its calls."""
        request = replace(made[shift], seen=see(path))
        calls: list[Call] = []
        with monkeypatch.context() as patched:
            for name in ("fsync", "replace", "rename", "link"):
                patched.setattr(os, name, nth_call_fails(getattr(os, name), n, calls))
            try:
                perform(request)
            except WriteError as error:
                return str(error), calls
        return "", calls

    # The first saves keep the original and the first versions, so they call for less.
    for shift in (0, 1, 0):
        assert save(shift, 0)[0] == ""
    start = shutil.copytree(path.parent, tmp_path / "start")
    told, calls = save(1, 0)
    numbers = range(1, len(calls) + 1) if every else first_and_last(calls)
    refused = 0
    for n in numbers:
        # A save that failed may have kept a version, and the next one would call for less.
        shutil.rmtree(path.parent)
        shutil.copytree(start, path.parent)
        before = content_of(path)
        told, made_calls = save(1, n)
        assert len(made_calls) >= n
        refused += bool(told)
        if told and not told.startswith(f"{path}: was written"):
            assert content_of(path) == before
        else:
            assert read(path).obs["neighborhood_id"].iloc[0] == 1
        for left in temporaries_of(path):
            # A thread of zarr may write while all is removed; the end of its process ends that.
            assert not (left / temporaries.COMPLETE).exists()
            shutil.rmtree(left)
        assert save(0, 0)[0] == ""
    assert refused > len(numbers) // 2


def test_what_is_read_back_must_be_what_was_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = request_for(file)
    before = state(file.parent)
    real = elements._put

    def wrong(group: Any, key: str, values: Any, kind: str) -> None:
        real(group, key, values[::-1] if key == "neighborhood_id" else values, kind)

    monkeypatch.setattr(elements, "_put", wrong)
    with pytest.raises(WriteError, match="differs from what was written"):
        perform(request)
    assert state(file.parent) == before


def test_a_disk_that_does_not_confirm_the_name_is_told(
    h5ad: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = replace(request_for(h5ad), keep=None)
    monkeypatch.setattr(durable, "sync_folder", fails)
    with pytest.raises(WriteError, match="was written, but the disk does not confirm it"):
        perform(request)
    assert "neighborhood" in read(h5ad).obs


def test_a_disk_that_is_too_full_is_told_before(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = request_for(file)
    before = state(file.parent)
    usage = shutil.disk_usage(file.parent)._replace(free=1000)
    monkeypatch.setattr(save_child.shutil, "disk_usage", lambda _: usage)
    monkeypatch.setattr(save_child, "_save", lambda *_: pytest.fail("began"))
    with pytest.raises(WriteError, match=r"MB of free space.*nothing was changed"):
        perform(request)
    assert state(file.parent) == before


def test_a_store_that_cannot_be_swapped_back_is_finished_by_who_opens_it_next(
    tmp_path: Path, _files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither forward nor back: the third rename fails, and all that would undo it."""
    path = Path(shutil.copytree(_files["zarr3"], tmp_path / "a.zarr"))
    perform(request_for(path, shift=1))
    request = request_for(path)
    with monkeypatch.context() as patched:
        calls: list[Path] = []
        real = Path.rename

        def rename(self: Path, target: Path) -> Path:
            if "nba-tmp" in f"{self}{target}":
                calls.append(self)
            return real(self, target) if len(calls) < 6 else fails()  # type: ignore[return-value]

        patched.setattr(Path, "rename", rename)
        patched.setattr(swapping, "_give_back", fails)
        with pytest.raises(WriteError):
            perform(request)
    assert is_torn(path)
    # A later process.
    monkeypatch.setattr(temporaries.os, "getpid", lambda: -1)
    monkeypatch.setattr(temporaries, "is_running", lambda _: False)
    with opened(path):
        pass
    assert not is_torn(path)
    assert read(path).obs["neighborhood_id"].iloc[0] == 0
    assert temporaries_of(path) == []
