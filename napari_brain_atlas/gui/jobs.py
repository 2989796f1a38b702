"""Long work in another process, so that it can be cancelled and never freezes the window."""

from __future__ import annotations

import atexit
import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from qtpy.QtCore import QObject, QTimer

from napari_brain_atlas.gui.child import Task, run_task
from napari_brain_atlas.gui.qt import Signal

POLL_MS = 40
PATIENCE_S = 0.5


class Job(QObject):
    """One task in another process.

    Starting it again, or cancelling it, ends the one before: its outcome is
    never heard of. Signals come in the thread of the window.
    """

    progressed = Signal(str, float)
    finished = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def running(self) -> bool:
        """Whether a task is under way."""
        return self._process is not None

    def start(self, task: Task, request: Any) -> None:
        """Run ``task(request, progress)`` in a fresh process."""
        self.cancel()
        # Spawned, not forked: a forked child would hold the window's threads and locks.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=run_task, args=(task, request, theirs))
        self._process.start()
        theirs.close()
        atexit.register(self.cancel)
        self._timer.start()

    def cancel(self) -> None:
        """End the task at once."""
        process, pipe = self._process, self._pipe
        self._forget()
        if process is not None:
            process.terminate()
            _reap(process)
        if pipe is not None:
            pipe.close()

    def _forget(self) -> None:
        self._process, self._pipe = None, None
        atexit.unregister(self.cancel)
        self._timer.stop()

    def _poll(self) -> None:
        while self._pipe is not None and self._pipe.poll():
            try:
                kind, value = self._pipe.recv()
            except EOFError:
                self._end_badly()
                return
            self._hear(kind, value)

    def _hear(self, kind: str, value: Any) -> None:
        if kind == "progress":
            self.progressed.emit(*value)
            return
        self._close_ended()
        if kind == "done":
            self.finished.emit(value)
        else:
            self.failed.emit(value)

    def _end_badly(self) -> None:
        code = self._close_ended()
        self.failed.emit(f"the work stopped unexpectedly (exit code {code}); try again")

    def _close_ended(self) -> int | None:
        process, pipe = self._process, self._pipe
        self._forget()
        assert process is not None and pipe is not None
        pipe.close()
        return _reap(process)


def _reap(process: BaseProcess) -> int | None:
    """Wait for a process that has nothing left to do; never so long that the window freezes."""
    process.join(PATIENCE_S)
    if process.is_alive():
        process.kill()
        process.join()
    code = process.exitcode
    process.close()
    return code
