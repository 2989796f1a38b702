"""Whatever fails while saving, the old file is there, whole, and nothing else is."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from curated import columns_of
from tissue import read, tissue, write

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.io import durable
from napari_brain_atlas.io import save as saving
from napari_brain_atlas.io.save import save_columns


def fails(*_: Any, **__: Any) -> None:
    raise OSError(28, "No space left on device")


def state(folder: Path) -> dict[str, bytes]:
    """Every file in a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(params=["h5ad", "zarr"])
def file(request: pytest.FixtureRequest, tmp_path: Path, _files: dict[str, Path]) -> Path:
    path = tmp_path / "data" / f"tissue.{request.param}"
    path.parent.mkdir()
    kept = _files[request.param]
    shutil.copytree(kept, path) if kept.is_dir() else shutil.copy(kept, path)
    return path


@pytest.mark.parametrize(
    ("where", "what"),
    [
        pytest.param(saving, "_copy", id="copying"),
        pytest.param(saving, "write_elem", id="writing a column"),
        pytest.param(saving, "_verify", id="reading back"),
        pytest.param(saving, "_keep", id="keeping the original"),
        pytest.param(durable.os, "fsync", id="sync"),
        pytest.param(durable, "_swap", id="swapping the store"),
        pytest.param(Path, "replace", id="replacing the file"),
    ],
)
def test_a_step_that_fails(
    file: Path, where: Any, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = columns_of(file)[2]
    before = state(file.parent)
    unused = {"zarr": "replace", "h5ad": "_swap"}[file.suffix[1:]]
    monkeypatch.setattr(where, what, fails)
    original = file.parent / "nba" / f"original{file.suffix}"
    if what == unused:
        return
    with pytest.raises(WriteError, match="No space left on device"):
        save_columns(file, file, columns, original=None if what == "fsync" else original)
    monkeypatch.undo()
    after = state(file.parent)
    assert {k: v for k, v in after.items() if not k.startswith("nba/")} == before
    assert not [name for name in after if ".nba-tmp-" in name]
    save_columns(file, file, columns)
    assert "neighborhood" in read(file).obs


def test_what_is_read_back_must_be_what_was_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = columns_of(file)[2]
    before = state(file.parent)
    real = saving.write_elem

    def wrong(group: Any, key: str, value: Any) -> None:
        real(group, key, value[::-1] if key == "neighborhood_id" else value)

    monkeypatch.setattr(saving, "write_elem", wrong)
    with pytest.raises(WriteError, match="differs from what was written"):
        save_columns(file, file, columns)
    assert state(file.parent) == before


def test_a_disk_that_does_not_confirm_the_name_is_told(
    h5ad: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = columns_of(h5ad)[2]
    monkeypatch.setattr(durable, "sync_folder", fails)
    with pytest.raises(WriteError, match="was written, but the disk does not confirm it"):
        save_columns(h5ad, h5ad, columns)
    assert "neighborhood" in read(h5ad).obs


# -- a store is swapped in by two renames -----------------------------------------------


@pytest.mark.parametrize(
    "error", [OSError(5, "I/O error"), KeyboardInterrupt()], ids=["disk", "user"]
)
@pytest.mark.parametrize("also_back", [False, True], ids=["", "and renaming back"])
def test_the_second_rename_fails(
    tmp_path: Path, _files: dict[str, Path], monkeypatch: pytest.MonkeyPatch,
    error: BaseException, also_back: bool,
) -> None:  # fmt: skip
    """The store must never be lost, not even when its old name cannot be given back."""
    path = Path(shutil.copytree(_files["zarr"], tmp_path / "a.zarr"))
    columns = columns_of(path)[2]
    before = state(path)
    real, calls = Path.rename, []

    def rename(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == 2:
            raise error
        if len(calls) == 3 and also_back:
            raise OSError(5, "I/O error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises((WriteError, KeyboardInterrupt)):
        save_columns(path, path, columns)
    monkeypatch.undo()
    if also_back:
        left = [p for p in tmp_path.iterdir() if p.name.endswith("-old")]
        assert [state(p) for p in left] == [before]
        # A later process gives it back.
        monkeypatch.setattr(durable.os, "getpid", lambda: -1)
        monkeypatch.setattr(durable.os, "kill", _gone)
        assert durable.restore(path)
    assert state(path) == before
    assert "cell_type" in read(path).obs


def _gone(_pid: int, _signal: int) -> None:
    raise ProcessLookupError


# -- kill -9 ------------------------------------------------------------------------------

SAVE = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from curated import columns_of
from napari_brain_atlas.io.save import save_columns
path = Path(sys.argv[2])
columns = [columns_of(path, shift)[2] for shift in (0, 1)]
print("ready", flush=True)
for i in range(10_000):
    save_columns(path, path, columns[i % 2])
"""


@pytest.mark.parametrize("kind", ["h5ad", "zarr"])
def test_killed_while_saving(kind: str, tmp_path: Path) -> None:
    path = write(tissue(2000), tmp_path / f"a.{kind}")
    outcomes = [tuple(columns_of(path, shift)[2].obs["neighborhood_id"]) for shift in (0, 1)]
    save_columns(path, path, columns_of(path)[2])
    plain = read(path)
    delay = random.Random(7)
    for _ in range(4):
        _kill_a_saver(path, delay.uniform(0.0, 0.25))
        durable.restore(path)
        saved = read(path)
        assert tuple(saved.obs["neighborhood_id"]) in outcomes
        assert (saved.X != plain.X).nnz == 0
    save_columns(path, path, columns_of(path)[2])
    assert sorted(p.name for p in tmp_path.iterdir()) == [path.name]


def _kill_a_saver(path: Path, delay: float) -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SAVE, str(Path(__file__).parent), str(path)],
        stdout=subprocess.PIPE, text=True,
    ) as saver:  # fmt: skip
        assert saver.stdout is not None
        assert saver.stdout.readline() == "ready\n"
        time.sleep(delay)
        os.kill(saver.pid, signal.SIGKILL)
        saver.wait(timeout=30)
