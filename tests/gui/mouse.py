"""A mouse over the canvas, whatever widget lies there, and what it has drawn around."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from hands import LEFT, NONE
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent, QWheelEvent
from qtpy.QtWidgets import QApplication, QWidget

from napari_brain_atlas.compute.cell_grid import grid_cells
from napari_brain_atlas.compute.selecting import cells_in_polygon
from napari_brain_atlas.gui.chosen import Chosen
from napari_brain_atlas.gui.workspace import Workspace

ALT = Qt.KeyboardModifier.AltModifier
NO_BUTTON = Qt.MouseButton.NoButton
PRESS, MOVE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove
RELEASE, TWICE = QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick


def under(workspace: Workspace, place: QPoint) -> QWidget:
    """What the system would send the mouse to."""
    canvas = workspace.docks.canvas
    return canvas.childAt(place) or canvas


def send(
    workspace: Workspace, kind: QEvent.Type, place: QPoint, button: Any = NO_BUTTON,
    down: Any = NO_BUTTON, held: Any = NONE,
) -> None:  # fmt: skip
    canvas, target = workspace.docks.canvas, under(workspace, place)
    here = QPointF(target.mapFrom(canvas, place) if target is not canvas else place)
    there = QPointF(canvas.mapToGlobal(place))
    QApplication.sendEvent(target, QMouseEvent(kind, here, there, button, down, held))


def drag(workspace: Workspace, path: Sequence[QPoint], held: Any = NONE) -> None:
    send(workspace, MOVE, path[0], held=held)
    send(workspace, PRESS, path[0], LEFT, LEFT, held)
    for place in path[1:]:
        send(workspace, MOVE, place, NO_BUTTON, LEFT, held)
    send(workspace, RELEASE, path[-1], LEFT, NO_BUTTON, held)


def click(workspace: Workspace, place: QPoint, held: Any = NONE) -> None:
    send(workspace, MOVE, place, held=held)
    send(workspace, PRESS, place, LEFT, LEFT, held)
    send(workspace, RELEASE, place, LEFT, NO_BUTTON, held)


def turn_wheel(workspace: Workspace, place: QPoint) -> None:
    target, here = under(workspace, place), QPointF(place)
    turned = QWheelEvent(
        here, QPointF(target.mapToGlobal(place)), QPoint(), QPoint(0, 240), NO_BUTTON,
        NONE, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(target, turned)


def at(workspace: Workspace, right: float, down: float) -> QPoint:
    canvas = workspace.docks.canvas
    return QPoint(round(right * canvas.width()), round(down * canvas.height()))


def ring(
    workspace: Workspace, right: float = 0.5, radius: float = 0.2, n: int = 40
) -> list[QPoint]:
    turns = np.linspace(0, 2 * math.pi, n, endpoint=False)
    return [at(workspace, right + radius * math.cos(t), 0.5 + radius * math.sin(t)) for t in turns]


def staged(workspace: Workspace) -> Chosen:
    found = workspace.view.staged
    assert isinstance(found, Chosen)
    return found


def seen_in(workspace: Workspace, pixels: Sequence[QPoint]) -> set[int]:
    """The cells inside an outline of pixels, by the camera and the meaning of a polygon."""
    canvas, camera = workspace.docks.canvas, workspace.viewer.scene.camera
    _, row, column = (float(v) for v in camera.center)
    corners = [
        workspace.docks.tissue.tissue_place((
            column + (p.x() - canvas.width() / 2) / camera.zoom,
            row + (p.y() - canvas.height() / 2) / camera.zoom,
        ))
        for p in pixels
    ]  # fmt: skip
    section = workspace.atlas.sections[workspace.view.section]
    grid = grid_cells(workspace.atlas.xy[section.cells])
    return set((cells_in_polygon(grid, corners) + section.start).tolist())
