"""Frames that a real window presents, timed from the event that asked for them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import napari
import numpy as np
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtWidgets import QApplication, QDockWidget

CANVAS = (1200, 900)
PATIENCE_S = 120.0


class Frames:
    """Counts the frames that a canvas has presented, and times the next one."""

    def __init__(self, canvas: QOpenGLWidget) -> None:
        self.canvas = canvas
        self._count = 0
        canvas.frameSwapped.connect(self._swapped)

    def settle(self, seconds: float = 0.05) -> None:
        """Let everything that is under way finish."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            QApplication.processEvents()
            time.sleep(0.001)

    def after(self, act: Callable[[], Any]) -> float:
        """Milliseconds from a call to the next frame."""
        self.settle()
        before, start = self._count, time.perf_counter()
        act()
        while self._count == before:
            QApplication.processEvents()
            if time.perf_counter() - start > PATIENCE_S:
                raise TimeoutError("no frame was presented")
        return 1e3 * (time.perf_counter() - start)

    def showing(self, act: Callable[[], Any], changed: Callable[[], bool]) -> float:
        """Milliseconds from a call to the first frame that is presented once it has an effect."""
        self.settle()
        presented: list[float] = []

        def note() -> None:
            if changed():
                presented.append(time.perf_counter())

        self.canvas.frameSwapped.connect(note)
        start = time.perf_counter()
        act()
        while not presented:
            QApplication.processEvents()
            # Work in threads is under way; Qt's own loop would sleep, too.
            time.sleep(0.0005)
            if time.perf_counter() - start > PATIENCE_S:
                raise TimeoutError("no frame was presented")
        self.canvas.frameSwapped.disconnect(note)
        return 1e3 * (presented[0] - start)

    def _swapped(self) -> None:
        self._count += 1


def told(times: list[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    return {"median": statistics.median(times), "p95": float(np.quantile(times, 0.95))}


def moves(viewer: Any, frames: Frames, runs: int) -> list[float]:
    """Milliseconds of moves of the camera: half pan, half zoom."""
    camera = viewer.scene.camera
    center, zoom = tuple(camera.center), camera.zoom
    times = []
    for i in range(1, runs + 1):
        place = (center[0], center[1] + 3 * i / zoom, center[2] - 5 * i / zoom)
        if i % 2:
            times.append(frames.after(lambda p=place: setattr(camera, "center", p)))
        else:
            times.append(frames.after(lambda z=zoom * (1 + 0.02 * i): setattr(camera, "zoom", z)))
    camera.center, camera.zoom = center, zoom
    frames.settle(0.3)
    return times


def changes(viewer: Any, act: Callable[[], Any]) -> bool:
    """Whether the pixels that are presented differ after a call."""
    before = viewer.screenshot(canvas_only=True, flash=False)
    act()
    return bool((before != viewer.screenshot(canvas_only=True, flash=False)).any())


def plain_window() -> tuple[Any, Frames]:
    """napari without docks, its canvas of the size that is measured."""
    viewer = napari.Viewer(show=False)
    viewer.window.show()
    canvas = fit_canvas(viewer)
    return viewer, Frames(canvas)


def fit_canvas(viewer: Any, docks: bool = False) -> QOpenGLWidget:
    """Make the canvas as large as is measured."""
    canvas = next(w for w in QApplication.allWidgets() if isinstance(w, QOpenGLWidget))
    window = canvas.window()
    for dock in window.findChildren(QDockWidget):
        dock.setVisible(docks and dock.isVisible())
    for _ in range(5):
        for _ in range(20):
            QApplication.processEvents()
            time.sleep(0.01)
        more = [
            want - have
            for want, have in zip(CANVAS, (canvas.width(), canvas.height()), strict=True)
        ]
        if more == [0, 0]:
            return canvas
        window.resize(window.width() + more[0], window.height() + more[1])
    raise RuntimeError(
        f"the canvas stays {canvas.width()} × {canvas.height()}; use a larger screen"
    )
