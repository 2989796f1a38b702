"""A screen where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from napari_brain_atlas.errors import BrainAtlasError

SIZE = "1920x1200x24"
_NEEDED = "needs a display; install xvfb (on Debian: apt install xvfb), or run it on a desktop"


@contextmanager
def virtual_screen() -> Iterator[None]:
    """A virtual display for windows opened inside, unless there is a real one.

    Must be entered before the first window is made.

    Raises
    ------
    BrainAtlasError
        If there is no display and none can be made.
    """
    if has_display():
        yield
        return
    program = shutil.which("Xvfb")
    if program is None:
        raise BrainAtlasError(f"taking pictures of the window {_NEEDED}")
    with _started(program) as display:
        before = os.environ.get("DISPLAY")
        os.environ["DISPLAY"] = display
        # Without a graphics card Mesa draws in software; it is told not to look for one.
        os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
        try:
            yield
        finally:
            _restore("DISPLAY", before)


def has_display() -> bool:
    """Whether windows can be shown."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def _started(program: str) -> Iterator[str]:
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [program, "-displayfd", str(writing), "-screen", "0", SIZE, "-nolisten", "tcp"],
        pass_fds=(writing,), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            raise BrainAtlasError(f"the virtual display did not start; {_NEEDED}")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait()


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
