"""The scale bar over the tissue is as long as it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest_window import settle

from napari_brain_atlas.io.layout import ReadOptions
from napari_brain_atlas.workflow.document import open_document

IN_UM = {"µm": 1.0, "mm": 1000.0}


@pytest.fixture
def opened_as(
    make_napari_viewer: Callable[..., Any], phantom_file: Path
) -> Iterator[Callable[[str], Any]]:
    """The phantom brain in a window, its file read in a unit."""
    from napari_brain_atlas.gui.workspace import Workspace

    opened: list[Any] = []

    def open_as(unit: Any) -> Any:
        viewer = make_napari_viewer(show=True)
        document = open_document(phantom_file, options=ReadOptions(unit=unit))
        opened.append(Workspace(viewer, document))
        settle(opened[-1])
        return opened[-1]

    yield open_as
    for workspace in opened:
        workspace.close()


def said_um(workspace: Any) -> float:
    number, unit = workspace.docks.scale.bar.text.split(" ")
    return float(number) * IN_UM[unit]


def pixels_between(workspace: Any, um: float) -> float:
    """Pixels of the canvas between two points of the tissue."""
    from napari_brain_atlas.gui.sight import Sight

    view = Sight(workspace.viewer, workspace.docks.canvas, workspace.docks.tissue).view()
    (x0, y0), (x1, y1) = view.place([(0.0, 0.0), (um, 0.0)])
    return float(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)


@pytest.mark.parametrize("unit", ["um", "mm"])
@pytest.mark.parametrize("zoom", [1.0, 3.7, 0.21])
def test_the_bar_spans_the_length_that_it_says(
    opened_as: Callable[[str], Any], unit: str, zoom: float
) -> None:
    workspace = opened_as(unit)
    workspace.viewer.scene.camera.zoom *= zoom
    assert workspace.docks.scale.isVisible()
    assert workspace.docks.scale.bar.length == pytest.approx(
        pixels_between(workspace, said_um(workspace)), rel=1e-3
    )


def test_what_is_drawn_follows_within_a_moment(opened_as: Callable[[str], Any]) -> None:
    from qtpy.QtTest import QTest

    workspace = opened_as("um")
    plate, camera = workspace.docks.scale, workspace.viewer.scene.camera

    def drawn() -> int:
        ink = plate.grab().toImage()
        row = ink.height() - 9
        return sum(ink.pixelColor(x, row).lightness() > 150 for x in range(ink.width()))

    for zoom in (1.0, 1.3, 0.6):
        camera.zoom *= zoom
        QTest.qWait(150)
        assert drawn() == pytest.approx(plate.bar.length, abs=4)


def test_a_length_that_nobody_knows_is_not_said(opened_as: Callable[[str], Any]) -> None:
    assert not opened_as("px").docks.scale.isVisible()


def test_it_keeps_its_corner(workspace: Any) -> None:
    from qtpy.QtWidgets import QApplication

    plate, canvas = workspace.docks.scale, workspace.docks.canvas
    for size in ((1680, 1050), (1280, 800)):
        workspace.docks.window.resize(*size)
        for _ in range(10):
            QApplication.processEvents()
        corner = plate.geometry().bottomRight()
        assert 0 < canvas.width() - corner.x() < 20
        assert 0 < canvas.height() - corner.y() < 20


def test_there_is_never_a_second_bar(workspace: Any) -> None:
    own = workspace.viewer.canvas.overlays.scale_bar
    assert not own.visible
    own.visible = True
    assert not workspace.docks.scale.isVisible()
    own.visible = False
    assert workspace.docks.scale.isVisible()


def test_it_goes_with_the_file(workspace: Any) -> None:
    plate, camera = workspace.docks.scale, workspace.viewer.scene.camera
    before = plate.bar
    workspace.close()
    camera.zoom *= 5
    assert plate.bar == before and not plate.isVisible()
