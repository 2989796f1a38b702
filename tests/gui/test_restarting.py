"""What a window that is opened again finds still there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from conftest_window import settle
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_brain_atlas.gui.view_state import Suggested
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.io.cache import Cache
from napari_brain_atlas.workflow.document import Document, open_document

WAIT_MS = 90_000


def searched(workspace: Workspace, qtbot: Any) -> np.ndarray:
    """Owners of the first proposal."""
    QTest.mouseClick(workspace.docks.cluster.search, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: workspace.view.staged is not None, timeout=WAIT_MS)
    assert isinstance(workspace.view.staged, Suggested)
    return workspace.view.staged.proposal.labels


def names(cache: Cache) -> list[str]:
    return sorted(key for key, _ in cache.entries())


def test_the_tree_is_there_after_a_restart(
    workspace: Workspace, document: Document, make_napari_viewer: Callable[..., Any], qtbot: Any
) -> None:
    first = searched(workspace, qtbot)
    workspace.close()
    document.close()
    cache = document.cache
    # Without what it was grown from, whoever grows the tree again leaves that anew.
    for key in names(cache):
        if key.startswith("embedding-"):
            cache.drop(key)
    left = names(cache)
    assert any(key.startswith("hierarchy-") for key in left)
    with open_document(document.path) as again:
        opened = Workspace(make_napari_viewer(show=True), again)
        settle(opened)
        np.testing.assert_array_equal(searched(opened, qtbot), first)
        assert names(again.cache) == left
        opened.close()
