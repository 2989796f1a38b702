"""Named points of a write at which a test stops the process, as a power cut would.

Nothing happens at them unless the environment names one when the process starts.
"""

from __future__ import annotations

import os
import signal
from typing import Literal, get_args

STOP_AT_VARIABLE = "NAPARI_BRAIN_ATLAS_STOP_AT"
"""Names the point, or ``point:N`` for the N-th time that it is passed, from 1."""

Point = Literal[
    "journal.before-write",
    "journal.mid-line",
    "journal.before-fsync",
    "journal.after-fsync",
    "save.before-copy",
    "save.mid-copy",
    "save.before-fsync",
    "save.before-replace",
    "save.after-replace",
    "save.between-swaps",
]
POINTS: tuple[str, ...] = get_args(Point)
"""Every point there is."""

_point, _, _times = os.environ.get(STOP_AT_VARIABLE, "").partition(":")
_left = int(_times or 1)


def armed(point: Point) -> bool:
    """Whether the process is to stop at this point."""
    return point == _point


def passing(point: Point) -> None:
    """Say that a write has come to a point; the process dies there if the test asked for it."""
    if point == _point:
        _stop()


def _stop() -> None:
    global _left
    _left -= 1
    if _left == 0:
        # Nothing is flushed and no cleanup runs. Windows knows only one way to end a process.
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
