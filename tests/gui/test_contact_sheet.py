from __future__ import annotations

from typing import Any

import numpy as np
from conftest_window import largest_here, settle
from hands import LEFT, NONE, SHIFT, Key, click_row, press
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_brain_atlas.gui.contact_sheet import (
    items_of,
)
from napari_brain_atlas.gui.panels.contact_strip import HEIGHT, WIDTH, ContactStrip
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.commands import Merge


def strips(workspace: Workspace) -> tuple[ContactStrip, ContactStrip]:
    return workspace.docks.sections.sheet.strips


def place_on(strip: ContactStrip, section: int) -> QPoint:
    place = strip.place_of(section).center()
    assert strip.viewport().rect().contains(place), "out of sight"
    return place


def painted(workspace: Workspace, qtbot: Any, *sections: int) -> None:
    """Wait until the pictures show what is."""
    thumbnails = workspace.docks.sections.sheet.thumbnails
    qtbot.waitUntil(lambda: all(thumbnails.is_current(s) for s in sections), timeout=5000)


def colors_of(workspace: Workspace, section: int) -> set[str]:
    """What is seen on the screen where the picture of a section is."""
    strip = strips(workspace)[0]
    place = strip.place_of(section).adjusted(4, 4, -4, -22)
    image = strip.viewport().grab(place).toImage()
    pixels = [(x, y) for x in range(image.width()) for y in range(image.height())]
    return {image.pixelColor(x, y).name() for x, y in pixels}


def choose_animal(box: Any, row: int) -> None:
    """With the keys of the box."""
    box.setFocus()
    for _ in range(row):
        QTest.keyClick(box, Key.Key_Down)


def test_a_click_on_a_picture_shows_its_section(workspace: Workspace) -> None:
    strip = strips(workspace)[0]
    QTest.mouseClick(strip.viewport(), LEFT, NONE, place_on(strip, 2))
    assert workspace.view.section == 2
    settle(workspace)
    assert strip.currentIndex().row() == 2
    assert "section 3 of 3" in workspace.docks.floating.title.text()


def test_arrows_move_along_the_strip(workspace: Workspace) -> None:
    strip = strips(workspace)[0]
    QTest.mouseClick(strip.viewport(), LEFT, NONE, place_on(strip, 0))
    settle(workspace)
    QTest.keyClick(strip, Key.Key_Right)
    settle(workspace)
    QTest.keyClick(strip, Key.Key_Right)
    assert workspace.view.section == 2
    settle(workspace)
    QTest.keyClick(strip, Key.Key_Left)
    assert workspace.view.section == 1


def test_keys_of_the_window_mark_the_section_on_the_strip(workspace: Workspace) -> None:
    press(workspace, Key.Key_PageDown)
    settle(workspace)
    assert strips(workspace)[0].currentIndex().row() == 1
    for _ in range(2):
        press(workspace, Key.Key_PageDown)
    settle(workspace)
    # The next animal takes the place of the first on the strip.
    assert workspace.view.section == 3
    assert strips(workspace)[0].strip.items == items_of(
        workspace.atlas, workspace.atlas.animals[1]
    )


def test_pictures_follow_an_edit_and_a_selection(workspace: Workspace, qtbot: Any) -> None:
    # A section of many neighborhoods.
    workspace.stage.show_section(1)
    into, gone = largest_here(workspace)
    painted(workspace, qtbot, 0, 1, 2)
    settle(workspace)
    colors = [workspace.stage.curation.neighborhood(i).color for i in (into, gone)]
    assert set(colors) <= colors_of(workspace, 1)
    workspace.curator.do(Merge(neighborhoods=(into, gone), into=into))
    settle(workspace)
    painted(workspace, qtbot, 0, 1, 2)
    settle(workspace)
    seen = colors_of(workspace, 1)
    assert colors[0] in seen and colors[1] not in seen
    click_row(workspace, largest_here(workspace, 3)[-1])
    settle(workspace)
    painted(workspace, qtbot, 0, 1, 2)
    settle(workspace)
    assert colors[0] not in colors_of(workspace, 1)


def test_only_pictures_in_sight_are_painted(workspace: Workspace, qtbot: Any) -> None:
    painted(workspace, qtbot, 0, 1, 2)
    thumbnails = workspace.docks.sections.sheet.thumbnails
    assert not any(thumbnails.is_current(section) for section in (3, 4, 5))
    press(workspace, Key.Key_C, SHIFT)
    settle(workspace)
    workspace.curator.rename(1, "CA1")
    qtbot.wait(200)
    assert workspace.docks.sections.sheet.isHidden()
    press(workspace, Key.Key_C, SHIFT)
    painted(workspace, qtbot, 0, 1, 2)


def test_a_section_on_the_canvas_keeps_its_grid(workspace: Workspace, qtbot: Any) -> None:
    grid = workspace.docks.drawings.of(0)
    painted(workspace, qtbot, 0, 1, 2)
    assert workspace.docks.drawings.of(0) is grid


def test_folding_gives_the_tissue_its_room(workspace: Workspace, qtbot: Any) -> None:
    canvas, panel = workspace.docks.canvas, workspace.docks.sections
    before = canvas.height()
    assert panel.height() <= 150
    QTest.mouseClick(panel.fold, LEFT)
    qtbot.waitUntil(lambda: canvas.height() >= before + HEIGHT, timeout=3000)
    assert panel.height() < 70
    press(workspace, Key.Key_C, SHIFT)
    # Within a pixel or two: Qt measures the line of choices once it has been seen.
    qtbot.waitUntil(lambda: abs(canvas.height() - before) <= 2, timeout=3000)


def test_animals_side_by_side_at_the_same_position(workspace: Workspace, qtbot: Any) -> None:
    sheet, (first, second) = workspace.docks.sections.sheet, strips(workspace)
    assert not second.isVisible()
    press(workspace, Key.Key_PageDown)
    choose_animal(sheet.beside, 1)
    settle(workspace)
    assert sheet.rows.animals == workspace.atlas.animals
    assert second.isVisible() and workspace.view.section == 1
    assert second.currentIndex().row() == 1
    QTest.mouseClick(second.viewport(), LEFT, NONE, place_on(second, 5))
    settle(workspace)
    assert workspace.view.section == 5
    # The rows stay as they are; the one above shows where that would be.
    assert sheet.rows.animals == workspace.atlas.animals
    assert first.currentIndex().row() == 2
    painted(workspace, qtbot, *range(6))


def test_another_animal_opens_at_the_same_position(workspace: Workspace) -> None:
    sheet = workspace.docks.sections.sheet
    press(workspace, Key.Key_PageDown)
    settle(workspace)
    choose_animal(sheet.animal, 1)
    settle(workspace)
    assert workspace.view.section == 4
    assert sheet.rows.animals == (workspace.atlas.animals[1],)


def test_the_wheel_goes_along_the_strip(workspace: Workspace) -> None:
    from qtpy.QtCore import QPointF
    from qtpy.QtGui import QWheelEvent

    strip = strips(workspace)[0]
    strip.setFixedWidth(2 * WIDTH)
    settle(workspace)
    bar = strip.horizontalScrollBar()
    assert bar.value() == 0 and bar.maximum() > 0
    middle = QPointF(strip.viewport().rect().center())
    event = QWheelEvent(
        middle, QPointF(strip.viewport().mapToGlobal(middle.toPoint())), QPoint(), QPoint(0, -120),
        Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(strip.viewport(), event)
    assert bar.value() == WIDTH


def test_a_turned_section_is_turned_on_the_strip(workspace: Workspace, qtbot: Any) -> None:
    painted(workspace, qtbot, 0)
    thumbnails = workspace.docks.sections.sheet.thumbnails
    before = thumbnails.picture(0)
    press(workspace, Key.Key_R)
    press(workspace, Key.Key_R)
    settle(workspace)
    painted(workspace, qtbot, 0)
    after = thumbnails.picture(0)
    assert before is not None and after is not None
    turned = before.mirrored(True, True)
    same = [
        turned.pixelColor(x, y) == after.pixelColor(x, y)
        for x in range(turned.width())
        for y in range(turned.height())
    ]
    assert np.mean(same) > 0.9
