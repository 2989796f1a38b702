from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest_window import settle
from hands import (
    LEFT,
    NONE,
    choose,
    type_name,
)
from qtpy.QtCore import Qt
from qtpy.QtGui import QContextMenuEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.commands import Group, Lock, Merge


def listed(workspace: Workspace) -> list[str]:
    shown = workspace.docks.history.list
    return [shown.item(i).text() for i in range(shown.count())]


def take_snapshot(workspace: Workspace, name: str) -> None:
    workspace.docks.show_history(True)
    settle(workspace)
    QTest.mouseClick(workspace.docks.history.snapshot, LEFT)
    type_name(workspace, name)


def test_a_snapshot_is_named_listed_and_restored(workspace: Workspace) -> None:
    workspace.curator.do(Group(neighborhoods=(1, 2), name="HPF"))
    take_snapshot(workspace, "first pass")
    workspace.curator.do(Lock(neighborhoods=(3,)))
    workspace.curator.undo()
    assert [text.split(" ")[0] for text in listed(workspace)] == ["undone:", "⚑", "Grouped"]
    workspace.curator.do(Merge(neighborhoods=(1, 2), into=1))
    shown = workspace.docks.history.list
    place = shown.visualItemRect(shown.item(1)).center()
    viewport = shown.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.RightButton, NONE, place)
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, viewport.mapToGlobal(place))
    QApplication.sendEvent(viewport, asked)
    choose(workspace.docks.history.menu, workspace.docks.history.restore)
    assert {1, 2} <= set(workspace.stage.curation.neighborhoods)
    assert workspace.docks.actions.button("undo").text() == "Undo restore"
    assert listed(workspace)[0].startswith("Restored the snapshot 'first pass'")


def test_a_name_that_is_taken_can_be_mended(workspace: Workspace) -> None:
    take_snapshot(workspace, "one")
    take_snapshot(workspace, "one")
    assert "choose another name" in workspace.docks.floating.notice.text()
    assert workspace.docks.floating.asking.isVisible()
    type_name(workspace, "two")
    assert set(workspace.stage.history.snapshots) == {"one", "two"}


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_what_was_undone_can_be_read_and_told_apart(workspace: Workspace, theme: str) -> None:
    workspace.viewer.theme = theme
    workspace.curator.do(Lock(neighborhoods=(3,)))
    workspace.docks.show_history(True)
    settle(workspace)
    shown = workspace.docks.history.list
    darkest = {True: 0.0, False: 0.0}
    for undone in (False, True):
        if undone:
            workspace.curator.undo()
            settle(workspace)
        image = shown.viewport().grab(shown.visualItemRect(shown.item(0))).toImage()
        lights = [
            _luminance(image.pixelColor(x, y))
            for x in range(image.width()) for y in range(image.height())
        ]  # fmt: skip
        darkest[undone] = (max(lights) + 0.05) / (min(lights) + 0.05)
    assert darkest[True] > 4.5
    assert darkest[False] > darkest[True]
    assert shown.item(0).font().italic()
    workspace.viewer.theme = "dark"


def _luminance(color: Any) -> float:
    """Relative luminance, as WCAG 2.1 defines it."""
    channels = np.array(color.getRgbF()[:3])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
