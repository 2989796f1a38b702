from __future__ import annotations

from typing import Any

import pytest
from conftest_window import largest_here
from hands import click_row, press
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QWidget

from napari_brain_atlas.gui.after_frame import PATIENCE_MS, AfterFrame
from napari_brain_atlas.gui.workspace import Workspace

pytestmark = pytest.mark.usefixtures("panels_wait")


def title(workspace: Workspace) -> str:
    return str(workspace.docks.floating.title.text())


def test_panels_follow_the_frame_of_the_tissue(workspace: Workspace, qtbot: Any) -> None:
    before = title(workspace)
    order: list[str] = []
    workspace.docks.canvas.frameSwapped.connect(lambda: order.append(title(workspace)))
    workspace.stage.show_section(1)
    assert title(workspace) == before
    qtbot.waitUntil(lambda: title(workspace) != before, timeout=5000)
    assert order[0] == before


def test_who_acts_acts_on_panels_that_are_up_to_date(workspace: Workspace) -> None:
    for _ in range(3):
        press(workspace, Qt.Key.Key_PageDown)
    assert workspace.view.section == 3
    workspace.stage.show_section(0)
    first, second = largest_here(workspace)
    click_row(workspace, first)
    click_row(workspace, second, Qt.KeyboardModifier.ControlModifier)
    assert workspace.view.selection == (first, second)


def test_a_canvas_that_presents_nothing_is_not_waited_for(qtbot: Any) -> None:
    hidden, calls = QWidget(), []
    qtbot.addWidget(hidden)
    later = AfterFrame(hidden, lambda: calls.append(1), hidden)
    later.wait()
    later.wait()
    assert not calls
    qtbot.waitUntil(lambda: bool(calls), timeout=20 * PATIENCE_MS)
    assert calls == [1]


def test_what_is_stopped_is_not_called(qtbot: Any) -> None:
    hidden, calls = QWidget(), []
    qtbot.addWidget(hidden)
    later = AfterFrame(hidden, lambda: calls.append(1), hidden)
    later.wait()
    later.stop()
    later.now()
    qtbot.wait(2 * PATIENCE_MS)
    assert not calls
