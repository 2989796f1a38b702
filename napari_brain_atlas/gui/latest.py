"""Short work beside the window: what was asked last is done, what it overtook is not."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from qtpy.QtCore import QObject

from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.gui.qt import Signal

logger = logging.getLogger(__name__)
Work = Callable[[], Any]


class Latest(QObject):
    """A thread with one place to wait: a new request replaces the one that waits.

    Results come in the thread of the window. After `drop` nothing asked before
    is heard of.
    """

    done = Signal(object)
    failed = Signal(str)
    _answered = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changed = threading.Condition()
        self._waiting: tuple[int, Work] | None = None
        self._generation = 0
        self._thread: threading.Thread | None = None
        self._answered.connect(self._deliver)

    def ask(self, work: Work) -> None:
        """Do this next; what waits is forgotten."""
        with self._changed:
            self._waiting = (self._generation, work)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            self._changed.notify()

    def drop(self) -> None:
        """Forget what waits and what is being done."""
        with self._changed:
            self._generation += 1
            self._waiting = None

    def stop(self) -> None:
        """End the thread after what it is doing."""
        self.drop()
        with self._changed:
            thread, self._thread = self._thread, None
            self._changed.notify()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        mine = threading.current_thread()
        while True:
            with self._changed:
                while self._waiting is None and self._thread is mine:
                    self._changed.wait()
                if self._waiting is None:
                    return
                generation, work = self._waiting
                self._waiting = None
            self._answered.emit(generation, *_outcome(work))

    def _deliver(self, generation: int, value: object, problem: str | None) -> None:
        if generation != self._generation:
            return
        if problem is None:
            self.done.emit(value)
        else:
            self.failed.emit(problem)


def _outcome(work: Work) -> tuple[Any, str | None]:
    try:
        return work(), None
    except BrainAtlasError as error:
        return None, str(error)
    except Exception as error:
        logger.exception("work beside the window failed")
        return None, f"{type(error).__name__}: {error}"
