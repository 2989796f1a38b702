"""What the canvas shows of a whole brain, and what a mouse does to it."""

from __future__ import annotations

import numpy as np
import pytest
from brain_window import camera_of, enter, lonely_cell, picture_of, wait
from conftest_window import largest_here, settle
from hands import CTRL, LEFT, NONE, Key, press
from mouse import MOVE, at, click, send, turn_wheel
from qtpy.QtCore import QPoint
from qtpy.QtTest import QTest

from napari_brain_atlas.gui.guide import move_mouse
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.palette import hex_to_rgb


@pytest.fixture(autouse=True)
def _laid_out(request: pytest.FixtureRequest) -> None:
    """The panels settle with their first change, and give the canvas a row more or less."""
    if "workspace" in request.fixturenames:
        workspace = request.getfixturevalue("workspace")
        workspace.render()
        settle(workspace)


@pytest.mark.parametrize("angles", [(0.0, 0.0, 0.0), (-20.0, 40.0, 0.0), (30.0, 160.0, 15.0)])
def test_cells_are_where_the_camera_sees_them(
    workspace: Workspace, angles: tuple[float, float, float]
) -> None:
    enter(workspace)
    workspace.viewer.scene.camera.angles = angles
    wait()
    picture, brain = picture_of(workspace), workspace.view.space.brain
    assert brain is not None
    k, place = lonely_cell(workspace)
    cell = int(brain.thinned.cells[k])
    section = int(workspace.atlas.section_of(np.array([cell]))[0])
    owners = workspace.stage.curation.owners_on(section)
    owner = int(owners[cell - workspace.atlas.sections[section].start])
    color = hex_to_rgb(workspace.stage.curation.neighborhood(owner).color)
    wanted = np.array(color, np.float64)
    around = picture[place.y() - 1 : place.y() + 2, place.x() - 1 : place.x() + 2].reshape(-1, 3)
    alike = [(c @ wanted) / max(np.linalg.norm(c) * np.linalg.norm(wanted), 1e-9) for c in around]
    # A ball is shaded, and what is far is faint; a sheet may lie before it.
    assert max(alike) > 0.97


def test_a_drag_turns_the_brain_and_selects_nothing(workspace: Workspace) -> None:
    enter(workspace)
    canvas, camera = workspace.docks.canvas, workspace.viewer.scene.camera
    before, shot, start = camera.view_direction, picture_of(workspace), at(workspace, 0.5, 0.5)
    QTest.mousePress(canvas, LEFT, NONE, start)
    for step in (10, 30, 60):
        move_mouse(canvas, start + QPoint(step, 0), LEFT)
        wait(2)
    QTest.mouseRelease(canvas, LEFT, NONE, start + QPoint(60, 0))
    wait()
    assert workspace.view.selection == ()
    assert np.abs(np.array(before) - camera.view_direction).max() > 0.05
    assert (picture_of(workspace) != shot).any()


def test_the_wheel_zooms(workspace: Workspace) -> None:
    enter(workspace)
    before = workspace.viewer.scene.camera.zoom
    turn_wheel(workspace, at(workspace, 0.5, 0.5))
    wait()
    assert workspace.viewer.scene.camera.zoom > before


def test_hover_tells_the_cell_and_a_click_selects_its_neighborhood(workspace: Workspace) -> None:
    enter(workspace)
    brain = workspace.view.space.brain
    assert brain is not None
    k, place = lonely_cell(workspace)
    send(workspace, MOVE, place)
    cell = int(brain.thinned.cells[k])
    row = int(workspace.atlas.file_positions[cell])
    assert workspace.docks.sections.status.text().startswith(f"cell {row:,} ")
    click(workspace, place)
    section = int(workspace.atlas.section_of(np.array([cell]))[0])
    owners = workspace.stage.curation.owners_on(section)
    assert workspace.view.selection == (
        int(owners[cell - workspace.atlas.sections[section].start]),
    )
    click(workspace, at(workspace, 0.5, 0.02))
    assert workspace.view.selection == ()


def test_the_sheet_follows_the_section(workspace: Workspace) -> None:
    enter(workspace)
    before, camera = picture_of(workspace), camera_of(workspace)
    press(workspace, Key.Key_PageDown)
    wait()
    assert workspace.view.section == 1
    assert (picture_of(workspace) != before).any()
    assert camera_of(workspace) == camera
    workspace.docks.sections.slider.setValue(2)
    wait()
    brain = workspace.view.space.brain
    assert brain is not None and workspace.view.section == 2
    corners = brain.sheet_of(2)
    assert corners is not None
    position = workspace.atlas.sections[2].position
    assert position is not None
    np.testing.assert_allclose(corners[:, 2], 1000 * position, atol=0.1)


def test_another_animal_takes_the_place_of_the_first(workspace: Workspace) -> None:
    enter(workspace)
    brain = workspace.view.space.brain
    workspace.stage.show_section(len(workspace.atlas.sections) - 1)
    wait()
    other = workspace.view.space.brain
    assert brain is not None and other is not None
    assert (brain.animal, other.animal) == workspace.atlas.animals
    assert other.told in workspace.docks.floating.title.text()
    assert len(workspace.viewer.layers) == 2


def test_commands_recolor_it(workspace: Workspace) -> None:
    enter(workspace)
    first, second = largest_here(workspace)
    workspace.stage.select((first, second))
    press(workspace, Key.Key_G)
    press(workspace, Key.Key_Return)
    workspace.stage.select(())
    wait()
    merged = picture_of(workspace)
    press(workspace, Key.Key_Z, CTRL)
    wait()
    assert (picture_of(workspace) != merged).any()


def test_a_figure_of_it_shows_what_the_canvas_does(workspace: Workspace) -> None:
    enter(workspace)
    shot = picture_of(workspace)
    large, scale = workspace.docks.cloud.picture(1.0)
    assert scale == pytest.approx(workspace.viewer.scene.camera.zoom, rel=1e-3)
    on_black = large[..., :3] * (large[..., 3:] / 255)
    height, width = large.shape[:2]
    # It is cut to where there are cells: somewhere on the canvas it is found as it is.
    gaps = [
        np.abs(shot[top : top + height, left : left + width] - on_black).mean()
        for top in range(0, shot.shape[0] - height + 1)
        for left in range(0, shot.shape[1] - width + 1, 64)
    ]
    assert min(gaps) < 0.6
