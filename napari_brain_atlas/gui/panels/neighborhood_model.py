"""The table of neighborhoods as Qt sees it."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from qtpy.QtGui import QFont

from napari_brain_atlas.gui.panels.signs import swatch
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.rows import Row
from napari_brain_atlas.model.neighborhood import UNASSIGNED

SWATCH, NAME, LOCK, CELLS, SECTIONS = range(5)
HEADERS = ("", "name", "", "cells", "sections")
TIPS = (
    "Color of the neighborhood on the tissue; double-click to choose another",
    "Double-click, or press F2, to rename",
    "Locks: a locked neighborhood, and all that is grouped under it, refuses every change",
    "Number of cells of the neighborhood on all sections, with all that is grouped under it",
    "Number of sections on which the neighborhood, or what is grouped under it, has cells",
)
SORT_ROLE = Qt.ItemDataRole.UserRole
ID_ROLE = Qt.ItemDataRole.UserRole + 1
COLOR_ROLE = Qt.ItemDataRole.UserRole + 2
LOCK_ROLE = Qt.ItemDataRole.UserRole + 3
"""OWN_LOCK, LOCK_ABOVE, or nothing."""
OWN_LOCK, LOCK_ABOVE = "own", "above"
ROW_SIZE = QSize(20, 22)
Index = QModelIndex | QPersistentModelIndex


class NeighborhoodModel(QAbstractItemModel):
    """Rows of a scene as a tree. Typing a name changes nothing here: it says `name_typed`."""

    name_typed = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[int, Row] = {}
        self._under: dict[int | None, list[int]] = {}
        self._places: dict[int, int] = {}

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Show these rows; tells views no more than what changed."""
        fresh = {r.id: r for r in rows}
        if fresh == self._rows and list(fresh) == list(self._rows):
            return
        if [(r.id, r.parent) for r in rows] == [(r.id, r.parent) for r in self._rows.values()]:
            self._rows = fresh
            self._say_changed()
            return
        self.beginResetModel()
        self._rows, self._under, self._places = fresh, {}, {}
        for row in rows:
            mates = self._under.setdefault(row.parent, [])
            self._places[row.id] = len(mates)
            mates.append(row.id)
        self.endResetModel()

    @property
    def has_groups(self) -> bool:
        """Whether any row lies under another."""
        return len(self._under) > 1

    @property
    def has_locks(self) -> bool:
        """Whether any row is locked."""
        return any(row.locked for row in self._rows.values())

    def index_of(self, identity: int, column: int = 0) -> QModelIndex:
        """Where a neighborhood is; invalid if it is not here."""
        place = self._places.get(identity)
        return QModelIndex() if place is None else self.createIndex(place, column, identity)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Where the row of a number under another one is."""
        mates = self._under.get(_id(parent), [])
        if not (0 <= row < len(mates) and 0 <= column < len(HEADERS)) or parent.column() > 0:
            return QModelIndex()
        return self.createIndex(row, column, mates[row])

    def parent(self, index: Index = QModelIndex()) -> Any:  # noqa: B008
        """Where the group of a row is."""
        row = self._rows.get(_key(index)) if index.isValid() else None
        if row is None or row.parent is None:
            return QModelIndex()
        return self.index_of(row.parent)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Number of neighborhoods directly under a row, or at the top."""
        return 0 if parent.column() > 0 else len(self._under.get(_id(parent), []))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Swatch, name, lock, cells, sections."""
        return len(HEADERS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell of the table shows."""
        if not index.isValid():
            return None
        row, column = self._rows[_key(index)], index.column()
        if role == ID_ROLE:
            return row.id
        if role == COLOR_ROLE:
            return row.color
        if role == LOCK_ROLE:
            return _lock_sign(row)
        if role == SORT_ROLE:
            return _sorted_by(row)[column]
        if role == Qt.ItemDataRole.DecorationRole and column == SWATCH:
            return swatch(row.color, row.is_hollow)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return ("", row.name, "", f"{row.n_cells:,}", f"{row.n_sections:,}")[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return lock_tip(row) if column == LOCK else row_tip(row)
        if role == Qt.ItemDataRole.TextAlignmentRole and column >= CELLS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and row.members:
            return _group_font()
        return ROW_SIZE if role == Qt.ItemDataRole.SizeHintRole else None

    def setData(  # noqa: N802
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """Say that a name was typed; the row changes when the command has been done."""
        if not index.isValid() or index.column() != NAME or role != Qt.ItemDataRole.EditRole:
            return False
        row, name = self._rows[_key(index)], str(value).strip()
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
        if _key(index) == UNASSIGNED:
            return flags
        return flags | Qt.ItemFlag.ItemIsEditable

    def _say_changed(self) -> None:
        for parent, mates in self._under.items():
            above = QModelIndex() if parent is None else self.index_of(parent)
            first = self.index(0, 0, above)
            self.dataChanged.emit(first, self.index(len(mates) - 1, SECTIONS, above))


class SortedNeighborhoods(QSortFilterProxyModel):
    """Sorted as the user wants, with unassigned always last; filtered by name.

    A group is shown with what fits under it, and all of it where the group itself fits.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setSortRole(SORT_ROLE)
        self.setFilterKeyColumn(NAME)
        self.setRecursiveFilteringEnabled(True)
        self.setAutoAcceptChildRows(True)
        self.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:  # noqa: N802
        """Order of two rows."""
        nobody = left.data(ID_ROLE) == UNASSIGNED, right.data(ID_ROLE) == UNASSIGNED
        if nobody[0] != nobody[1]:
            return bool(nobody[1] == (self.sortOrder() == Qt.SortOrder.AscendingOrder))
        return bool(left.data(SORT_ROLE) < right.data(SORT_ROLE))


def lock_tip(row: Row) -> str:
    """What a lock sign means."""
    if row.locked:
        under = ", and all that is grouped under it" if row.members else ""
        return f"locked: refuses every change{under}"
    if row.lock_above:
        return f"locked by the lock on {row.lock_above!r} above it: refuses every change"
    return ""


def row_tip(row: Row) -> str:
    """What a row means."""
    told = f"{row.name} · {row.n_cells:,} cells, {row.here:,} of them on this section"
    if row.is_hollow:
        told += f" · a group of {row.members:,}; cells keep the colors of what is under it"
    lock = lock_tip(row)
    return f"{told} · {lock}" if lock else told


def _id(index: Index) -> int | None:
    return _key(index) if index.isValid() else None


def _key(index: Index) -> int:
    return int(QModelIndex(index).internalId())


def _lock_sign(row: Row) -> str:
    if row.locked:
        return OWN_LOCK
    return LOCK_ABOVE if row.lock_above else ""


def _sorted_by(row: Row) -> tuple[str, str, int, int, int]:
    locked = 2 * row.locked + bool(row.lock_above)
    return row.color, row.name.casefold(), locked, row.n_cells, row.n_sections


def _group_font() -> QFont:
    font = QFont()
    font.setBold(True)
    return font
