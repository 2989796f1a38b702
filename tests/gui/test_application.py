from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from threading import Timer
from typing import Any

import anndata
import numpy as np
import pytest

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.gui import application, screen
from napari_brain_atlas.gui.application import SMALLEST
from napari_brain_atlas.gui.demo import tour_headless
from napari_brain_atlas.gui.guide import LARGE
from napari_brain_atlas.workflow.document import Document, open_document


def test_the_tour_curates_a_copy_and_leaves_pictures(
    qapp: Any, tissue_file: Path, tmp_path: Path
) -> None:
    from qtpy.QtGui import QImage

    before = tissue_file.read_bytes()
    pictures, curated = tour_headless(tissue_file, tmp_path / "pictures")
    sizes = {(QImage(str(p)).width(), QImage(str(p)).height()) for p in pictures}
    assert sizes == {SMALLEST, LARGE}
    assert len(pictures) == len(set(pictures)) > 10
    for picture in pictures:
        image = QImage(str(picture)).convertToFormat(QImage.Format.Format_RGB32)
        bits = image.constBits()
        assert bits is not None
        bits.setsize(image.sizeInBytes())
        colors = np.unique(np.frombuffer(bits, np.uint32))
        assert len(colors) > 500, f"{picture.name} is all but empty"
    assert tissue_file.read_bytes() == before
    with open_document(curated) as document:
        document.lock()
        assert document.saved
        ops = [step.command.op for step in document.session.history.past]
        assert ops == ["merge", "split", "annotate"]
    saved = anndata.read_h5ad(curated).obs
    # The tour names what it finds as the reference calls it.
    assert set(saved["neighborhood"]) & set(saved["reference_region"])


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Future[Document]:
    """A document that is still being read when the window is begun."""
    monkeypatch.setattr(application, "SOON_S", 0.0)
    return Future()


def test_a_window_built_while_its_file_is_read_shows_it(
    qapp: Any, tissue_file: Path, late: Future[Document]
) -> None:
    late.set_running_or_notify_cancel()
    # Read by another thread, as `open` does: what is opened there is used here.
    thread = Timer(0.3, lambda: late.set_result(open_document(tissue_file)))
    thread.start()
    workspace = application.show_when_read(late)
    try:
        assert workspace.docks.window.isVisible()
        assert workspace.viewer.title.startswith(tissue_file.name)
        assert workspace.docks.neighborhoods.table.model().rowCount() > 1
        assert workspace.docks.tissue.layer in workspace.viewer.layers
    finally:
        workspace.close()
        workspace.viewer.close()
        thread.join()


def test_a_file_that_turns_out_bad_late_leaves_no_window(
    qapp: Any, late: Future[Document]
) -> None:
    Timer(0.3, lambda: late.set_exception(InputError("x.h5ad", ["damaged"]))).start()
    with pytest.raises(InputError, match="damaged"):
        application.show_when_read(late)
    assert not [w for w in qapp.topLevelWidgets() if w.isVisible()]


def test_a_file_that_is_bad_at_once_builds_no_window(
    qapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    coming: Future[Document] = Future()
    coming.set_exception(InputError("x.h5ad", ["there is no such file"]))
    monkeypatch.setattr(application, "_bare_viewer", lambda: pytest.fail("a window was built"))
    with pytest.raises(InputError, match="no such file"):
        application.show_when_read(coming)


def test_without_display_and_xvfb_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(screen, "has_display", lambda: False)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(screen.BrainAtlasError, match="install xvfb"), screen.virtual_screen():
        pass


@pytest.mark.skipif(not screen.shutil.which("Xvfb"), reason="Xvfb is not installed")
def test_a_virtual_screen_is_there_inside_and_gone_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import os

    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("LIBGL_ALWAYS_SOFTWARE", "1")
    with screen.virtual_screen():
        assert os.environ["DISPLAY"].startswith(":")
    assert "DISPLAY" not in os.environ
