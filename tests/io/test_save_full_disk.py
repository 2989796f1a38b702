"""A disk that is full ends the process that saves, never the one that curates."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from curated import columns_of
from file_contents import foreign
from tissue import read, tissue, write

from napari_brain_atlas.errors import InputError, WriteError
from napari_brain_atlas.io.save import elements_of, save_columns, see
from napari_brain_atlas.io.save_process import perform_apart
from napari_brain_atlas.io.save_request import SaveRequest
from napari_brain_atlas.model.progress import silent


def request_for(path: Path) -> SaveRequest:
    columns = columns_of(path)[2]
    return SaveRequest(path, path, elements_of(columns), columns.fingerprint, see(path))


@pytest.fixture
def no_larger_than(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Let files grow to so many bytes, in the processes that are started from now on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(n_bytes: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))

    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("kind", ["h5ad", "zarr"])
@pytest.mark.parametrize("share", [0.5, 1.005])
def test_a_disk_that_is_really_full(
    kind: str, share: float, tmp_path: Path, no_larger_than: Any
) -> None:
    """As a quota is: HDF5 ends its process, which must not be the one that curates."""
    path = write(tissue(4000), tmp_path / f"a.{kind}")
    before = foreign(path)
    size = path.stat().st_size if kind == "h5ad" else 8000
    request = request_for(path)
    no_larger_than(int(size * share))
    with pytest.raises(WriteError, match="it is as it was"):
        perform_apart(request, silent)
    no_larger_than(resource.RLIM_INFINITY)
    assert foreign(path) == before
    assert "neighborhood" not in read(path).obs
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    perform_apart(request, silent)
    assert "neighborhood" in read(path).obs


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True
    ).returncode:  # fmt: skip
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("kind", ["h5ad", "zarr"])
@pytest.mark.parametrize("left", [4096, 60_000])
def test_a_small_disk(
    kind: str, left: int, small_disk: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write(tissue(2000), small_disk / f"a.{kind}")
    request = request_for(path)
    before = foreign(path)
    # The look at the free space, which would refuse at once, is left out in the child.
    blind = tmp_path / "blind" / "sitecustomize.py"
    blind.parent.mkdir()
    blind.write_text(
        "import shutil, types\nshutil.disk_usage = lambda _: types.SimpleNamespace(free=9**15)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(blind.parent))
    free = shutil.disk_usage(small_disk).free
    (small_disk / "filling").write_bytes(bytes(free - left))
    with pytest.raises(WriteError, match="it is as it was"):
        perform_apart(request, silent)
    assert foreign(path) == before
    assert "neighborhood" not in read(path).obs
    (small_disk / "filling").unlink()
    perform_apart(request, silent)
    assert "neighborhood" in read(path).obs
    assert [p.name for p in small_disk.iterdir()] == [path.name]


def test_a_folder_that_may_not_be_written(h5ad: Path) -> None:
    file, columns = h5ad, columns_of(h5ad)[2]
    folder = file.parent
    folder.chmod(0o500)
    try:
        if os.access(folder, os.W_OK):
            pytest.skip("this user may write everywhere")
        with pytest.raises(InputError, match="may not be written; save elsewhere with --out"):
            save_columns(file, file, columns)
    finally:
        folder.chmod(0o700)
    assert "neighborhood" not in read(file).obs
