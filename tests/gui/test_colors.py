"""Colours chosen by hand: real keys and mouse clicks in a real window."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from conftest_window import largest_here, loneliest_cell, settle
from hands import NONE, SHIFT, Key, index_of, pixel_at, press
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest

from napari_brain_atlas.gui.color_maps import map_colors
from napari_brain_atlas.gui.colors import ColorBy
from napari_brain_atlas.gui.guide import canvas_pixel, move_mouse
from napari_brain_atlas.gui.keys import Keys
from napari_brain_atlas.gui.panels.colors import ColorsPanel
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.palette import hex_to_rgb

LEFT = Qt.MouseButton.LeftButton
Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def until(qtbot) -> Until:  # type: ignore[no-untyped-def]
    """Wait until something is so."""
    return lambda happened: qtbot.waitUntil(happened, timeout=10_000)


@pytest.fixture
def panel(workspace: Workspace) -> ColorsPanel:
    """The panel, brought to the front."""
    workspace.docks.show_colors()
    settle(workspace)
    assert workspace.docks.colors.isVisible()
    return workspace.docks.colors


def choose(panel: ColorsPanel, words: str) -> None:
    """Open the list and take an entry, as by mouse."""
    row = panel.by.findText(words)
    assert row >= 0
    panel.by.showPopup()
    view = panel.by.view()
    assert view is not None
    index = view.model().index(row, 0)
    view.scrollTo(index)
    QTest.mouseMove(view.viewport(), view.visualRect(index).center())
    QTest.mouseClick(view.viewport(), LEFT, NONE, view.visualRect(index).center())


def write_gene(panel: ColorsPanel, line: int, name: str) -> None:
    """Type a name as it is, and Return."""
    edit = panel.genes.lines[line]
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, name)
    QTest.keyClick(edit, Key.Key_Return)


def shown(workspace: Workspace, by: ColorBy) -> bool:
    return workspace.view.painted.by == by


def test_c_goes_through_neighborhoods_types_and_genes(workspace: Workspace, until: Until) -> None:
    atlas, legend = workspace.atlas, workspace.docks.floating.legend
    assert atlas.cell_type is not None
    before = legend.text()
    for by in (
        ColorBy("column", (atlas.cell_type,)),
        ColorBy("genes", atlas.genes[:1]),
        ColorBy(),
    ):
        press(workspace, Key.Key_C)
        until(lambda by=by: shown(workspace, by))  # type: ignore[misc]
        settle(workspace)
        assert (legend.text() == before) == (by == ColorBy())
    assert workspace.document.session.sentences == []  # nothing is journaled


def test_a_cell_on_the_canvas_has_the_color_of_its_type(
    workspace: Workspace, until: Until
) -> None:
    atlas = workspace.atlas
    assert atlas.cell_type is not None
    by = ColorBy("column", (atlas.cell_type,))
    press(workspace, Key.Key_C)
    until(lambda: shown(workspace, by))
    workspace.colorist.show(boundaries=False)
    settle(workspace)
    x, y = loneliest_cell(workspace, largest_here(workspace)[0])
    section = atlas.sections[workspace.view.section]
    cell = int(np.abs(atlas.xy[section.cells] - (x, y)).sum(axis=1).argmin())
    types = workspace.view.painted.categories
    assert types is not None
    color = types.colors[types.codes[section.start + cell]]
    found = pixel_at(workspace, canvas_pixel(workspace, x, y))
    assert np.abs(np.subtract(found[:3], hex_to_rgb(color))).max() <= 2


def test_o_t_and_shift_o_switch_what_is_around(workspace: Workspace, until: Until) -> None:
    showing = workspace.view.showing
    press(workspace, Key.Key_O)
    assert workspace.view.showing.boundaries != showing.boundaries
    press(workspace, Key.Key_T)
    assert workspace.view.showing.territories != showing.territories
    press(workspace, Key.Key_O)
    press(workspace, Key.Key_T)
    assert workspace.view.showing == showing
    press(workspace, Key.Key_O, SHIFT)
    notice = workspace.view.notice
    known = workspace.view.showing.reference
    assert known is not None or (notice is not None and "reference" in notice.text)


def test_a_gene_is_typed_and_the_tissue_follows(
    workspace: Workspace, panel: ColorsPanel, until: Until
) -> None:
    genes = workspace.atlas.genes
    choose(panel, "genes")
    until(lambda: shown(workspace, ColorBy("genes", genes[:1])))
    settle(workspace)
    write_gene(panel, 0, genes[2].lower())
    until(lambda: shown(workspace, ColorBy("genes", (genes[2],))))
    settle(workspace)
    assert panel.genes.lines[0].text() == genes[2]
    write_gene(panel, 1, genes[1])
    until(lambda: shown(workspace, ColorBy("genes", (genes[2], genes[1]))))
    settle(workspace)
    assert [s.isVisible() for s in panel.contrast.sliders] == [True, True, False]
    assert genes[1] in workspace.docks.floating.legend.text()


def test_a_gene_that_is_not_there_is_refused_with_the_nearest_name(
    workspace: Workspace, panel: ColorsPanel, until: Until
) -> None:
    gene = workspace.atlas.genes[0]
    choose(panel, "genes")
    until(lambda: shown(workspace, ColorBy("genes", (gene,))))
    settle(workspace)
    write_gene(panel, 0, gene[:-1] + "zz")
    notice = workspace.view.notice
    assert notice is not None and notice.error and "there is no gene" in notice.text
    assert shown(workspace, ColorBy("genes", (gene,)))


def test_contrast_follows_the_handles_and_reset_brings_it_back(
    workspace: Workspace, panel: ColorsPanel, until: Until
) -> None:
    choose(panel, "genes")
    until(lambda: workspace.view.painted.by.kind == "genes")
    settle(workspace)
    slider = panel.contrast.sliders[0]
    before, told = workspace.view.shading, workspace.docks.floating.legend.text()
    # Drag the upper handle to the middle.
    end, middle = slider.width() - 12, slider.width() // 2
    height = slider.height() // 2
    QTest.mousePress(slider, LEFT, NONE, QPoint(end, height))
    move_mouse(slider, QPoint(end - 10, height), LEFT)
    move_mouse(slider, QPoint(middle, height), LEFT)
    QTest.mouseRelease(slider, LEFT, NONE, QPoint(middle, height))
    low, high = workspace.view.shading.limits[0]
    assert low == 0 and 40 < high < 70
    settle(workspace)
    assert workspace.docks.floating.legend.text() != told
    assert f"{high:g} %" in panel.contrast.told[0].text()
    QTest.mouseClick(panel.reset, LEFT)
    assert workspace.view.shading == before


def test_a_map_is_chosen_with_the_keyboard(
    workspace: Workspace, panel: ColorsPanel, until: Until
) -> None:
    choose(panel, "confidence")
    until(lambda: workspace.view.painted.by.kind == "confidence")
    settle(workspace)
    panel.map.setFocus()
    QTest.keyClick(panel.map, Key.Key_Down)
    assert workspace.view.shading.map == "magma"
    settle(workspace)
    first = "#{:02x}{:02x}{:02x}".format(*map_colors("magma")[0].tolist())
    assert first in workspace.docks.floating.legend.text()


def test_boxes_and_sliders_change_what_is_around(workspace: Workspace, panel: ColorsPanel) -> None:
    around = panel.around
    for check, name in ((around.territories, "territories"), (around.boundaries, "boundaries")):
        QTest.mouseClick(check, LEFT, NONE, QPoint(8, check.height() // 2))
        assert getattr(workspace.view.showing, name) is False
    QTest.keyClick(around.line_width, Key.Key_Up)
    assert workspace.view.showing.boundary_width == 2
    QTest.keyClick(around.reach, Key.Key_Up)
    assert workspace.view.showing.reach == 10
    QTest.keyClick(around.reach, Key.Key_Down)
    assert workspace.view.showing.reach is None
    QTest.keyClick(around.opacity, Key.Key_Home)
    assert workspace.view.showing.opacity == 0


def test_boundaries_of_a_column_are_switched_on(
    workspace: Workspace, panel: ColorsPanel, until: Until
) -> None:
    around = panel.around
    assert around.column.count()
    QTest.mouseClick(around.reference, LEFT, NONE, QPoint(8, around.reference.height() // 2))
    column = around.column.currentText()
    assert workspace.view.showing.reference == column
    until(lambda: workspace.view.painted.reference is not None)
    settle(workspace)
    assert column[:10] in workspace.docks.floating.legend.text()
    QTest.mouseClick(around.reference, LEFT, NONE, QPoint(8, around.reference.height() // 2))
    until(lambda: workspace.view.painted.reference is None)


def test_this_or_all_is_clicked_in_the_legend(workspace: Workspace) -> None:
    head, legend = workspace.docks.floating.head, workspace.docks.floating.legend
    here = legend.text()
    QTest.mouseClick(head, LEFT, NONE, QPoint(head.width() - 20, head.height() // 2))
    if not workspace.view.legend_of_all:
        # Wherever the words end, the link is found by going along the line.
        for x in range(head.width() - 4, 0, -4):
            QTest.mouseClick(head, LEFT, NONE, QPoint(x, head.height() // 2))
            if workspace.view.legend_of_all:
                break
    assert workspace.view.legend_of_all
    settle(workspace)
    assert legend.text() != here
    assert workspace.docks.window.focusWidget() is not head


def test_the_status_line_tells_the_gene_of_the_cell(workspace: Workspace, until: Until) -> None:
    gene = workspace.atlas.genes[1]
    workspace.colorist.color_by(ColorBy("genes", (gene,)))
    until(lambda: shown(workspace, ColorBy("genes", (gene,))))
    settle(workspace)
    x, y = loneliest_cell(workspace, largest_here(workspace)[0])
    move_mouse(workspace.docks.canvas, canvas_pixel(workspace, x, y))
    assert f" · {gene} " in workspace.docks.sections.status.text()


def test_the_last_wish_counts_however_fast_they_come(workspace: Workspace, until: Until) -> None:
    genes = workspace.atlas.genes
    for gene in genes[:5]:
        workspace.colorist.color_by(ColorBy("genes", (gene,)))
    workspace.colorist.color_by(ColorBy())
    assert shown(workspace, ColorBy())
    workspace.colorist.color_by(ColorBy("genes", (genes[3],)))
    until(lambda: shown(workspace, ColorBy("genes", (genes[3],))))
    assert workspace.view.color_by == workspace.view.painted.by


def test_no_key_means_two_things(workspace: Workspace) -> None:
    ours = set(workspace.colorist.bindings())
    others = [workspace.ways.bindings(), workspace.choosing.bindings()]
    assert not any(ours & set(taken) for taken in others)
    assert isinstance(workspace._keys, Keys)


def test_the_panel_fits_its_dock(workspace: Workspace, panel: ColorsPanel, until: Until) -> None:
    choose(panel, "genes")
    until(lambda: workspace.view.painted.by.kind == "genes")
    settle(workspace)
    for widget in (panel.reset, panel.map, panel.around.reference_color, panel.contrast.told[0]):
        right = widget.mapTo(panel, QPoint(widget.width(), 0)).x()
        assert right <= panel.width(), widget
    assert index_of(workspace, largest_here(workspace)[0]).isValid()
