"""What runs in the other process. Imports no Qt, and nothing that does."""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from joblib import parallel_config  # type: ignore[import-untyped]

from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model.progress import Progress

Task = Callable[[Any, Progress], Any]
"""A function of a module, called with a picklable request and told how to report."""

_REPORT_EVERY = 0.05


def run_task(task: Task, request: Any, pipe: Connection) -> None:
    """Run the task and send what it reports, then its outcome, through the pipe."""
    try:
        # A pool of further processes would outlive a Cancel; threads end with this one.
        with parallel_config(backend="threading"):
            pipe.send(("done", task(request, _reporter(pipe))))
    except BrainAtlasError as error:
        pipe.send(("failed", str(error)))
    except MemoryError:
        pipe.send(("failed", "there is not enough memory for this; choose fewer cells"))
    except Exception as error:
        pipe.send(("failed", f"{type(error).__name__}: {error}"))
    finally:
        pipe.close()


def _reporter(pipe: Connection) -> Progress:
    last, told = "", 0.0

    def report(message: str, share: float) -> None:
        nonlocal last, told
        now = time.monotonic()
        if message != last or now - told > _REPORT_EVERY:
            last, told = message, now
            pipe.send(("progress", (message, share)))

    return report
