"""To the whole brain in 3D and back, by real keys and a real mouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pytest
from brain_window import camera_of, enter, picture_of, wait
from conftest_window import settle
from hands import LEFT, Key, press
from numpy.typing import NDArray
from qtpy.QtTest import QTest

from napari_brain_atlas.gui.tool import IN_SPACE
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.workflow.document import open_document


@pytest.fixture(autouse=True)
def _laid_out(request: pytest.FixtureRequest) -> None:
    """The panels settle with their first change, and give the canvas a row more or less."""
    if "workspace" in request.fixturenames:
        workspace = request.getfixturevalue("workspace")
        workspace.render()
        settle(workspace)


@pytest.mark.parametrize("door", ["key", "button", "napari"])
def test_there_and_back_the_section_is_as_it_was(workspace: Workspace, door: str) -> None:
    camera = workspace.viewer.scene.camera
    camera.zoom *= 3
    camera.center = (0.0, camera.center[1] + 40, camera.center[2] - 25)
    wait()
    before, shot = camera_of(workspace), picture_of(workspace)

    def go() -> None:
        if door == "key":
            press(workspace, Key.Key_D)
        elif door == "button":
            QTest.mouseClick(workspace.docks.sections.space.button, LEFT)
        else:
            # As napari's button below the list of layers does.
            workspace.viewer.dims.ndisplay = 5 - workspace.viewer.dims.ndisplay
        wait()

    go()
    assert workspace.viewer.dims.ndisplay == 3
    assert workspace.docks.sections.space.button.isChecked()
    tissue, brain = workspace.docks.tissue.layer, workspace.docks.cloud.layer
    assert tissue is not None and not tissue.visible
    assert brain is not None and brain in workspace.viewer.layers
    assert brain.ndim == 3
    go()
    assert not workspace.docks.sections.space.button.isChecked()
    assert workspace.viewer.dims.ndisplay == 2 and workspace.viewer.dims.ndim == 2
    assert list(workspace.viewer.layers) == [tissue] and tissue.visible
    assert camera_of(workspace) == before
    np.testing.assert_array_equal(picture_of(workspace), shot)


def test_the_brain_is_seen_as_it_was_left_too(workspace: Workspace) -> None:
    enter(workspace)
    camera = workspace.viewer.scene.camera
    camera.angles, camera.zoom = (10.0, -50.0, 5.0), camera.zoom * 1.5
    wait()
    before = camera_of(workspace), camera.view_direction
    press(workspace, Key.Key_D)
    wait()
    enter(workspace)
    assert camera_of(workspace) == before[0]
    np.testing.assert_allclose(camera.view_direction, before[1], atol=1e-5)


def test_a_tissue_that_was_hidden_stays_so(workspace: Workspace) -> None:
    assert workspace.docks.tissue.layer is not None
    workspace.docks.tissue.layer.visible = False
    enter(workspace)
    press(workspace, Key.Key_D)
    wait()
    assert not workspace.docks.tissue.layer.visible


def test_closing_leaves_napari_in_two_dimensions(workspace: Workspace) -> None:
    enter(workspace)
    workspace.close()
    wait()
    assert workspace.viewer.dims.ndisplay == 2 and len(workspace.viewer.layers) == 0


def test_a_deleted_layer_comes_back_with_the_next_drawing(workspace: Workspace) -> None:
    enter(workspace)
    workspace.viewer.layers.remove(workspace.docks.cloud.layer)
    press(workspace, Key.Key_PageDown)
    wait()
    assert workspace.docks.cloud.layer in workspace.viewer.layers


def test_the_title_says_what_is_drawn(workspace: Workspace) -> None:
    enter(workspace)
    said = workspace.docks.floating.title.text()
    total = sum(s.n_cells for s in workspace.atlas.sections if s.animal == "animal1")
    assert f"all {total:,} cells · sections at their positions" in said
    press(workspace, Key.Key_D)
    assert "cells" not in workspace.docks.floating.title.text()


def test_tools_are_off_and_say_why(workspace: Workspace) -> None:
    press(workspace, Key.Key_S)
    assert workspace.view.tool == "lasso"
    enter(workspace)
    assert workspace.view.tool == "pan"
    for button in workspace.choosing.tools.buttons.values():
        assert not button.isEnabled() and button.toolTip() == IN_SPACE
    press(workspace, Key.Key_S)
    assert workspace.view.tool == "pan"
    assert workspace.view.notice is not None and workspace.view.notice.text == IN_SPACE
    press(workspace, Key.Key_D)
    assert all(b.isEnabled() for b in workspace.choosing.tools.buttons.values())


def test_places_visited_are_not_disturbed(workspace: Workspace) -> None:
    workspace.ways.settle()
    before = workspace.ways.places
    enter(workspace)
    workspace.viewer.scene.camera.zoom *= 2
    workspace.ways.settle()
    press(workspace, Key.Key_D)
    wait()
    workspace.ways.settle()
    assert workspace.ways.places == before


# -- CCF -----------------------------------------------------------------------


@pytest.fixture
def registered(tissue_file: Path) -> NDArray[np.float64]:
    """Coordinates that are written into the file, in µm, in file order."""
    adata = ad.read_h5ad(tissue_file)
    ccf = np.random.default_rng(0).uniform(1, 9, (adata.n_obs, 3))
    for name, column in zip(("x_ccf", "y_ccf", "z_ccf"), ccf.T, strict=True):
        adata.obs[name] = column
    adata.write_h5ad(tissue_file)
    return 1000 * ccf


@pytest.fixture
def registered_window(
    make_napari_viewer: Any, tissue_file: Path, registered: NDArray[np.float64]
) -> Any:
    opened = Workspace(make_napari_viewer(show=True), open_document(tissue_file))
    wait()
    yield opened
    opened.close()


def test_cells_can_be_placed_by_ccf(
    registered_window: Workspace, registered: NDArray[np.float64], qtbot: Any
) -> None:
    workspace, switch = registered_window, registered_window.docks.sections.space
    enter(workspace)
    qtbot.waitUntil(switch.where.isVisible, timeout=10_000)
    switch.where.setCurrentIndex(1)
    switch.where.activated.emit(1)
    wait()
    brain = workspace.view.space.brain
    assert brain is not None and brain.where == "ccf"
    rows = workspace.atlas.file_positions[brain.thinned.cells]
    np.testing.assert_allclose(brain.cloud.points, registered[rows][:, ::-1], rtol=1e-5)
    assert "CCF" in workspace.docks.floating.title.text()
    press(workspace, Key.Key_D)
    wait()
    enter(workspace)
    assert workspace.view.space.brain is not None
    assert workspace.view.space.brain.where == "ccf"


def test_without_ccf_there_is_no_choice(workspace: Workspace, qtbot: Any) -> None:
    enter(workspace)
    qtbot.wait(300)
    assert not workspace.docks.sections.space.where.isVisible()
    assert workspace.view.notice is None
