"""A save in a process of its own, whose death is told as an error."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import napari_brain_atlas
from napari_brain_atlas.errors import BrainAtlasError, InputError, WriteError
from napari_brain_atlas.io import elements as curated
from napari_brain_atlas.io.save_child import MARK
from napari_brain_atlas.io.save_request import SaveRequest, send_request
from napari_brain_atlas.io.seen import Seen, record_in_file
from napari_brain_atlas.io.temporaries import sweep
from napari_brain_atlas.model.progress import Progress

_MODULE = "napari_brain_atlas.io.save_child"


def perform_apart(request: SaveRequest, progress: Progress) -> Seen:
    """Save in another process, which dies with this one or when this is interrupted.

    Raises
    ------
    InputError, WriteError
        As `perform`, and where the process dies.
    """
    try:
        child = _start()
    except OSError as error:
        raise WriteError(f"{request.target}: cannot be saved: {error}; it is as it was") from error
    with child:
        try:
            _send(request, child)
            answer, noise = _listen(child, progress)
        except BaseException:
            child.kill()
            child.wait()
            sweep(request.target)
            raise
        finally:
            _hang_up(child)
    return _outcome(request, answer, noise, child.wait())


def _start() -> subprocess.Popen[bytes]:
    # -P: what lies in the user's folder is not to be imported.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", _MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment(),
        # Ctrl+C in a terminal goes to us alone; we end the child.
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """Ours, and this package to be found where we found it."""
    home = Path(napari_brain_atlas.__file__).parents[1]
    known = os.environ.get("PYTHONPATH", "")
    if home.name in ("site-packages", "dist-packages"):
        return dict(os.environ)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (known, str(home))))}


def _send(request: SaveRequest, child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None
    # A child that died at once is told by what it left unsaid.
    with contextlib.suppress(BrokenPipeError):
        send_request(request, child.stdin)


def _listen(
    child: subprocess.Popen[bytes], progress: Progress
) -> tuple[dict[str, Any] | None, str]:
    """The last answer, and the last line of noise."""
    assert child.stdout is not None
    answer, noise = None, ""
    for raw in child.stdout:
        line = raw.decode(errors="replace").strip()
        if not raw.startswith(MARK.encode()):
            noise = line or noise
            continue
        said = json.loads(line.lstrip(MARK))
        if "progress" in said:
            progress(*said["progress"])
        else:
            answer = said
    return answer, noise


def _hang_up(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        child.stdin.close()


def _outcome(request: SaveRequest, answer: dict[str, Any] | None, noise: str, code: int) -> Seen:
    if answer is not None and "seen" in answer:
        return Seen(*answer["seen"])
    # Only now nobody writes there any more: a library may do so in a thread of its own.
    sweep(request.target)
    if answer is None:
        raise WriteError(f"{request.target}: {_death(request, noise, code)}")
    if "problems" in answer:
        raise InputError(answer["place"], answer["problems"])
    raise WriteError(answer["error"])


def _death(request: SaveRequest, noise: str, code: int) -> str:
    """What to say of a process that died without an answer, and of the file."""
    how = _signal(-code) if code < 0 else f"with code {code}"
    why = f" ({noise[:200]})" if noise else ""
    if _is_saved(request):
        return f"was written, but the process that wrote it ended {how} before it was confirmed"
    return (
        f"cannot be written: the process that wrote it ended {how}{why}, as happens when the "
        "disk is full; it is as it was"
    )


def _signal(number: int) -> str:
    try:
        return f"by {signal.Signals(number).name}"
    except ValueError:
        return f"by signal {number}"


def _is_saved(request: SaveRequest) -> bool:
    with contextlib.suppress(BrainAtlasError, OSError):
        said = curated.said_by(record_in_file(request.target))
        return said.get(curated.SAVE) == curated.stamped(request.elements).save
    return False
