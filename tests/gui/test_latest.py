from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.gui.latest import Latest


@pytest.fixture
def latest(qapp: Any) -> Iterator[Latest]:
    made = Latest()
    yield made
    made.stop()


def test_what_waits_is_overtaken_by_what_is_asked_last(latest: Latest, qtbot: Any) -> None:
    heard: list[object] = []
    latest.done.connect(heard.append)
    started, gate = threading.Event(), threading.Event()

    def first() -> str:
        started.set()
        gate.wait(10)
        return "first"

    latest.ask(first)
    assert started.wait(10)
    for name in ("second", "third", "last"):
        latest.ask(lambda name=name: name)  # type: ignore[misc]
    gate.set()
    qtbot.waitUntil(lambda: len(heard) == 2, timeout=10_000)
    qtbot.wait(50)
    assert heard == ["first", "last"]


def test_after_drop_nothing_asked_before_is_heard(latest: Latest, qtbot: Any) -> None:
    heard: list[object] = []
    latest.done.connect(heard.append)
    started, gate = threading.Event(), threading.Event()

    def slow() -> str:
        started.set()
        gate.wait(10)
        return "stale"

    latest.ask(slow)
    assert started.wait(10)
    latest.drop()
    gate.set()
    latest.ask(lambda: "fresh")
    qtbot.waitUntil(lambda: heard == ["fresh"], timeout=10_000)


def test_results_come_in_the_thread_of_the_window(latest: Latest, qtbot: Any) -> None:
    threads: list[object] = []
    latest.done.connect(lambda _: threads.append(threading.current_thread()))
    latest.ask(threading.current_thread)
    qtbot.waitUntil(lambda: bool(threads), timeout=10_000)
    assert threads == [threading.main_thread()]


def test_a_refusal_is_told_in_its_own_words(latest: Latest, qtbot: Any) -> None:
    def refuse() -> None:
        raise CommandError("there is no neighborhood 7")

    with qtbot.waitSignal(latest.failed, timeout=10_000) as failed:
        latest.ask(refuse)
    assert failed.args == ["there is no neighborhood 7"]


def test_a_stopped_thread_starts_again_when_asked(latest: Latest, qtbot: Any) -> None:
    latest.stop()
    with qtbot.waitSignal(latest.done, timeout=10_000) as done:
        latest.ask(lambda: 5)
    assert done.args == [5]
