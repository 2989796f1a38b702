"""The process that saves: killed, out of room or interrupted, it takes nothing with it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from curated import columns_of
from file_contents import foreign
from tissue import read, tissue, write

from napari_brain_atlas.errors import InputError, WriteError
from napari_brain_atlas.io import save_process
from napari_brain_atlas.io.elements import Elements
from napari_brain_atlas.io.points import POINTS, STOP_AT_VARIABLE
from napari_brain_atlas.io.save import elements_of, is_torn, see, sweep
from napari_brain_atlas.io.save_child import perform
from napari_brain_atlas.io.save_process import perform_apart
from napari_brain_atlas.io.save_request import SaveRequest, receive_request, send_request
from napari_brain_atlas.io.seen import Seen
from napari_brain_atlas.model.progress import silent

HERE = Path(__file__).parent


def request_for(path: Path, shift: int = 0, keep: Path | None = None) -> SaveRequest:
    columns = columns_of(path, shift)[2]
    return SaveRequest(
        path, path, elements_of(columns), columns.fingerprint, see(path), keep, 2 if keep else 0
    )


@pytest.fixture(params=["h5ad", "zarr3"])
def file(request: pytest.FixtureRequest, tmp_path: Path, _files: dict[str, Path]) -> Path:
    path = tmp_path / f"tissue.{request.param.rstrip('3')}"
    kept = _files[request.param]
    shutil.copytree(kept, path) if kept.is_dir() else shutil.copy(kept, path)
    return path


def test_what_is_asked_for_arrives(tmp_path: Path, h5ad: Path) -> None:
    asked = replace(request_for(h5ad, keep=tmp_path / "k"), seen=Seen("a-b", None))
    with (tmp_path / "pipe").open("w+b") as pipe:
        send_request(asked, pipe)
        pipe.seek(0)
        got = receive_request(pipe)
        assert pipe.read() == b""
    for name in SaveRequest.__slots__:
        if name != "elements":
            assert getattr(got, name) == getattr(asked, name)
    for name in Elements.__slots__:
        one, other = (getattr(r.elements, name) for r in (asked, got))
        assert one.tobytes() == other.tobytes() if hasattr(one, "tobytes") else one == other
    with (tmp_path / "pipe").open("r+b") as pipe:
        pipe.truncate((tmp_path / "pipe").stat().st_size - 1)
        with pytest.raises(EOFError):
            receive_request(pipe)


def test_it_says_how_far_it_is_and_what_is_wrong(h5ad: Path) -> None:
    told: list[tuple[str, float]] = []
    perform_apart(request_for(h5ad), lambda message, share: told.append((message, share)))
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert told[0][0] == "copying"
    assert told[-1] == ("saved", 1.0)
    with pytest.raises(InputError, match="its cells were changed") as refused:
        perform_apart(replace(request_for(h5ad), seen=None, fingerprint="1-2-3-4"), silent)
    assert refused.value.place == str(h5ad)


def test_the_folder_that_one_works_in_is_not_imported(
    h5ad: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "h5py.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    perform_apart(request_for(h5ad), silent)


# -- killed ------------------------------------------------------------------------------

SAVES = [point for point in POINTS if point.startswith("save.")]


def outcomes(path: Path) -> list[list[int]]:
    return [columns_of(path, shift)[2].obs["neighborhood_id"].tolist() for shift in (0, 1)]


@pytest.mark.parametrize("point", [*SAVES, "save.between-swaps:3", "save.between-swaps:5"])
def test_killed_at(point: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "between-swaps" in point and file.suffix == ".h5ad":
        return
    keep = file.with_name("nba")
    perform(request_for(file, keep=keep))
    old, new = outcomes(file)
    before = foreign(file)
    request = request_for(file, shift=1, keep=keep)
    monkeypatch.setenv(STOP_AT_VARIABLE, point)
    with pytest.raises(WriteError, match="ended by SIGKILL") as told:
        perform_apart(request, silent)
    monkeypatch.delenv(STOP_AT_VARIABLE)
    see(file)
    sweep(file)
    now = read(file).obs["neighborhood_id"].tolist()
    is_new = "swaps" in point or point == "save.after-replace"
    # A stage that is complete is taken in by whoever opens the store next.
    is_new |= file.is_dir() and point == "save.before-replace"
    assert now == (new if is_new else old)
    assert ("was written" in str(told.value)) == is_new
    assert foreign(file) == before
    assert not is_torn(file)
    perform(request_for(file, shift=1, keep=keep))
    assert read(file).obs["neighborhood_id"].tolist() == new
    assert sorted(p.name for p in file.parent.iterdir()) == sorted([file.name, "nba"])


CURATOR = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from curated import columns_of
from napari_brain_atlas.io.save import save_columns, see
path = Path(sys.argv[2])
columns = [columns_of(path, shift)[2] for shift in (0, 1)]
seen = see(path)
print("ready", flush=True)
for i in range(10_000):
    seen = save_columns(path, path, columns[i % 2], seen=seen)
    print("saved", i % 2, flush=True)
"""


def kill_a_curator(path: Path, delay: float, whom: str) -> None:
    """kill -9 of a process that saves again and again, of its child, or of both."""
    command = [sys.executable, "-W", "ignore", "-c", CURATOR, str(HERE), str(path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as curator:
        assert curator.stdout is not None
        assert curator.stdout.readline() == "ready\n"
        time.sleep(delay)
        victims = []
        if whom != "curator":
            listed = Path(f"/proc/{curator.pid}/task/{curator.pid}/children").read_text()
            victims += [int(pid) for pid in listed.split()]
        if whom != "child" or not victims:
            victims.append(curator.pid)
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        if curator.pid not in victims:
            assert curator.wait(timeout=30) == 1
            assert curator.stderr is not None
            assert "ended by SIGKILL" in curator.stderr.read()


def kills(path: Path, n: int) -> None:
    """Kill n times; after each the file is one of the two, and nothing foreign changed."""
    perform(request_for(path))
    known, before = outcomes(path), foreign(path)
    moments = random.Random(7)
    for i in range(n):
        kill_a_curator(path, moments.uniform(0.0, 0.7), ("curator", "child", "both")[i % 3])
        # Its child may live on for a moment, until it finds that nobody listens.
        deadline = time.monotonic() + 20
        while list(path.parent.glob(".*.lock")) and time.monotonic() < deadline:
            see(path)
            sweep(path)
            time.sleep(0.05)
        see(path)
        assert not is_torn(path)
        assert read(path).obs["neighborhood_id"].tolist() in known
        assert foreign(path) == before
    perform(request_for(path))
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.parametrize("kind", ["h5ad", "zarr"])
def test_killed_at_any_moment(kind: str, tmp_path: Path) -> None:
    kills(write(tissue(200), tmp_path / f"a.{kind}"), 3)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.parametrize("kind", ["h5ad", "zarr"])
def test_killed_at_many_moments(kind: str, tmp_path: Path) -> None:
    kills(write(tissue(20_000), tmp_path / f"a.{kind}"), 100)


def test_interrupted(file: Path) -> None:
    """Ctrl+C, or a job that is canceled: the child is ended, the file is as it was."""
    request = request_for(file)

    def interrupt(message: str, _: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        perform_apart(request, interrupt)
    assert "neighborhood" not in read(file).obs
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_a_library_that_dies_is_told_in_one_line(
    file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    crash = tmp_path / "away" / "sitecustomize.py"
    crash.parent.mkdir()
    crash.write_text("import os, signal\nprint('noise')\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setenv("PYTHONPATH", str(crash.parent))
    with pytest.raises(WriteError, match=r"ended by SIGSEGV.*full; it is as it was") as told:
        perform_apart(request_for(file), silent)
    assert "\n" not in str(told.value)
    assert "neighborhood" not in read(file).obs


def test_a_python_that_is_gone_is_told(h5ad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(save_process.sys, "executable", str(h5ad.with_name("gone")))
    with pytest.raises(WriteError, match=r"cannot be saved: .*No such file.*as it was"):
        perform_apart(request_for(h5ad), silent)
