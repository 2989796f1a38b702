"""Curators who work until they are killed, and say what is done.

    python curating_child.py

A server that has imported everything: each line on its standard input,
``PATH<tab>DOOR<tab>POINT``, forks a curator. On standard output stand the facts:
``pid N``, ``do SEQ``, ``ack SEQ``, ``saving SEQ``, ``saved SEQ``, ``refused WHY``,
``failed WHY`` by the curator, then ``ended STATUS``, and ``alone`` once all that
it had started is gone, too. Commands follow from their number alone, so that
what the state after each must be is known.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

from napari_brain_atlas.cli import main
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.io import points
from napari_brain_atlas.model.commands import parse_command
from napari_brain_atlas.workflow.document import open_document

_SUBREAPER = 36
SAVE_EVERY, LENGTH = 4, 16
PARTS = 6


def command_number(seq: int) -> dict[str, Any]:
    """The command with a number, from 1; the first makes the neighborhoods 1 to 6."""
    if seq == 1:
        parts = [{"cells": [*range(k, 300, PARTS)], "name": f"part {k}"} for k in range(PARTS)]
        return {"op": "split", "neighborhood": 0, "parts": parts}
    some = 1 + seq % PARTS
    return [
        {
            "op": "annotate",
            "neighborhood": some,
            "name": f"name {seq}",
            "notes": "n" * (seq % 700),
        },
        {"op": "reassign", "cells": [(seq * 7 + i * 3) % 400 for i in range(90)], "into": some},
        {"op": "undo"},
        {"op": "annotate", "neighborhood": some, "full_name": f"{seq}"},
        {"op": "annotate", "neighborhood": some, "notes": ""},
        {"op": "split", "neighborhood": some, "cells": [some - 1], "name": f"new {seq}"},
        {"op": "undo"},
    ][(seq - 2) % 7]


def serve() -> None:
    """Fork a curator for each line of standard input."""
    # Orphans come to this process, so that it knows when the last one is gone.
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    for line in sys.stdin:
        path, door, stop = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            _curate(Path(path), door, stop)
        tell(f"pid {child}")
        with contextlib.suppress(ChildProcessError):
            while True:
                ended, status = os.wait()
                if ended == child:
                    tell(f"ended {os.waitstatus_to_exitcode(status)}")
        tell("alone")


def _curate(path: Path, door: str, stop: str) -> None:
    status = 1
    try:
        os.environ[points.STOP_AT_VARIABLE] = stop
        # It reads the environment when it is imported.
        importlib.reload(points)
        DOORS[door](path)
        status = 0
    except BaseException as error:
        tell(f"failed {type(error).__name__}: {error}")
    finally:
        os._exit(status)


def with_document(path: Path) -> None:
    """Through Document: commands, and a save in place after every few."""
    with open_document(path) as document:
        for _ in range(LENGTH):
            seq = document.seq + 1
            tell(f"do {seq}")
            document.session.do(parse_command(command_number(seq)))
            tell(f"ack {seq}")
            if seq % SAVE_EVERY == 0:
                tell(f"saving {seq}")
                try:
                    document.save()
                except BrainAtlasError as error:
                    tell(f"refused {error}")
                else:
                    tell(f"saved {seq}")


def with_command_line(path: Path) -> None:
    """Through `apply` and `save`: each sentence on standard output is an acknowledgement."""
    with open_document(path) as document:
        seq = document.seq
    for _ in range(LENGTH // SAVE_EVERY):
        numbers = range(seq + 1, seq + 1 + SAVE_EVERY)
        lines = path.with_suffix(".commands")
        lines.write_text("".join(json.dumps(command_number(n)) + "\n" for n in numbers))
        sys.stdout = _Acknowledging(seq)  # type: ignore[assignment]
        sys.stderr = errors = io.StringIO()
        tell(f"do {seq + 1}")
        if status := main(["apply", str(path), str(lines)]):
            raise AssertionError(f"apply ended with {status}: {errors.getvalue()}")
        seq = numbers[-1]
        tell(f"saving {seq}")
        tell(f"saved {seq}" if main(["save", str(path)]) == 0 else "refused by save")


class _Acknowledging:
    """Standard output of `apply`, of which each line tells of one committed command."""

    def __init__(self, seq: int) -> None:
        self._seq, self._last = seq, seq + SAVE_EVERY

    def write(self, text: str) -> int:
        for _ in range(text.count("\n")):
            self._seq += 1
            if self._seq <= self._last:
                tell(f"ack {self._seq}")
                if self._seq < self._last:
                    tell(f"do {self._seq + 1}")
        return len(text)

    def flush(self) -> None:
        pass


def tell(text: str) -> None:
    """One fact, in one write, so that a kill leaves whole lines."""
    os.write(1, (" ".join(text.split()) + "\n").encode())


DOORS = {"document": with_document, "command line": with_command_line}

if __name__ == "__main__":
    serve()
