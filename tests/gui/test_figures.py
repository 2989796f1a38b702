from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hands import press
from qtpy.QtCore import Qt
from qtpy.QtGui import QImage
from qtpy.QtWidgets import QFileDialog

from napari_brain_atlas.compute.view import View, whole_view
from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.gui.drawings import Drawings
from napari_brain_atlas.gui.figure import MARGIN, TITLE, Figure, write_figure
from napari_brain_atlas.gui.figures import FINER, sheet_figure, view_figure
from napari_brain_atlas.gui.scale import scale_bar
from napari_brain_atlas.gui.scene import Scene, present
from napari_brain_atlas.gui.turning import AS_MEASURED
from napari_brain_atlas.gui.view_state import ViewState
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.palette import hex_to_rgb
from napari_brain_atlas.workflow.document import Document

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def scene(document: Document) -> Scene:
    return present(document.atlas, document.session.history, ViewState())


def whole(document: Document) -> View:
    grid = Drawings(document.atlas).of(0)
    return whole_view(*grid.extent, grid.spacing, 300)


@pytest.fixture
def figure(document: Document, scene: Scene) -> Figure:
    grid = Drawings(document.atlas).of(0)
    return view_figure(document.atlas, grid, scene.tissue, whole(document), scene.legend)


@pytest.mark.parametrize(
    ("scale", "unit", "longest", "length", "text"),
    [
        pytest.param(0.5, "um", 120, 100, "200 µm", id="micrometres"),
        pytest.param(0.01, "um", 120, 100, "10 mm", id="millimetres from micrometres"),
        pytest.param(0.5, "mm", 120, 100, "200 µm", id="a file in mm is read in µm"),
        pytest.param(1.0, "um", 1.0, 1, "1 µm", id="exactly one"),
        pytest.param(1.0, "px", 100, 0, "", id="unit not known"),
    ],
)
def test_scale_bars_are_round(
    scale: float, unit: str, longest: float, length: float, text: str
) -> None:
    bar = scale_bar(scale, unit, longest)
    assert (bar.length, bar.text) == (pytest.approx(length), text)


def test_a_figure_as_png_shows_the_tissue_in_its_colors(
    document: Document, figure: Figure, tmp_path: Path
) -> None:
    path = tmp_path / "figure.png"
    write_figure(figure, path)
    image = QImage(str(path))
    assert (image.width(), image.height()) == tuple(round(FINER * s) for s in figure.size)
    curation, section = document.session.curation, document.atlas.sections[0]
    corner = np.array([MARGIN, MARGIN + TITLE])
    at = whole(document).place(document.atlas.xy[section.cells]) + corner
    owners = curation.owners_on(0)
    right = 0
    for (x, y), owner in zip(at * FINER, owners.tolist(), strict=True):
        shown = image.pixelColor(int(x), int(y)).getRgb()[:3]
        right += shown == hex_to_rgb(curation.neighborhood(owner).color)
    # Some cells lie under a boundary or under the scale bar.
    assert right > 0.8 * len(owners)


def test_a_figure_as_svg_keeps_text_and_swatches(
    scene: Scene, figure: Figure, tmp_path: Path
) -> None:
    path = tmp_path / "figure.svg"
    write_figure(figure, path)
    written = path.read_text(encoding="utf-8")
    texts = {t.strip() for t in re.findall(r">([^<>]+)</text>", written)}
    assert scene.title in texts
    for line in scene.legend.whole:
        assert line.name in texts and line.note in texts
        assert line.color in written
    assert scale_bar(figure.scale, figure.unit, figure.tile_size[0] / 3).text in texts
    assert written.count("data:image/png;base64") == 1


def test_a_figure_as_pdf_is_one_page(figure: Figure, tmp_path: Path) -> None:
    path = tmp_path / "figure.pdf"
    write_figure(figure, path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF") and content.count(b"/Type /Page\n") == 1
    assert [p.name for p in tmp_path.glob("*figure*")] == ["figure.pdf"]


def test_all_sections_of_the_animal_are_on_the_sheet(document: Document, scene: Scene) -> None:
    sheet = sheet_figure(document.atlas, scene.tissue, AS_MEASURED, scene.legend)
    animal = document.atlas.sections[0].animal
    mine = [s for s in document.atlas.sections if s.animal == animal]
    assert len(sheet.tiles) == len(mine)
    assert len({tile.picture.shape for tile in sheet.tiles}) == 1
    drawn = [np.count_nonzero(tile.picture[..., 3]) for tile in sheet.tiles]
    assert min(drawn) > 0.05 * sheet.tiles[0].picture[..., 3].size
    pictures = {tile.picture.tobytes() for tile in sheet.tiles}
    assert len(pictures) == len(mine)


@pytest.mark.parametrize("name", ["figure.bmp", "figure"])
def test_another_format_is_refused(figure: Figure, tmp_path: Path, name: str) -> None:
    with pytest.raises(WriteError, match=r"name a figure \.png, \.svg or \.pdf"):
        write_figure(figure, tmp_path / name)
    assert not list(tmp_path.glob("*figure*"))


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_a_folder_that_is_not_there_is_told(figure: Figure, tmp_path: Path, suffix: str) -> None:
    with pytest.raises(WriteError, match="cannot be written"):
        write_figure(figure, tmp_path / "no" / f"figure{suffix}")


@pytest.mark.parametrize("typed", ["mine.svg", "mine"], ids=["with its end", "without"])
def test_the_button_saves_what_is_seen(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    asked: list[str] = []

    def answer(_parent: object, _title: str, suggested: str, _formats: str) -> tuple[str, str]:
        asked.append(suggested)
        return str(tmp_path / typed), "SVG (*.svg)"

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    menu = workspace.docks.actions.figure.menu()
    assert menu is not None
    menu.actions()[0].trigger()
    written = (tmp_path / "mine.svg").read_text(encoding="utf-8")
    assert workspace.docks.floating.title.text() in written
    assert "mine.svg" in workspace.view.notice.text
    section = workspace.atlas.sections[0].name
    assert asked == [str(workspace.document.path.with_name(f"tissue-{section}.pdf"))]


def test_a_figure_that_cannot_be_written_is_told(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "no" / "figure.pdf")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (path, "PDF (*.pdf)"))
    press(workspace, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert workspace.view.notice.error and "no/figure.pdf" in workspace.view.notice.text
