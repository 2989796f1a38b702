from __future__ import annotations

from typing import Any

import pytest
from qtpy.QtCore import Qt

from napari_brain_atlas.gui.panels.neighborhood_model import (
    CELLS,
    COLOR_ROLE,
    ID_ROLE,
    NAME,
    SECTIONS,
    SWATCH,
    NeighborhoodModel,
    SortedNeighborhoods,
)
from napari_brain_atlas.gui.scene import Row
from napari_brain_atlas.model.neighborhood import UNASSIGNED

ROWS = (
    Row(1, "CA1", "#ff0000", 12403, 9, 100),
    Row(2, "ca3", "#00ff00", 900, 11, 0),
    Row(3, "DG", "#0000ff", 5000, 2, 7),
    Row(UNASSIGNED, "unassigned", "#808080", 99999, 20, 0),
)


@pytest.fixture
def model(qapp: Any) -> NeighborhoodModel:
    made = NeighborhoodModel()
    made.show_rows(ROWS)
    return made


@pytest.fixture
def proxy(model: NeighborhoodModel) -> SortedNeighborhoods:
    made = SortedNeighborhoods()
    made.setSourceModel(model)
    return made


def shown(proxy: SortedNeighborhoods) -> list[int]:
    return [proxy.index(r, 0).data(ID_ROLE) for r in range(proxy.rowCount())]


def test_it_is_a_model_as_qt_wants_it(model: NeighborhoodModel, qtmodeltester: Any) -> None:
    qtmodeltester.check(model)


def test_numbers_have_thousands_separated(model: NeighborhoodModel) -> None:
    assert model.index(0, CELLS).data() == "12,403"
    assert model.index(0, SECTIONS).data() == "9"


def test_a_swatch_keeps_its_color_when_the_row_is_selected(model: NeighborhoodModel) -> None:
    from qtpy.QtGui import QIcon

    icon = model.index(1, SWATCH).data(Qt.ItemDataRole.DecorationRole)
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        pixel = icon.pixmap(16, 16, mode).toImage().pixelColor(8, 8)
        assert pixel.name() == model.index(1, SWATCH).data(COLOR_ROLE) == "#00ff00"


@pytest.mark.parametrize(
    ("column", "order", "expected"),
    [
        pytest.param(CELLS, Qt.SortOrder.DescendingOrder, [1, 3, 2, 0], id="cells, many first"),
        pytest.param(CELLS, Qt.SortOrder.AscendingOrder, [2, 3, 1, 0], id="cells, few first"),
        pytest.param(SECTIONS, Qt.SortOrder.DescendingOrder, [2, 1, 3, 0], id="sections"),
        pytest.param(NAME, Qt.SortOrder.AscendingOrder, [1, 2, 3, 0], id="names, case aside"),
        pytest.param(NAME, Qt.SortOrder.DescendingOrder, [3, 2, 1, 0], id="names, backwards"),
    ],
)
def test_unassigned_is_last_however_it_is_sorted(
    proxy: SortedNeighborhoods, column: int, order: Qt.SortOrder, expected: list[int]
) -> None:
    proxy.sort(column, order)
    assert shown(proxy) == expected


def test_the_filter_ignores_case(proxy: SortedNeighborhoods) -> None:
    proxy.setFilterFixedString("CA")
    assert sorted(shown(proxy)) == [1, 2]


def test_a_typed_name_is_said_and_not_stored(model: NeighborhoodModel, qtbot: Any) -> None:
    with qtbot.waitSignal(model.name_typed) as typed:
        model.setData(model.index(0, NAME), "  subiculum ")
    assert typed.args == [1, "subiculum"]
    assert model.index(0, NAME).data() == "CA1"


@pytest.mark.parametrize("text", ["CA1", " CA1 ", "", "   "])
def test_a_name_that_changes_nothing_is_not_said(
    model: NeighborhoodModel, qtbot: Any, text: str
) -> None:
    with qtbot.assertNotEmitted(model.name_typed):
        model.setData(model.index(0, NAME), text)


def test_only_names_can_be_typed_and_not_that_of_unassigned(model: NeighborhoodModel) -> None:
    editable = [
        (row, column)
        for row in range(model.rowCount())
        for column in range(model.columnCount())
        if model.flags(model.index(row, column)) & Qt.ItemFlag.ItemIsEditable
    ]
    assert editable == [(0, NAME), (1, NAME), (2, NAME)]


def test_a_renamed_row_does_not_reset_the_table(model: NeighborhoodModel, qtbot: Any) -> None:
    renamed = (Row(1, "CA1so", "#ff0000", 12403, 9, 100), *ROWS[1:])
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.show_rows(renamed)
