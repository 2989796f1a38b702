"""The table of neighborhoods: selecting, naming, colouring."""

from __future__ import annotations

from collections.abc import Iterable

from qtpy.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QSignalBlocker, Qt
from qtpy.QtGui import QColor
from qtpy.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

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
from napari_brain_atlas.gui.panels.panel import Panel
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.scene import Scene
from napari_brain_atlas.model.neighborhood import UNASSIGNED


class NeighborhoodsPanel(Panel):
    """Swatch, name, cells and sections of every neighborhood."""

    selected = Signal(object)
    renamed = Signal(int, str)
    recolored = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("⌕ filter by name")
        self.filter.setClearButtonEnabled(True)
        self.model = NeighborhoodModel(self)
        self.proxy = SortedNeighborhoods(self)
        self.proxy.setSourceModel(self.model)
        self.table = _table(self.proxy)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 2)
        layout.setSpacing(3)
        layout.addWidget(self.filter)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.summary)
        self._selection: tuple[int, ...] = ()
        self.model.name_typed.connect(self.renamed)
        self.filter.textChanged.connect(self._apply_filter)
        self.table.doubleClicked.connect(self._choose_color)
        self._selecting().selectionChanged.connect(self._say_selected)

    def draw(self, scene: Scene) -> None:
        """Show rows and selection, and bring a new selection into view."""
        self.model.show_rows(scene.rows)
        self.summary.setText(scene.summary)
        new = set(scene.selection) - set(self._selection)
        self._selection = scene.selection
        self._select(scene.selection)
        if new:
            self._scroll_to(new)

    def edit_name(self, identity: int) -> None:
        """Let the user type the name of a neighborhood."""
        self.filter.clear()
        for row in self._rows_of([identity]):
            index = self.proxy.index(row, NAME)
            self.table.scrollTo(index)
            self.table.setFocus()
            self.table.edit(index)

    def _select(self, identities: Iterable[int]) -> None:
        rows = self._rows_of(identities)
        chosen = self._selecting()
        if sorted(i.row() for i in chosen.selectedRows()) == rows:
            return
        picked = QItemSelection()
        for row in rows:
            picked.select(self.proxy.index(row, 0), self.proxy.index(row, SECTIONS))
        # What the window draws is what it knows: saying it again would be noise.
        with QSignalBlocker(chosen):
            chosen.select(picked, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._viewport().update()

    def _rows_of(self, identities: Iterable[int]) -> list[int]:
        wanted = set(identities)
        rows = range(self.proxy.rowCount())
        return [r for r in rows if self.proxy.index(r, 0).data(ID_ROLE) in wanted]

    def _scroll_to(self, identities: Iterable[int]) -> None:
        for row in self._rows_of(identities)[:1]:
            self.table.scrollTo(self.proxy.index(row, NAME))

    def _selecting(self) -> QItemSelectionModel:
        chosen = self.table.selectionModel()
        assert chosen is not None
        return chosen

    def _viewport(self) -> QWidget:
        viewport = self.table.viewport()
        assert viewport is not None
        return viewport

    def _say_selected(self) -> None:
        rows = self._selecting().selectedRows()
        self.selected.emit(tuple(int(i.data(ID_ROLE)) for i in rows))

    def _apply_filter(self, text: str) -> None:
        # Rows that the filter hides stay selected.
        with QSignalBlocker(self._selecting()):
            self.proxy.setFilterFixedString(text)
        self._select(self._selection)

    def _choose_color(self, index: QModelIndex) -> None:
        identity = int(index.data(ID_ROLE))
        if index.column() != SWATCH or identity == UNASSIGNED:
            return
        present = QColor(index.data(COLOR_ROLE))
        color = QColorDialog.getColor(present, self, "Color of the neighborhood")
        if color.isValid() and color != present:
            self.recolored.emit(identity, color.name())


def _table(model: SortedNeighborhoods) -> QTableView:
    table = QTableView()
    table.setModel(model)
    table.setSortingEnabled(True)
    table.sortByColumn(CELLS, Qt.SortOrder.DescendingOrder)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
    table.setShowGrid(False)
    table.setWordWrap(False)
    side, header = table.verticalHeader(), table.horizontalHeader()
    assert side is not None and header is not None
    side.hide()
    side.setDefaultSectionSize(22)
    header.setMinimumSectionSize(20)
    header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
    for column in (SWATCH, CELLS, SECTIONS):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
    for column, width in ((SWATCH, 26), (CELLS, 76), (SECTIONS, 70)):
        header.resizeSection(column, width)
    return table
