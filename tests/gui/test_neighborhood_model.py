from __future__ import annotations

from typing import Any

import pytest
from qtpy.QtCore import Qt

from napari_brain_atlas.gui.panels.neighborhood_model import (
    CELLS,
    COLOR_ROLE,
    ID_ROLE,
    LOCK,
    LOCK_ABOVE,
    LOCK_ROLE,
    NAME,
    OWN_LOCK,
    SECTIONS,
    SWATCH,
    NeighborhoodModel,
    SortedNeighborhoods,
)
from napari_brain_atlas.gui.rows import Row
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


# -- groups and locks --------------------------------------------------------

TREE = (
    Row(4, "HPF", "#ffff00", 17403, 10, 107, members=2, locked=True),
    Row(1, "CA1", "#ff0000", 12403, 9, 100, parent=4, own=12403, lock_above="HPF"),
    Row(3, "DG", "#0000ff", 5000, 2, 7, parent=4, own=5000, lock_above="HPF"),
    Row(2, "ca3", "#00ff00", 900, 11, 0, own=900),
    Row(UNASSIGNED, "unassigned", "#808080", 99999, 20, 0, own=99999),
)


@pytest.fixture
def tree(qapp: Any) -> NeighborhoodModel:
    made = NeighborhoodModel()
    made.show_rows(TREE)
    return made


def test_a_tree_is_a_model_as_qt_wants_it(tree: NeighborhoodModel, qtmodeltester: Any) -> None:
    qtmodeltester.check(tree)


def test_members_lie_under_their_group(tree: NeighborhoodModel) -> None:
    group = tree.index_of(4)
    assert [tree.index(r, 0, group).data(ID_ROLE) for r in range(tree.rowCount(group))] == [1, 3]
    assert tree.index_of(1).parent().data(ID_ROLE) == 4
    assert tree.rowCount() == 3 and tree.has_groups


def test_rows_without_groups_are_a_plain_table(model: NeighborhoodModel) -> None:
    assert not model.has_groups and not model.has_locks
    assert all(not model.index_of(r.id).parent().isValid() for r in ROWS)


@pytest.mark.parametrize(
    ("identity", "sign", "tip"),
    [
        pytest.param(4, OWN_LOCK, "locked: refuses every change, and all", id="its own"),
        pytest.param(1, LOCK_ABOVE, "the lock on 'HPF' above it", id="above"),
        pytest.param(2, "", "", id="none"),
    ],
)
def test_a_lock_is_a_sign_with_words(
    tree: NeighborhoodModel, identity: int, sign: str, tip: str
) -> None:
    index = tree.index_of(identity, LOCK)
    assert index.data(LOCK_ROLE) == sign
    assert tip in index.data(Qt.ItemDataRole.ToolTipRole)
    assert not index.data()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("HPF", [4, 1, 3], id="a group, with all under it"),
        pytest.param("DG", [4, 3], id="a member, under its group"),
        pytest.param("ca3", [2], id="neither"),
    ],
)
def test_the_filter_looks_into_groups(
    tree: NeighborhoodModel, text: str, expected: list[int]
) -> None:
    made = SortedNeighborhoods()
    made.setSourceModel(tree)
    made.setFilterFixedString(text)
    found = []
    for row in range(made.rowCount()):
        index = made.index(row, 0)
        found.append(index.data(ID_ROLE))
        found += [made.index(r, 0, index).data(ID_ROLE) for r in range(made.rowCount(index))]
    assert found == expected


def test_the_swatch_of_a_group_is_hollow_as_no_cell_has_its_color(
    tree: NeighborhoodModel,
) -> None:
    middles = [
        tree.index_of(i).data(Qt.ItemDataRole.DecorationRole).pixmap(16, 16).toImage()
        .pixelColor(8, 8).alpha()
        for i in (4, 1)
    ]  # fmt: skip
    assert middles == [0, 255]


def test_numbers_that_change_do_not_fold_the_tree(tree: NeighborhoodModel, qtbot: Any) -> None:
    unlocked = (Row(4, "HPF", "#ffff00", 17403, 10, 107, members=2), *TREE[1:])
    with qtbot.assertNotEmitted(tree.modelReset), qtbot.waitSignal(tree.dataChanged):
        tree.show_rows(unlocked)
    assert tree.index_of(4).data(LOCK_ROLE) == ""
