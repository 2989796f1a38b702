from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest_window import largest_here, settle
from hands import CTRL, LEFT, NONE, SHIFT, Key, choose, click_row, open_menu, place_of, press
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_brain_atlas.gui.guide import canvas_pixel, move_mouse
from napari_brain_atlas.gui.panels.neighborhood_model import CELLS
from napari_brain_atlas.gui.turning import UPRIGHT, Turn
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.workflow.document import open_document


def cells(workspace: Workspace, identity: int) -> Any:
    section = workspace.atlas.sections[workspace.view.section]
    mine = workspace.stage.curation.owners_on(section.index) == identity
    return workspace.atlas.xy[section.cells][mine]


def elsewhere(workspace: Workspace) -> int:
    """A neighborhood that is largest on another section than the one shown."""
    curation = workspace.stage.curation
    for identity, counts in zip(curation.ids.tolist(), curation.counts, strict=True):
        if identity and counts.argmax() != workspace.view.section:
            return int(identity)
    raise AssertionError("all are largest here")


# -- places ----------------------------------------------------------------


@pytest.mark.parametrize("way", ["key", "double click", "menu"])
def test_going_to_the_largest_section_shows_all_of_it(
    workspace: Workspace, qtbot: Any, way: str
) -> None:
    identity = elsewhere(workspace)
    counts = workspace.stage.curation.counts[workspace.stage.curation.ids.searchsorted(identity)]
    click_row(workspace, identity)
    settle(workspace)
    qtbot.waitUntil(lambda: workspace.docks.neighborhoods.summary.text().count(" on ") == 1)
    if way == "key":
        press(workspace, Key.Key_J)
    elif way == "double click":
        place = place_of(workspace, identity, CELLS)
        # A mouse says a click before it says a double click; Qt's test function does not.
        for say in (QTest.mouseClick, QTest.mouseDClick):
            say(workspace.docks.neighborhoods.table.view(), LEFT, NONE, place)
    else:
        menu = open_menu(workspace, identity)
        choose(menu, menu.entries["visit"])
    assert workspace.view.section == counts.argmax()
    xy = cells(workspace, identity)
    assert len(xy) == counts.max()
    places = [canvas_pixel(workspace, float(x), float(y)) for x, y in xy]
    canvas = workspace.docks.canvas.rect()
    assert all(canvas.contains(place) for place in places)
    # It fills the canvas in one direction, and is in the middle.
    spread = np.ptp([(p.x() / canvas.width(), p.y() / canvas.height()) for p in places], axis=0)
    assert 0.7 < spread.max() < 0.9


def test_nothing_is_gone_to_without_a_selection(workspace: Workspace) -> None:
    press(workspace, Key.Key_J)
    assert "select a neighborhood first" in workspace.docks.floating.notice.text()
    assert workspace.view.section == 0


def test_back_and_forward_bring_section_and_camera(workspace: Workspace) -> None:
    camera = workspace.viewer.scene.camera
    workspace.ways.settle()
    first = (camera.center, camera.zoom)
    click_row(workspace, elsewhere(workspace))
    press(workspace, Key.Key_J)
    section, second = workspace.view.section, (camera.center, camera.zoom)
    press(workspace, Key.Key_BracketLeft, CTRL)
    assert workspace.view.section == 0
    np.testing.assert_allclose(camera.center, first[0], atol=1e-3)
    assert camera.zoom == pytest.approx(first[1])
    press(workspace, Key.Key_BracketRight, CTRL)
    assert workspace.view.section == section
    np.testing.assert_allclose(camera.center, second[0], atol=1e-3)
    assert camera.zoom == pytest.approx(second[1])
    press(workspace, Key.Key_BracketRight, CTRL)
    assert "last place" in workspace.docks.floating.notice.text()


def test_the_side_buttons_of_a_mouse_go_too(workspace: Workspace) -> None:
    workspace.ways.settle()
    press(workspace, Key.Key_PageDown)
    canvas, middle = workspace.docks.canvas, workspace.docks.canvas.rect().center()
    QTest.mouseClick(canvas, Qt.MouseButton.BackButton, NONE, middle)
    assert workspace.view.section == 0
    QTest.mouseClick(canvas, Qt.MouseButton.ForwardButton, NONE, middle)
    assert workspace.view.section == 1


def test_sections_that_are_only_passed_are_no_places(workspace: Workspace, qtbot: Any) -> None:
    workspace.ways.settle()
    for _ in range(4):
        press(workspace, Key.Key_PageDown)
    qtbot.waitUntil(lambda: len(workspace.ways.places.past) == 1, timeout=5000)
    assert workspace.ways.places.present is not None
    assert workspace.ways.places.present.section == 4
    press(workspace, Key.Key_BracketLeft, CTRL)
    assert workspace.view.section == 0


# -- laying ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "turn"),
    [
        ([(Key.Key_R, NONE)], Turn(1)),
        ([(Key.Key_R, SHIFT)], Turn(3)),
        ([(Key.Key_F, NONE)], Turn(0, True)),
        ([(Key.Key_R, NONE), (Key.Key_F, NONE), (Key.Key_R, NONE)], Turn(0, True)),
    ],
    ids=["R", "Shift+R", "F", "R F R"],
)
def test_a_section_is_laid_by_keys_and_clicks_hit_it(
    workspace: Workspace, keys: list[Any], turn: Turn
) -> None:
    for key, held in keys:
        press(workspace, key, held)
    assert workspace.view.turns.of(0) == turn
    assert workspace.view.turns.of(1) == UPRIGHT
    settle(workspace)
    picture = workspace.viewer.screenshot(canvas_only=True, flash=False)
    scale = picture.shape[1] / workspace.docks.canvas.width()
    for identity in largest_here(workspace, 3):
        xy = cells(workspace, identity)
        middle = xy[np.abs(xy - np.median(xy, axis=0)).sum(axis=1).argmin()]
        place = canvas_pixel(workspace, *middle.tolist())
        # Independent of the layer's transforms: the turn about the middle of all cells.
        all_xy = workspace.atlas.xy[workspace.atlas.sections[0].cells]
        center = (all_xy.min(axis=0) + all_xy.max(axis=0)) / 2
        np.testing.assert_allclose(
            workspace.docks.tissue.world_place(tuple(middle.tolist())),
            turn.about([middle], center)[0], atol=0.02 * np.ptp(all_xy),
        )  # fmt: skip
        color = workspace.stage.curation.neighborhood(identity).color
        seen = picture[round(place.y() * scale), round(place.x() * scale)][:3]
        assert "#{:02x}{:02x}{:02x}".format(*seen) == color
        move_mouse(workspace.docks.canvas, place)
        QTest.mouseClick(workspace.docks.canvas, LEFT, NONE, place)
        assert workspace.view.selection == (identity,)
        press(workspace, Key.Key_Escape)


def test_places_of_tissue_and_world_are_inverse(workspace: Workspace) -> None:
    tissue = workspace.docks.tissue
    for key in (Key.Key_R, Key.Key_F, Key.Key_R):
        press(workspace, key)
        for point in ((0.0, 0.0), (1234.5, -77.25), (-3e3, 5e3)):
            np.testing.assert_allclose(
                tissue.tissue_place(tissue.world_place(point)), point, atol=1e-2
            )


def test_what_is_in_the_middle_stays_there_while_turning(workspace: Workspace) -> None:
    camera = workspace.viewer.scene.camera
    _, row, column = camera.center
    camera.zoom *= 5
    camera.center = (0, row + 400, column - 300)
    before = workspace.ways.here()
    press(workspace, Key.Key_R)
    press(workspace, Key.Key_F)
    after = workspace.ways.here()
    np.testing.assert_allclose(after.center, before.center, atol=1e-2)
    assert after.reach == pytest.approx(before.reach)


@pytest.fixture
def reopened(workspace: Workspace, tissue_file: Path) -> Iterator[Workspace]:
    """The same file in the same window, after a decision, a turn and a close."""
    workspace.curator.rename(1, "CA1")
    press(workspace, Key.Key_PageDown)
    press(workspace, Key.Key_R)
    past = workspace.stage.history.past
    assert len(past) == 1, "laying a section is no decision"
    viewer = workspace.viewer
    workspace.close()
    again = Workspace(viewer, open_document(tissue_file))
    yield again
    again.close()


def test_how_sections_are_laid_is_kept(reopened: Workspace) -> None:
    assert reopened.view.turns.of(1) == Turn(1)
    assert reopened.view.turns.of(0) == UPRIGHT
    kept = json.loads((reopened.document.folder.path / "view.json").read_text())
    section = reopened.atlas.sections[1]
    assert kept["laid"] == [
        {"animal": section.animal, "section": section.name, "quarters": 1, "flipped": False}
    ]


def test_nothing_is_written_where_nothing_was_decided(
    workspace: Workspace, tissue_file: Path
) -> None:
    there = workspace.document.folder.path.is_dir()
    before = sorted(workspace.document.folder.path.rglob("*")) if there else []
    workspace.close()
    after = sorted(workspace.document.folder.path.rglob("*")) if there else []
    assert before == after
    assert workspace.document.folder.path.is_dir() == there
