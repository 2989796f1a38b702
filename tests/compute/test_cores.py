"""Threads that are kept off the core of their caller."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from napari_brain_atlas.compute import cores
from napari_brain_atlas.compute.bands import in_bands
from napari_brain_atlas.compute.cores import Elsewhere

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="this system does not place threads"
)


@pytest.fixture
def one_thread() -> Iterator[tuple[Elsewhere, int]]:
    """What keeps a thread away, and the thread."""
    elsewhere = Elsewhere()
    with ThreadPoolExecutor(1, initializer=elsewhere.enter) as pool:
        yield elsewhere, pool.submit(threading.get_native_id).result()


def test_a_thread_keeps_off_the_core_of_its_caller(
    one_thread: tuple[Elsewhere, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, thread = one_thread
    allowed = os.sched_getaffinity(0)
    if len(allowed) < 2:
        pytest.skip("one core only")
    for here in sorted(allowed):
        monkeypatch.setattr(cores, "_asker", lambda here=here: lambda: here)
        elsewhere.make_room()
        assert os.sched_getaffinity(thread) == allowed - {here}


@pytest.mark.parametrize(
    "told", [lambda: None, lambda: lambda: 10**6], ids=["no such call", "a core that went"]
)
def test_where_the_core_is_not_known_threads_run_where_they_like(
    one_thread: tuple[Elsewhere, int], monkeypatch: pytest.MonkeyPatch, told: object
) -> None:
    elsewhere, thread = one_thread
    monkeypatch.setattr(cores, "_asker", told)
    elsewhere.make_room()
    assert os.sched_getaffinity(thread) == os.sched_getaffinity(0)


def test_one_core_is_left_alone(
    one_thread: tuple[Elsewhere, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, thread = one_thread
    before = os.sched_getaffinity(thread)
    monkeypatch.setattr(cores, "_asker", lambda: lambda: 0)
    monkeypatch.setattr(cores, "_allowed", lambda: frozenset({0}))
    elsewhere.make_room()
    assert os.sched_getaffinity(thread) == before


def test_a_thread_that_ended_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = Elsewhere()
    gone = threading.Thread(target=elsewhere.enter)
    gone.start()
    gone.join()
    elsewhere.make_room()


def test_the_caller_itself_stays_free() -> None:
    before = os.sched_getaffinity(0)
    seen = np.zeros(500, bool)
    in_bands(lambda first, stop: seen.__setitem__(slice(first, stop), True), len(seen))
    assert seen.all()
    assert os.sched_getaffinity(0) == before
