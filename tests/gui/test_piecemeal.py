"""A proposal that is taken neighborhood by neighborhood, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest

from napari_brain_atlas.gui.view_state import Suggested
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.proposal import Proposal
from napari_brain_atlas.workflow.describing import described
from napari_brain_atlas.workflow.discovery import Scope

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def proposed(workspace: Workspace) -> Workspace:
    """A window in which three neighborhoods wait, and their list is unfolded."""
    atlas = workspace.atlas
    labels = (np.arange(atlas.n_cells) % 3).astype(np.int32)
    proposal = Proposal(labels, np.full(len(labels), 200, np.uint8), ())
    found = described(proposal, atlas, workspace.stage.curation)
    workspace.stage.update(staged=Suggested(found, Scope()))
    QTest.mouseClick(workspace.docks.cluster.one_by_one, LEFT)
    assert workspace.docks.cluster.parts.isVisible()
    return workspace


def staged(workspace: Workspace) -> Suggested:
    found = workspace.view.staged
    assert isinstance(found, Suggested)
    return found


def click_tick(workspace: Workspace, row: int) -> None:
    tree = workspace.docks.cluster.parts.list
    box = tree.visualItemRect(tree.topLevelItem(row))
    QTest.mouseClick(tree.viewport(), LEFT, pos=QPoint(box.left() + 10, box.center().y()))


def test_what_is_not_ticked_stays_and_waits_on(proposed: Workspace) -> None:
    panel, before = proposed.docks.cluster, proposed.stage.curation.owners_of_cells()
    click_tick(proposed, 1)
    left = next(iter(staged(proposed).left_out))
    labels = staged(proposed).found.labels
    assert panel.take.text() == "Take 2 (Enter)"
    assert panel.parts.told.text() == "2 of 3 ticked"
    QTest.mouseClick(panel.take, LEFT)
    after = proposed.stage.curation.owners_of_cells()
    np.testing.assert_array_equal(after[labels == left], before[labels == left])
    assert len(np.unique(after[labels != left])) == 2
    # The third waits, and Enter takes it too.
    assert len(staged(proposed).proposal.neighborhoods) == 1
    QTest.keyClick(proposed.docks.canvas, Key.Key_Return)
    assert proposed.view.staged is None
    assert len(np.unique(proposed.stage.curation.owners_of_cells())) == 3
    for _ in range(2):
        QTest.keyClick(proposed.docks.canvas, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(proposed.stage.curation.owners_of_cells(), before)


def test_none_and_all(proposed: Workspace) -> None:
    panel, whole = proposed.docks.cluster, staged(proposed).proposal
    QTest.mouseClick(panel.parts.none, LEFT)
    assert staged(proposed).left_out == {0, 1, 2}
    assert not panel.take.isEnabled()
    steps = len(proposed.stage.history.past)
    QTest.keyClick(proposed.docks.canvas, Key.Key_Return)
    assert len(proposed.stage.history.past) == steps
    assert "tick" in str(proposed.view.notice)
    QTest.mouseClick(panel.parts.all, LEFT)
    assert staged(proposed).proposal is whole
    assert panel.take.isEnabled()


def test_a_key_turns_what_is_under_the_pointer(proposed: Workspace) -> None:
    section = proposed.atlas.sections[proposed.view.section]
    cell = section.start + 7
    x, y = (float(v) for v in proposed.atlas.xy[cell])
    proposed._hover((x, y))
    label = int(staged(proposed).found.labels[cell])
    for left in ({label}, set()):
        QTest.keyClick(proposed.docks.canvas, Key.Key_N)
        assert staged(proposed).left_out == left
    proposed._forget_place()
    QTest.keyClick(proposed.docks.canvas, Key.Key_N)
    assert not staged(proposed).left_out
    assert "under the pointer" in str(proposed.view.notice)


def test_a_double_click_goes_to_its_section(proposed: Workspace) -> None:
    asked: list[int] = []
    parts = proposed.docks.cluster.parts
    parts.visit_asked.connect(asked.append)
    tree = parts.list
    box = tree.visualItemRect(tree.topLevelItem(2))
    place = QPoint(box.left() + 80, box.center().y())
    QTest.mouseClick(tree.viewport(), LEFT, pos=place)
    QTest.mouseDClick(tree.viewport(), LEFT, pos=place)
    assert len(asked) == 1
    found = staged(proposed).found
    here = [
        (found.labels[s.start : s.start + s.n_cells] == asked[0]).sum()
        for s in proposed.atlas.sections
    ]
    assert here[proposed.view.section] == max(here)


def test_a_list_is_gone_with_what_it_lists(proposed: Workspace) -> None:
    QTest.keyClick(proposed.docks.canvas, Key.Key_Escape)
    panel: Any = proposed.docks.cluster
    assert not panel.parts.isVisible()
    assert not panel.one_by_one.isVisible()
    assert panel.parts.list.topLevelItemCount() == 0
