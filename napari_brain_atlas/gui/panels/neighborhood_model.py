"""The table of neighborhoods as Qt sees it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from qtpy.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from qtpy.QtGui import QColor, QIcon, QPixmap

from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.scene import Row
from napari_brain_atlas.model.neighborhood import UNASSIGNED

SWATCH, NAME, CELLS, SECTIONS = range(4)
HEADERS = ("", "name", "cells", "sections")
TIPS = (
    "Color of the neighborhood on the tissue; double-click to choose another",
    "Double-click, or press F2, to rename",
    "Number of cells of the neighborhood on all sections",
    "Number of sections on which the neighborhood has cells",
)
SORT_ROLE = Qt.ItemDataRole.UserRole
ID_ROLE = Qt.ItemDataRole.UserRole + 1
COLOR_ROLE = Qt.ItemDataRole.UserRole + 2
SWATCH_SIZE = 16
Index = QModelIndex | QPersistentModelIndex


class NeighborhoodModel(QAbstractTableModel):
    """Rows of a scene. Typing a name changes nothing here: it says `name_typed`."""

    name_typed = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Show these rows; tells views no more than what changed."""
        if rows == self._rows:
            return
        if [r.id for r in rows] == [r.id for r in self._rows]:
            self._rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, SECTIONS))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Number of neighborhoods."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Swatch, name, cells, sections."""
        return 0 if parent.isValid() else len(HEADERS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell of the table shows."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if role == ID_ROLE:
            return row.id
        if role == COLOR_ROLE:
            return row.color
        if role == SORT_ROLE:
            return (row.color, row.name.casefold(), row.n_cells, row.n_sections)[column]
        if role == Qt.ItemDataRole.DecorationRole and column == SWATCH:
            return _swatch(row.color)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return ("", row.name, f"{row.n_cells:,}", f"{row.n_sections:,}")[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.name} · {row.n_cells:,} cells, {row.here:,} of them on this section"
        if role == Qt.ItemDataRole.TextAlignmentRole and column >= CELLS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(  # noqa: N802
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """Say that a name was typed; the row changes when the command has been done."""
        if not index.isValid() or index.column() != NAME or role != Qt.ItemDataRole.EditRole:
            return False
        row, name = self._rows[index.row()], str(value).strip()
        if name and name != row.name:
            self.name_typed.emit(row.id, name)
        return True

    def headerData(  # noqa: N802
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Names of the columns, and what they mean."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(HEADERS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        return TIPS[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names can be typed, except that of unassigned."""
        flags = super().flags(QModelIndex(index))
        if not index.isValid() or index.column() != NAME:
            return flags
        if self._rows[index.row()].id == UNASSIGNED:
            return flags
        return flags | Qt.ItemFlag.ItemIsEditable


class SortedNeighborhoods(QSortFilterProxyModel):
    """Sorted as the user wants, with unassigned always last; filtered by name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setSortRole(SORT_ROLE)
        self.setFilterKeyColumn(NAME)
        self.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:  # noqa: N802
        """Order of two rows."""
        nobody = left.data(ID_ROLE) == UNASSIGNED, right.data(ID_ROLE) == UNASSIGNED
        if nobody[0] != nobody[1]:
            return bool(nobody[1] == (self.sortOrder() == Qt.SortOrder.AscendingOrder))
        return bool(left.data(SORT_ROLE) < right.data(SORT_ROLE))


@lru_cache(maxsize=2048)
def _swatch(color: str) -> QIcon:
    """A square that keeps its colour when the row is selected: a bare colour would be tinted."""
    square = QPixmap(SWATCH_SIZE, SWATCH_SIZE)
    square.fill(QColor(color))
    icon = QIcon(square)
    icon.addPixmap(square, QIcon.Mode.Selected)
    return icon
