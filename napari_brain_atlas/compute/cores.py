"""Which cores the threads of a pool may use: all but the one that asks for their work.

A system that wakes a thread likes to put it where the waker runs. That one works
on, so on a machine of two cores nothing is gained for some milliseconds, until the
load is balanced: longer than a frame takes.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from functools import cache


class Elsewhere:
    """Keeps threads off the core of whoever calls; nothing where the system has no such call."""

    def __init__(self) -> None:
        self._threads: list[int] = []
        self._off: int | None = None

    def enter(self) -> None:
        """To be called by each of the threads as it begins."""
        self._threads.append(threading.get_native_id())
        self._off = None

    def make_room(self) -> None:
        """Keep the threads off the core that this call is made on."""
        here = _core_now()
        if here == self._off:
            return
        self._off = here
        others = _allowed() - {here} if here is not None else None
        if others:
            for thread in self._threads:
                _send(thread, others)


def _send(thread: int, cores: frozenset[int]) -> None:
    try:
        os.sched_setaffinity(thread, cores)
    except OSError:
        # It has ended, or the cores were taken from this process: it runs where it may.
        return


def _core_now() -> int | None:
    ask = _asker()
    return None if ask is None else ask()


@cache
def _allowed() -> frozenset[int]:
    return frozenset(os.sched_getaffinity(0))


@cache
def _asker() -> Callable[[], int] | None:
    """The call of the system that tells the core of a thread; Python itself has none."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    try:
        ask: Callable[[], int] = ctypes.CDLL(None).sched_getcpu
    except (AttributeError, OSError):
        return None
    return ask
