from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from conftest_window import largest_here
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.gui.panels.cluster import ClusterPanel
from napari_brain_atlas.gui.view_state import Suggested
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.commands import Merge, Repartition, Split
from napari_brain_atlas.workflow import embedding
from napari_brain_atlas.workflow.discovery import Scope

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
WAIT_MS = 90_000


def staged(workspace: Workspace) -> Suggested:
    found = workspace.view.staged
    assert isinstance(found, Suggested)
    return found


@pytest.fixture
def grown(workspace: Workspace, qtbot: Any) -> Workspace:
    """A window in which all cells have been searched."""
    QTest.mouseClick(workspace.docks.cluster.search, LEFT)
    assert workspace.view.work is not None
    assert not workspace.docks.cluster.search.isEnabled()
    qtbot.waitUntil(lambda: workspace.view.staged is not None, timeout=WAIT_MS)
    return workspace


def test_a_search_proposes_and_the_slider_cuts_again(grown: Workspace, qtbot: Any) -> None:
    panel = grown.docks.cluster
    before, curation = staged(grown), grown.stage.curation
    assert f"{len(before.proposal.neighborhoods)} found" in panel.found.text()
    assert panel.take.isEnabled()
    QTest.keyClick(panel.size_slider, Key.Key_Home)
    qtbot.waitUntil(lambda: grown.view.staged is not before, timeout=WAIT_MS)
    smallest = staged(grown)
    assert (
        smallest.proposal.evidence["min_cluster_size"]
        < before.proposal.evidence["min_cluster_size"]
    )
    panel.extra.method.setCurrentIndex(panel.extra.method.findData("leaf"))
    qtbot.waitUntil(lambda: grown.view.staged is not smallest, timeout=WAIT_MS)
    assert staged(grown).proposal.evidence["method"] == "leaf"
    # Whatever was shown, nothing has changed.
    assert grown.stage.curation is curation
    QTest.keyClick(grown.docks.canvas, Key.Key_Escape)
    assert grown.view.staged is None
    assert grown.stage.curation is curation


def test_take_makes_it_the_present_state_and_one_undo_takes_it_back(grown: Workspace) -> None:
    before, proposal = grown.stage.curation.owners_of_cells(), staged(grown).proposal
    QTest.keyClick(grown.docks.canvas, Key.Key_Return)
    step = grown.stage.history.past[-1]
    assert isinstance(step.command, Repartition)
    after = grown.stage.curation.owners_of_cells()
    pairs = set(zip(proposal.labels.tolist(), after.tolist(), strict=True))
    assert len(pairs) == len(set(proposal.labels.tolist())) == len(set(after.tolist()))
    assert grown.docks.actions.button("undo").text() == "Undo proposal"
    QTest.keyClick(grown.docks.canvas, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(grown.stage.curation.owners_of_cells(), before)


def test_dragging_the_slider_shows_the_last_place_it_was_at(grown: Workspace, qtbot: Any) -> None:
    slider = grown.docks.cluster.size_slider
    slider.setSliderDown(True)
    for step in range(0, 900, 30):
        slider.setSliderPosition(step)
    slider.setSliderDown(False)
    expected = grown.docks.cluster.size_text.text()

    def shown() -> bool:
        size = staged(grown).proposal.evidence["min_cluster_size"]
        return f"{size:,} cells" == expected

    qtbot.waitUntil(shown, timeout=WAIT_MS)


def test_a_merge_forgets_the_proposal_but_keeps_the_tree(grown: Workspace, qtbot: Any) -> None:
    grown.curator.do(Merge(neighborhoods=(1, 2), into=1))
    assert grown.view.staged is None
    assert grown.view.tree is not None
    QTest.keyClick(grown.docks.cluster.size_slider, Key.Key_Left)
    qtbot.waitUntil(lambda: grown.view.staged is not None, timeout=WAIT_MS)


def test_split_by_key_finds_parts_and_what_is_shown_is_what_is_taken(
    workspace: Workspace, qtbot: Any
) -> None:
    origin = largest_here(workspace)[0]
    before = workspace.stage.curation
    workspace.stage.select((origin,))
    QTest.keyClick(workspace.docks.neighborhoods.table, Key.Key_K)
    qtbot.waitUntil(lambda: workspace.view.staged is not None, timeout=WAIT_MS)
    _until_two_parts(workspace, qtbot)
    shown = staged(workspace)
    assert shown.splits == origin
    np.testing.assert_array_equal(shown.proposal.cells, before.cells_of(origin))
    QTest.keyClick(workspace.docks.neighborhoods.table, Key.Key_Return)
    assert isinstance(workspace.stage.history.past[-1].command, Split)
    after = workspace.stage.curation
    owners = after.owners_of_cells()
    for label, part in enumerate(shown.proposal.neighborhoods):
        cells = shown.proposal.cells[shown.proposal.labels == label]
        [owner] = set(owners[cells].tolist())
        assert after.neighborhood(owner).color == part.color
    assert after.neighborhood(origin).name == before.neighborhood(origin).name
    # The tree was grown over cells that now belong to several neighborhoods.
    assert workspace.view.tree is None


def _until_two_parts(workspace: Workspace, qtbot: Any) -> None:
    for step in (300, 150, 50, 0):
        if len(staged(workspace).proposal.neighborhoods) > 1:
            return
        before = workspace.view.staged
        workspace.docks.cluster.size_slider.setValue(step)
        qtbot.waitUntil(lambda b=before: workspace.view.staged is not b, timeout=WAIT_MS)
    assert len(staged(workspace).proposal.neighborhoods) > 1


def test_cancel_ends_the_search(workspace: Workspace, qtbot: Any) -> None:
    workspace.curator.find(Scope())
    assert workspace.docks.cluster.cancel.isVisible()
    qtbot.wait(300)
    QTest.mouseClick(workspace.docks.cluster.cancel, LEFT)
    assert workspace.view.work is None and workspace.view.staged is None
    assert not workspace.curator.clustering.growing
    assert "Cancelled" in workspace.docks.floating.notice.text()
    assert workspace.docks.cluster.search.isEnabled()


def test_the_window_lives_while_a_search_is_under_way(workspace: Workspace, qtbot: Any) -> None:
    workspace.curator.find(Scope())
    longest, last = 0.0, time.monotonic()
    while workspace.view.work is not None and longest < 2:
        qtbot.wait(5)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert workspace.view.staged is not None
    assert longest < 1.0


def test_a_search_that_fails_is_one_line(
    workspace: Workspace, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> embedding.Grown:
        raise WriteError("the cache was emptied meanwhile; search again")

    monkeypatch.setattr("napari_brain_atlas.gui.clustering.load_hierarchy", fail)
    workspace.curator.find(Scope())
    qtbot.waitUntil(lambda: workspace.view.notice is not None, timeout=WAIT_MS)
    assert workspace.docks.floating.notice.text().startswith("the cache was emptied")
    assert workspace.view.work is None


def test_nothing_is_left_running_when_the_window_closes(workspace: Workspace) -> None:
    workspace.curator.find(Scope())
    workspace.close()
    assert not workspace.curator.clustering.growing


def test_the_selection_can_be_searched(workspace: Workspace) -> None:
    scope = workspace.docks.cluster.scope
    assert Scope((2,)) not in [scope.itemData(i) for i in range(scope.count())]
    workspace.stage.select((2,))
    assert [scope.itemData(i) for i in range(2)] == [Scope(), Scope((2,))]


def test_what_is_searched_stays_with_another_section(workspace: Workspace) -> None:
    scope = workspace.docks.cluster.scope
    words = [scope.itemText(i) for i in range(scope.count())]
    scope.setCurrentIndex(words.index("this section"))
    workspace.stage.show_section(1)
    assert scope.currentData() == Scope(sections=(1,))
    workspace.stage.select((2,))
    assert scope.currentText() == "this section"


def test_one_section_is_searched_and_the_others_stay(workspace: Workspace, qtbot: Any) -> None:
    panel, before = workspace.docks.cluster, workspace.stage.curation
    words = [panel.scope.itemText(i) for i in range(panel.scope.count())]
    panel.scope.setCurrentIndex(words.index("this section"))
    panel.search.click()
    qtbot.waitUntil(lambda: isinstance(workspace.view.staged, Suggested), timeout=60_000)
    section = workspace.atlas.sections[workspace.view.section]
    proposal = workspace.view.staged.proposal
    assert proposal.cells.tolist() == list(range(section.start, section.stop))
    assert "on 1 section" in workspace.docks.floating.said.text()
    workspace.curator.take()
    after = workspace.stage.curation
    for other in workspace.atlas.sections:
        if other.index != section.index:
            same = after.owners_on(other.index) == before.owners_on(other.index)
            assert same.all()


def test_nothing_is_searched_before_the_panel_knows_where(qtbot: Any) -> None:
    panel = ClusterPanel()
    qtbot.addWidget(panel)
    asked: list[Any] = []
    panel.find_asked.connect(asked.append)
    QTest.mouseClick(panel.search, LEFT)
    assert asked == []
