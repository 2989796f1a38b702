"""A tree that looks like a table, with the arrows that fold groups beside the names."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QSignalBlocker,
    Qt,
)
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from napari_brain_atlas.gui.panels.neighborhood_model import (
    CELLS,
    ID_ROLE,
    LOCK,
    LOCK_ROLE,
    NAME,
    SECTIONS,
    SWATCH,
    SortedNeighborhoods,
)
from napari_brain_atlas.gui.panels.signs import LockDelegate

_INDENT = 14
_WIDTHS = ((SWATCH, 26), (LOCK, 22), (CELLS, 76), (SECTIONS, 70))


class Table(QTreeView):
    """Rows of neighborhoods; remembers which groups are folded while rows come and go."""

    def __init__(self, model: SortedNeighborhoods) -> None:
        super().__init__()
        self._folded: set[int] = set()
        self._all_unfolded = False
        self._locks = LockDelegate(LOCK_ROLE)
        self.setModel(model)
        self.setItemDelegateForColumn(LOCK, self._locks)
        self.setSortingEnabled(True)
        self.sortByColumn(CELLS, Qt.SortOrder.DescendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        self.setTreePosition(NAME)
        self.setIndentation(_INDENT)
        self.show_tree(False, False)
        _size_columns(self)
        self.collapsed.connect(self._fold)
        self.expanded.connect(self._unfold)
        model.modelReset.connect(self._fold_again)

    @property
    def selecting(self) -> QItemSelectionModel:
        """What is selected."""
        chosen = self.selectionModel()
        assert chosen is not None
        return chosen

    def view(self) -> QWidget:
        """The widget that rows are drawn on."""
        viewport = self.viewport()
        assert viewport is not None
        return viewport

    def show_tree(self, has_groups: bool, has_locks: bool) -> None:
        """Room for the arrows of groups, and for locks, only where there are any."""
        self.setRootIsDecorated(has_groups)
        self.setColumnHidden(LOCK, not has_locks)

    def pick(self, indexes: Sequence[QModelIndex]) -> None:
        """Select these rows, and no others."""
        wanted = {index.data(ID_ROLE) for index in indexes}
        if {i.data(ID_ROLE) for i in self.selecting.selectedRows()} == wanted:
            return
        picked = QItemSelection()
        for index in indexes:
            picked.select(index, index.siblingAtColumn(SECTIONS))
        self.selecting.select(picked, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.view().update()

    def unfold_all(self, unfolded: bool) -> None:
        """Unfold everything for as long as a filter looks into groups."""
        self._all_unfolded = unfolded
        self._fold_again()

    def _fold_again(self) -> None:
        with QSignalBlocker(self):
            self.expandAll()
            if not self._all_unfolded:
                self._collapse(QModelIndex())

    def _collapse(self, parent: QModelIndex) -> None:
        model = self.model()
        for row in range(model.rowCount(parent) if model is not None else 0):
            index = model.index(row, 0, parent) if model is not None else parent
            self._collapse(index)
            if index.data(ID_ROLE) in self._folded:
                self.collapse(index)

    def _fold(self, index: QModelIndex) -> None:
        if not self._all_unfolded:
            self._folded.add(int(index.data(ID_ROLE)))

    def _unfold(self, index: QModelIndex) -> None:
        self._folded.discard(int(index.data(ID_ROLE)))


def _size_columns(table: QTreeView) -> None:
    header = table.header()
    assert header is not None
    header.setStretchLastSection(False)
    header.setSectionsMovable(False)
    header.setMinimumSectionSize(20)
    header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
    for column, width in _WIDTHS:
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(column, width)
