"""The whole brain in a window: going there, and where its cells are to be seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from hands import Key, press
from numpy.typing import NDArray
from qtpy.QtCore import QPoint
from qtpy.QtWidgets import QApplication

from napari_brain_atlas.gui.workspace import Workspace


def wait(n: int = 8) -> None:
    for _ in range(n):
        QApplication.processEvents()


def enter(workspace: Workspace) -> None:
    press(workspace, Key.Key_D)
    wait()
    assert workspace.viewer.dims.ndisplay == 3
    assert workspace.view.space.brain is not None


def camera_of(workspace: Workspace) -> tuple[Any, ...]:
    camera = workspace.viewer.scene.camera
    return tuple(camera.center), camera.zoom


def picture_of(workspace: Workspace) -> NDArray[np.int64]:
    shot = workspace.viewer.screenshot(canvas_only=True, flash=False)
    return np.asarray(shot[..., :3], np.int64)


def canvas_places(workspace: Workspace) -> NDArray[np.float64]:
    """Where napari's camera shows the drawn cells: columns and rows of the canvas, and depth."""
    camera, canvas = workspace.viewer.scene.camera, workspace.docks.canvas
    brain = workspace.view.space.brain
    assert brain is not None
    points = brain.cloud.points[:, ::-1] - np.array(camera.center)
    ahead, up = np.array(camera.view_direction), np.array(camera.up_direction)
    # x goes to the right, y down and z towards the eye where nothing is turned.
    right = np.cross(up[::-1], ahead[::-1])[::-1]
    columns = points @ right * camera.zoom + canvas.width() / 2
    rows = canvas.height() / 2 - points @ up * camera.zoom
    return np.column_stack([columns, rows, points @ ahead])


def lonely_cell(workspace: Workspace) -> tuple[int, QPoint]:
    """A drawn cell with nothing else near on the canvas, and its pixel."""
    places, canvas = canvas_places(workspace), workspace.docks.canvas
    margin = 60
    size = np.array([canvas.width(), canvas.height()])
    inside = ((places[:, :2] > margin) & (places[:, :2] < size - margin)).all(axis=1)
    apart = np.hypot(*(places[:, None, :2] - places[None, :, :2]).T)
    np.fill_diagonal(apart, np.inf)
    alone = np.where(inside, apart.min(axis=0), -1)
    k = int(alone.argmax())
    return k, QPoint(int(places[k, 0]), int(places[k, 1]))
