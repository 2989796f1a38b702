from __future__ import annotations

import os
import time
from typing import Any

import pytest

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.gui.jobs import Job
from napari_brain_atlas.model.progress import Progress

WAIT_MS = 60_000


def double(request: Any, progress: Progress) -> Any:
    progress("doubling", 0.5)
    return 2 * request


def refuse(request: Any, progress: Progress) -> Any:
    raise InputError("tissue.h5ad", ["no coordinates"])


def stumble(request: Any, progress: Progress) -> Any:
    raise ZeroDivisionError("by nothing")


def vanish(request: Any, progress: Progress) -> Any:
    os._exit(7)


def sleep_long(request: Any, progress: Progress) -> Any:
    progress("sleeping", 0.1)
    time.sleep(600)


@pytest.fixture
def job(qapp: Any) -> Any:
    made = Job()
    yield made
    made.cancel()


def test_the_outcome_and_the_progress_come_back(job: Job, qtbot: Any) -> None:
    heard: list[tuple[str, float]] = []
    job.progressed.connect(lambda *told: heard.append(told))
    with qtbot.waitSignal(job.finished, timeout=WAIT_MS) as done:
        job.start(double, 21)
    assert done.args == [42]
    assert heard == [("doubling", 0.5)]
    assert not job.running


@pytest.mark.parametrize(
    ("task", "told"),
    [
        pytest.param(refuse, "tissue.h5ad: no coordinates", id="an error for the user"),
        pytest.param(stumble, "ZeroDivisionError: by nothing", id="a mistake"),
        pytest.param(vanish, "stopped unexpectedly (exit code 7)", id="a crash"),
    ],
)
def test_failures_come_back_as_one_line(job: Job, qtbot: Any, task: Any, told: str) -> None:
    with qtbot.waitSignal(job.failed, timeout=WAIT_MS) as failed:
        job.start(task, None)
    assert told in failed.args[0]
    assert not job.running


def test_cancel_ends_the_process_at_once_and_nothing_more_is_heard(job: Job, qtbot: Any) -> None:
    heard: list[object] = []
    job.finished.connect(heard.append)
    job.failed.connect(heard.append)
    with qtbot.waitSignal(job.progressed, timeout=WAIT_MS):
        job.start(sleep_long, None)
    process = job._process
    assert process is not None and process.pid is not None
    pid = process.pid
    start = time.monotonic()
    job.cancel()
    assert time.monotonic() - start < 2
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    qtbot.wait(100)
    assert heard == []


def test_a_second_task_replaces_the_first(job: Job, qtbot: Any) -> None:
    heard: list[object] = []
    job.finished.connect(heard.append)
    job.start(sleep_long, None)
    with qtbot.waitSignal(job.finished, timeout=WAIT_MS):
        job.start(double, 4)
    assert heard == [8]
