"""A real window on a small tissue, and a check that nothing of it stays behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest_window import left_over, settle

from napari_brain_atlas.gui.screen import has_display
from napari_brain_atlas.workflow.document import Document, open_document


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what opens windows where none can be opened, before Qt ends the process."""
    shown = has_display() or os.environ.get("QT_QPA_PLATFORM") == "offscreen"
    if "qapp" in getattr(item, "fixturenames", ()) and not shown:
        pytest.skip("there is no display; with Xvfb installed there is one")


@pytest.fixture(autouse=True)
def _no_qt_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a window or dialog behind."""
    if "qapp" not in request.fixturenames:
        yield
        return
    from qtpy.QtWidgets import QApplication

    before = set(QApplication.topLevelWidgets())
    yield
    if request.node.rep_call.passed:
        left = left_over(before)
        assert not left, f"top-level widgets were left behind: {left}"


@pytest.fixture(autouse=True)
def _panels_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Panels do not wait for a frame of the tissue, so that tests need not either."""
    if "qapp" in request.fixturenames and "panels_wait" not in request.fixturenames:
        from napari_brain_atlas.gui.after_frame import AfterFrame

        monkeypatch.setattr(AfterFrame, "wait", lambda self: self._call())


@pytest.fixture
def panels_wait() -> None:
    """Panels wait for the frame, as they do for users."""


@pytest.fixture
def document(tissue_file: Path) -> Iterator[Document]:
    """A phantom brain of 2 × 3 sections with eight neighborhoods."""
    with open_document(tissue_file) as opened:
        yield opened


@pytest.fixture
def workspace(make_napari_viewer: Callable[..., Any], document: Document) -> Iterator[Any]:
    """The document in a real window that is shown."""
    from napari_brain_atlas.gui.workspace import Workspace

    viewer = make_napari_viewer(show=True)
    viewer.window.resize(1280, 800)
    opened = Workspace(viewer, document)
    settle(opened)
    yield opened
    opened.close()
