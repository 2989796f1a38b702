"""Who works on sections makes no difference."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_brain_atlas.cli import main
from napari_brain_atlas.errors import BrainAtlasError, InputError
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.model.atlas import Section
from napari_brain_atlas.workflow.embedding import embed
from napari_brain_atlas.workflow.mapping import sections_mapped

pytest.importorskip("distributed", reason="the extra 'dask' is not installed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler and two workers, processes of their own."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as made:
        yield made


def test_the_embedding_is_the_same_to_the_last_bit(phantom_file: Path, cluster: Any) -> None:
    atlas, _ = read_atlas(phantom_file)
    one = embed(atlas, None, workers=1)
    np.testing.assert_array_equal(embed(atlas, None, workers=2), one)
    np.testing.assert_array_equal(embed(atlas, None, dask=cluster.scheduler_address), one)


class SlowOnce:
    """Dies with its worker the first time that a section is asked for; pickled by value."""

    def __init__(self, mark: Path, victim: int) -> None:
        self.mark, self.victim = mark, victim

    def __call__(self, section: Section) -> tuple[int, int]:
        if section.index == self.victim and not self.mark.exists():
            self.mark.write_text(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.02)
        return section.index, section.n_cells


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_worker_that_is_killed_loses_nothing(
    phantom_file: Path, cluster: Any, tmp_path: Path
) -> None:
    import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    atlas, _ = read_atlas(phantom_file)
    mark = tmp_path / "killed"
    victim = len(atlas.sections) // 2
    with sections_mapped(dask=cluster.scheduler_address) as over:
        found = list(over(SlowOnce(mark, victim), atlas))
    assert mark.exists()
    assert found == [(s.index, s.n_cells) for s in atlas.sections]


def test_nobody_at_the_address(
    phantom_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("napari_brain_atlas.workflow.mapping._PATIENCE_S", 1)
    out = tmp_path / "out.h5ad"
    asked = ["discover", str(phantom_file), "--out", str(out), "--dask", "tcp://127.0.0.1:9"]
    assert main(asked) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert "nobody answers at tcp://127.0.0.1:9" in error
    assert not out.exists()


def test_without_dask_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(InputError, match=r"napari-brain-atlas\[dask\]"),
        sections_mapped(dask="tcp://127.0.0.1:9"),
    ):
        pass


class _NoFile:
    def __call__(self, section: Section) -> None:
        raise FileNotFoundError(2, "no such file", "/far/away.h5ad")


def test_a_file_that_workers_cannot_read_is_named(phantom_file: Path, cluster: Any) -> None:
    import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    atlas, _ = read_atlas(phantom_file)
    with (
        pytest.raises(BrainAtlasError, match=r"cannot read /far/away.h5ad; put the file where"),
        sections_mapped(dask=cluster.scheduler_address) as over,
    ):
        list(over(_NoFile(), atlas))
