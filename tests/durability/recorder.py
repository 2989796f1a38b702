"""Run a program and record all that it, its threads and its children do to files.

    python recorder.py ROOT LOG PROGRAM ARGUMENTS…

Writes a pickled list of events to LOG. The program speaks to the recorder by
writing to ROOT/marks; ``begin NAME`` there makes ROOT/NAME the folder that is
recorded, from the state that it is in. Exit status 77: this system forbids it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
from pathlib import Path

import system_calls as calls
from disk_events import Event
from interpreter import Interpreter

FORBIDDEN = 77


def record(root: Path, program: list[str]) -> tuple[list[Event], int]:
    """The events of a program, and its exit status."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        os.read(reading, 1)
        calls.watch_only_file_calls()
        os.execv(program[0], program)
    try:
        calls.seize(child)
    except OSError:
        os.kill(child, signal.SIGKILL)
        sys.exit(FORBIDDEN)
    os.close(writing)
    interpreter = Interpreter(root)
    status = Follower(interpreter).follow(child)
    return interpreter.events, status


class Follower:
    """Lets the traced threads run, but only one at a time change files.

    Else two calls that overlap could be reported in another order than the
    system did them.
    """

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._changing: int | None = None
        self._waiting: list[tuple[int, calls.Call]] = []

    def follow(self, main: int) -> int:
        """Until all processes have ended; the exit status of the first one."""
        result = -1
        while True:
            try:
                pid, status = os.waitpid(-1, calls.WALL)
            except ChildProcessError:
                return result
            with contextlib.suppress(ProcessLookupError):  # killed while it was stopped
                if os.WIFSTOPPED(status):
                    self._stopped(pid, status)
                    continue
            if pid == main and not os.WIFSTOPPED(status):
                result = os.waitstatus_to_exitcode(status)
            self._gone(pid)

    def _stopped(self, pid: int, status: int) -> None:
        event, number = status >> 16, os.WSTOPSIG(status)
        if event == calls.EVENT_SECCOMP:
            self._enter(pid, calls.entered(pid))
        elif event == calls.EVENT_STOP and number != signal.SIGTRAP:
            calls.stay_stopped(pid)
        elif event:
            calls.go_on(pid)
        elif number == signal.SIGTRAP | 0x80:
            self._interpreter.leave(pid, calls.returned(pid))
            calls.go_on(pid)
            self._next()
        else:
            calls.go_on(pid, number)

    def _enter(self, pid: int, call: calls.Call) -> None:
        if not self._interpreter.concerns(pid, call):
            # A write to a pipe may wait for another thread, so it must not hold that up.
            calls.go_on(pid)
        elif self._changing is not None:
            self._waiting.append((pid, call))
        else:
            self._interpreter.enter(pid, call)
            calls.go_on_to_the_end_of_the_call(pid)
            self._changing = pid

    def _next(self) -> None:
        self._changing = None
        while self._waiting and self._changing is None:
            with contextlib.suppress(ProcessLookupError):
                self._enter(*self._waiting.pop(0))

    def _gone(self, pid: int) -> None:
        self._waiting = [(p, call) for p, call in self._waiting if p != pid]
        if self._changing == pid:
            self._next()


if __name__ == "__main__":
    events, status = record(Path(sys.argv[1]).resolve(), sys.argv[3:])
    Path(sys.argv[2]).write_bytes(pickle.dumps(events))
    sys.exit(0 if status == 0 else 1)
