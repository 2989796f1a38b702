"""Questions that tests of the window ask of it."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np

from napari_brain_atlas.model.neighborhood import UNASSIGNED


def settle(workspace: Any) -> None:
    """Let the window draw, and show the whole section."""
    from qtpy.QtWidgets import QApplication

    for _ in range(5):
        QApplication.processEvents()
    workspace.docks.tissue.fit()
    for _ in range(5):
        QApplication.processEvents()


def largest_here(workspace: Any, n: int = 2) -> list[int]:
    """The largest neighborhoods of the section shown."""
    curation = workspace.document.session.curation
    here = curation.counts[:, workspace.view.section]
    there = curation.ids[np.argsort(-here, kind="stable")][: int((here > 0).sum())]
    return [int(i) for i in there if i != UNASSIGNED][:n]


def loneliest_cell(workspace: Any, identity: int) -> tuple[float, float]:
    """Place of the cell of a neighborhood that is farthest from all others of the section."""
    from scipy.spatial import cKDTree

    section = workspace.atlas.sections[workspace.view.section]
    xy = workspace.atlas.xy[section.cells]
    alone = cKDTree(xy).query(xy, k=2)[0][:, 1]
    alone[workspace.document.session.curation.owners_on(section.index) != identity] = -1
    x, y = xy[int(alone.argmax())]
    return float(x), float(y)


def left_over(before: set[Any]) -> list[str]:
    """Top-level widgets that are there now and were not before, napari's own left out."""
    from qtpy.QtCore import QEvent
    from qtpy.QtWidgets import QApplication

    left: list[Any] = []
    for attempt in range(3):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        left = [w for w in set(QApplication.topLevelWidgets()) - before if not _of_napari(w)]
        if not left:
            break
        left.clear()
        gc.collect(attempt)
    left = [w for w in set(QApplication.topLevelWidgets()) - before if not _of_napari(w)]
    return [f"{type(w).__name__} {w.objectName()!r}" for w in left]


def _of_napari(widget: Any) -> bool:
    """Whether a widget belongs to napari's application, and not to a window of ours."""
    return type(widget).__module__.startswith(("napari.", "app_model.", "vispy."))
