from __future__ import annotations

from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pytest

from napari_brain_atlas.gui import screen
from napari_brain_atlas.gui.application import SMALLEST
from napari_brain_atlas.gui.demo import tour_headless
from napari_brain_atlas.gui.guide import LARGE
from napari_brain_atlas.workflow.document import open_document


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
