"""The tissue is one napari layer among others, in every way in which napari shows layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest_window import largest_here, loneliest_cell, settle
from hands import pixel_at
from qtpy.QtCore import QPoint
from qtpy.QtWidgets import QApplication

from napari_brain_atlas.gui.guide import canvas_pixel
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.palette import hex_to_rgb


@pytest.fixture
def place(workspace: Workspace) -> QPoint:
    """A pixel of a cell of the largest neighborhood."""
    return canvas_pixel(workspace, *loneliest_cell(workspace, largest_here(workspace)[0]))


def wanted(workspace: Workspace) -> tuple[int, ...]:
    color = workspace.stage.curation.neighborhood(largest_here(workspace)[0]).color
    return hex_to_rgb(color)


def shown(workspace: Workspace, place: QPoint) -> tuple[int, ...]:
    for _ in range(5):
        QApplication.processEvents()
    return pixel_at(workspace, place)[:3]


def add_white(workspace: Workspace, at: int) -> Any:
    """A white image as large as the section, over the tissue or under it."""
    layer = workspace.docks.tissue.layer
    assert layer is not None
    low, high = layer.extent.world
    white = np.full((8, 8, 4), 255, np.uint8)
    image = workspace.viewer.add_image(
        white, rgb=True, scale=(high - low) / 8, translate=low, units=layer.units
    )
    workspace.viewer.layers.move(1, at)
    return image


def test_opacity_and_visibility_are_those_of_the_layer(
    workspace: Workspace, place: QPoint
) -> None:
    layer = workspace.docks.tissue.layer
    assert layer is not None and shown(workspace, place) == wanted(workspace)
    layer.opacity = 0.5
    np.testing.assert_allclose(shown(workspace, place), np.array(wanted(workspace)) / 2, atol=2)
    layer.visible = False
    assert shown(workspace, place) == (0, 0, 0)
    layer.visible, layer.opacity = True, 1.0
    assert shown(workspace, place) == wanted(workspace)


def test_other_layers_lie_over_and_under_it(workspace: Workspace, place: QPoint) -> None:
    add_white(workspace, 2)
    assert shown(workspace, place) == (255, 255, 255)
    workspace.viewer.layers.move(1, 0)
    assert shown(workspace, place) == wanted(workspace)


def test_the_grid_shows_it_in_its_own_box(workspace: Workspace) -> None:
    add_white(workspace, 2)
    grid = workspace.viewer.canvas.grid
    grid.enabled, grid.stride = True, 1
    for _ in range(10):
        QApplication.processEvents()
    workspace.viewer.reset_view()
    for _ in range(5):
        QApplication.processEvents()
    picture = workspace.viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)
    white = (picture == 255).all(axis=-1)
    mine = (picture == wanted(workspace)).all(axis=-1)
    halves = [np.array_split(p, 2, axis=1) for p in (white, mine)]
    areas = [[int(half.sum()) for half in side] for side in halves]
    # One half of the canvas is the image and nothing else of it, the other the tissue.
    whites, mines = np.array(areas)
    assert (mines > 0).sum() == 1
    assert whites[mines.argmin()] > 10 * whites[mines.argmax()]
    grid.enabled = False


def test_a_figure_shows_the_whole_section(workspace: Workspace) -> None:
    workspace.viewer.scene.camera.zoom *= 8
    picture = workspace.viewer.export_figure(flash=False)
    owners = workspace.stage.curation.owners_on(0).tolist()
    colors = {hex_to_rgb(workspace.stage.curation.neighborhood(i).color) for i in owners}
    there = {tuple(c) for c in np.unique(picture[..., :3].reshape(-1, 3), axis=0).tolist()}
    assert colors <= there


def test_the_thumbnail_follows(workspace: Workspace, qtbot: Any) -> None:
    layer = workspace.docks.tissue.layer
    assert layer is not None
    workspace.stage.show_section(1)
    owner = largest_here(workspace)[0]
    color = np.array(hex_to_rgb(workspace.stage.curation.neighborhood(owner).color))

    def has_color() -> bool:
        gaps = np.abs(layer.thumbnail[..., :3].astype(int) - color).sum(axis=-1)
        return bool((gaps < 12).any())

    qtbot.waitUntil(has_color, timeout=5000)


def test_the_picture_is_sharp_at_every_zoom(workspace: Workspace) -> None:
    owner = largest_here(workspace)[0]
    x, y = loneliest_cell(workspace, owner)
    camera = workspace.viewer.scene.camera
    for zoom in (1, 5, 25, 125):
        camera.center = (0.0, y, x)
        camera.zoom *= zoom
        for _ in range(5):
            QApplication.processEvents()
        picture = workspace.viewer.screenshot(canvas_only=True, flash=False)
        height, width = picture.shape[:2]
        assert tuple(picture[height // 2, width // 2, :3]) == wanted(workspace)
        camera.zoom /= zoom
    settle(workspace)
