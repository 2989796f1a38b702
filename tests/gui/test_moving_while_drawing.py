"""The tissue can be moved while a tool is in hand, and what was begun stays."""

from __future__ import annotations

from collections.abc import Sequence

from hands import LEFT, Key, press
from mouse import (
    MOVE,
    NO_BUTTON,
    PRESS,
    RELEASE,
    at,
    click,
    drag,
    ring,
    send,
    staged,
)
from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtGui import QFocusEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_brain_atlas.gui.workspace import Workspace


def center(workspace: Workspace) -> tuple[float, ...]:
    return tuple(workspace.viewer.scene.camera.center)


def pull(workspace: Workspace, path: Sequence[QPoint]) -> None:
    """Drag as slowly as a hand: napari leaves out what follows too fast."""
    send(workspace, MOVE, path[0])
    send(workspace, PRESS, path[0], LEFT, LEFT)
    for place in path[1:]:
        QTest.qWait(60)
        send(workspace, MOVE, place, NO_BUTTON, LEFT)
    send(workspace, RELEASE, path[-1], LEFT)


def test_space_moves_the_tissue_under_a_polygon(workspace: Workspace) -> None:
    press(workspace, Key.Key_P)
    for right, down in ((0.4, 0.4), (0.6, 0.4)):
        click(workspace, at(workspace, right, down))
    before = center(workspace)
    QTest.keyPress(workspace.docks.canvas, Qt.Key.Key_Space)
    pull(workspace, [at(workspace, 0.5, y) for y in (0.5, 0.45, 0.4, 0.35)])
    QTest.keyRelease(workspace.docks.canvas, Qt.Key.Key_Space)
    assert center(workspace) != before
    draft = workspace.choosing.sketch.draft
    assert draft is not None and len(draft.points) == 2
    moved = center(workspace)
    click(workspace, at(workspace, 0.5, 0.6))
    press(workspace, Key.Key_Return)
    assert center(workspace) == moved
    assert len(staged(workspace).cells)


def test_without_space_the_mouse_draws_again(workspace: Workspace) -> None:
    press(workspace, Key.Key_S)
    QTest.keyPress(workspace.docks.canvas, Qt.Key.Key_Space)
    QTest.keyRelease(workspace.docks.canvas, Qt.Key.Key_Space)
    before = center(workspace)
    pull(workspace, ring(workspace, n=12))
    assert center(workspace) == before and len(staged(workspace).cells)


def test_space_that_is_let_go_elsewhere_does_not_stay_held(workspace: Workspace) -> None:
    press(workspace, Key.Key_S)
    canvas = workspace.docks.canvas
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut))
    drag(workspace, ring(workspace))
    assert len(staged(workspace).cells)
