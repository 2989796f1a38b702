"""Suggestions in a real window: a click previews, another takes, and the list keeps up."""

from __future__ import annotations

import pytest
from conftest_window import largest_here
from hands import CTRL, Key, press, sentence
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest

from napari_brain_atlas.gui.suggestion_scene import (
    MISSING,
    NOTHING,
    UNASKED,
    UNKNOWN,
    Suggestions,
    suggestion_scene,
)
from napari_brain_atlas.gui.view_state import Merging, Suggested
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.commands import Merge
from napari_brain_atlas.workflow.document import Document
from napari_brain_atlas.workflow.suggesting import Suggestion

LEFT = Qt.MouseButton.LeftButton
FOUND = (
    Suggestion("merge", (2, 1), 0.5, "alike", {"together": 0.9}),
    Suggestion("split", (3,), 0.4, "two parts", {"coherence": 0.9}, 77),
)


@pytest.fixture
def mistaken(workspace: Workspace, qtbot) -> Workspace:
    """A window in which two neighborhoods were merged by mistake, and suggestions were asked."""
    pair = tuple(largest_here(workspace, 2))
    workspace.curator.do(Merge(neighborhoods=pair, into=pair[0]))
    panel = workspace.docks.suggestions
    dock = panel.parent()
    while not hasattr(dock, "raise_") or type(dock).__name__ == "QWidget":
        dock = dock.parent()
    dock.show()
    dock.raise_()
    qtbot.waitUntil(panel.isVisible)
    assert panel.told.text() == UNASKED
    QTest.mouseClick(panel.look, LEFT)
    qtbot.waitUntil(lambda: workspace.view.suggestions.found is not None, timeout=60_000)
    return workspace


def row_of(workspace: Workspace, key: str) -> QPoint:
    shown = workspace.docks.suggestions.list
    keys = [shown.item(i).data(Qt.ItemDataRole.UserRole) for i in range(shown.count())]
    item = shown.item(keys.index(key))
    shown.scrollToItem(item)
    return shown.visualItemRect(item).center()


def click(workspace: Workspace, key: str) -> None:
    view = workspace.docks.suggestions.list.viewport()
    QTest.mouseClick(view, LEFT, pos=row_of(workspace, key))


def keys(workspace: Workspace) -> list[str]:
    return [found.key for found in workspace.view.suggestions.found or ()]


def first(workspace: Workspace, kind: str) -> Suggestion:
    return next(s for s in workspace.view.suggestions.found or () if s.kind == kind)


def test_a_split_is_previewed_taken_and_no_longer_suggested(mistaken: Workspace, qtbot) -> None:
    panel, before = mistaken.docks.suggestions, mistaken.stage.curation
    found = first(mistaken, "split")
    click(mistaken, found.key)
    qtbot.waitUntil(lambda: isinstance(mistaken.view.staged, Suggested), timeout=20_000)
    assert mistaken.stage.curation is before
    assert mistaken.view.selection == found.neighborhoods
    assert mistaken.view.suggestions.shown == found.key
    assert panel.take.isEnabled()
    QTest.mouseClick(panel.take, LEFT)
    assert sentence(mistaken).startswith("Split ")
    assert mistaken.view.staged is None and not mistaken.view.suggestions.shown
    after = mistaken.stage.curation
    assert len(after.neighborhoods) == len(before.neighborhoods) + 1

    # What stays may have parts of its own, but not this one again.
    def there() -> bool:
        return found in (mistaken.view.suggestions.found or ())

    qtbot.waitUntil(lambda: not there(), timeout=20_000)
    press(mistaken, Key.Key_Z, CTRL)
    qtbot.waitUntil(there, timeout=20_000)


def test_a_suggestion_is_turned_down_until_it_is_undone(mistaken: Workspace, qtbot) -> None:
    panel, found = mistaken.docks.suggestions, first(mistaken, "split")
    assert not panel.dismiss.isEnabled()
    click(mistaken, found.key)
    QTest.mouseClick(panel.dismiss, LEFT)
    assert found.key in mistaken.stage.curation.dismissed
    assert "Dismissed the suggestion" in sentence(mistaken)
    qtbot.waitUntil(lambda: found.key not in keys(mistaken), timeout=20_000)
    press(mistaken, Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: found.key in keys(mistaken), timeout=20_000)


def test_escape_leaves_the_preview(mistaken: Workspace, qtbot) -> None:
    found, before = first(mistaken, "split"), mistaken.stage.curation
    click(mistaken, found.key)
    qtbot.waitUntil(lambda: isinstance(mistaken.view.staged, Suggested), timeout=20_000)
    press(mistaken, Key.Key_Escape)
    assert mistaken.view.staged is None and not mistaken.view.suggestions.shown
    assert mistaken.docks.suggestions.list.currentRow() == -1
    assert not mistaken.docks.suggestions.take.isEnabled()
    assert mistaken.stage.curation is before


def test_a_merge_is_previewed_and_taken_with_its_reason(mistaken: Workspace) -> None:
    one, other = sorted(i for i in mistaken.stage.curation.neighborhoods if i)[:2]
    found = Suggestion("merge", (other, one), 0.5, "alike", {"together": 0.9})
    shown = Suggestions((found,))
    mistaken.stage.update(suggestions=shown)
    click(mistaken, found.key)
    staged = mistaken.view.staged
    assert isinstance(staged, Merging) and staged.members == (other, one)
    press(mistaken, Key.Key_Return)
    assert sentence(mistaken).startswith("Merged ")
    assert one not in mistaken.stage.curation.neighborhoods


def test_another_selection_leaves_the_preview_of_a_merge(mistaken: Workspace) -> None:
    one, other, third = sorted(i for i in mistaken.stage.curation.neighborhoods if i)[:3]
    found = Suggestion("merge", (one, other), 0.5, "alike", {})
    mistaken.stage.update(suggestions=Suggestions((found,)))
    click(mistaken, found.key)
    mistaken.stage.select((third,))
    assert mistaken.view.staged is None and not mistaken.view.suggestions.shown


def test_another_embedding_forgets_what_was_suggested(mistaken: Workspace) -> None:
    assert mistaken.view.suggestions.found
    mistaken.curator.use_embedding("X_other")
    assert mistaken.view.suggestions == UNKNOWN


def test_looking_can_be_cancelled(mistaken: Workspace) -> None:
    panel = mistaken.docks.suggestions
    QTest.mouseClick(panel.look, LEFT)
    assert panel.cancel.isVisible() and panel.progress.isVisible()
    assert not panel.look.isEnabled()
    QTest.mouseClick(panel.cancel, LEFT)
    assert not panel.cancel.isVisible() and panel.look.isEnabled()


@pytest.mark.parametrize(
    ("suggestions", "told", "n_lines"),
    [
        (UNKNOWN, UNASKED, 0),
        (Suggestions(()), NOTHING, 0),
        (Suggestions(share=0.3, doing="Finding neighbors"), "Finding neighbors …", 0),
        (Suggestions(FOUND), "", 2),
        (Suggestions((*FOUND, Suggestion("split", (999,), 0.1, "gone", {}))), "", 2),
    ],
    ids=["not asked", "nothing", "looking", "found", "gone since"],
)
def test_what_the_panel_says(
    document: Document, suggestions: Suggestions, told: str, n_lines: int
) -> None:
    curation = document.session.curation
    scene = suggestion_scene(curation, suggestions, staged=False, busy=False)
    assert (scene.told, len(scene.lines)) == (told, n_lines)
    assert scene.can_look == (suggestions.share is None)
    assert not scene.can_take
    if n_lines:
        merge, split = scene.lines
        names = [curation.neighborhood(i).name for i in (2, 1)]
        assert merge.title == f"merge {' + '.join(names)}" and len(merge.colors) == 2
        assert (split.is_merge, split.reason) == (False, "two parts")


def test_without_neighborhoods_the_panel_says_where_to_find_some(document: Document) -> None:
    curation = document.session.curation
    bare = curation.without(curation.ids[1:].tolist())
    scene = suggestion_scene(bare, UNKNOWN, staged=False, busy=False)
    assert (scene.told, scene.can_look) == (MISSING, False)
