"""The table of neighborhoods: selecting, naming, colouring, and its menu."""

from __future__ import annotations

from collections.abc import Iterable

from qtpy.QtCore import QModelIndex, QPoint, QSignalBlocker
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QColorDialog, QLabel, QLineEdit, QVBoxLayout

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
from napari_brain_atlas.gui.panels.row_menu import RowMenu
from napari_brain_atlas.gui.panels.table import Table
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.scene import Scene
from napari_brain_atlas.model.neighborhood import UNASSIGNED


class NeighborhoodsPanel(Panel):
    """Swatch, name, lock, cells and sections of every neighborhood, as a tree of groups."""

    selected = Signal(object)
    renamed = Signal(int, str)
    recolored = Signal(int, str)
    asked = Signal(str)
    visited = Signal(object)
    """The user wants to see these where they have most cells."""

    def __init__(self) -> None:
        super().__init__()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("⌕ filter by name")
        self.filter.setClearButtonEnabled(True)
        self.model = NeighborhoodModel(self)
        self.proxy = SortedNeighborhoods(self)
        self.proxy.setSourceModel(self.model)
        self.table = Table(self.proxy)
        self.menu = RowMenu(self)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 2)
        layout.setSpacing(3)
        layout.addWidget(self.filter)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.summary)
        self._selection: tuple[int, ...] = ()
        self._scene: Scene | None = None
        self._connect()

    def draw(self, scene: Scene) -> None:
        """Show rows and selection, and bring a new selection into view."""
        self._scene = scene
        self.model.show_rows(scene.rows)
        self.table.show_tree(self.model.has_groups, self.model.has_locks)
        self.summary.setText(scene.summary)
        new = set(scene.selection) - set(self._selection)
        self._selection = scene.selection
        self._select(scene.selection)
        if new:
            self._scroll_to(new)

    def index_of(self, identity: int, column: int = NAME) -> QModelIndex:
        """Where a neighborhood is in the table; invalid if the filter hides it."""
        return self.proxy.mapFromSource(self.model.index_of(identity, column))

    def edit_name(self, identity: int) -> None:
        """Let the user type the name of a neighborhood."""
        self.filter.clear()
        index = self.index_of(identity)
        if index.isValid():
            self.table.scrollTo(index)
            self.table.setFocus()
            self.table.edit(index)

    def choose_color(self, identity: int) -> None:
        """Let the user choose the color of a neighborhood."""
        present = QColor(self.model.index_of(identity).data(COLOR_ROLE))
        color = QColorDialog.getColor(present, self, "Color of the neighborhood")
        if color.isValid() and color != present:
            self.recolored.emit(identity, color.name())

    def _connect(self) -> None:
        self.model.name_typed.connect(self.renamed)
        self.filter.textChanged.connect(self._apply_filter)
        self.table.doubleClicked.connect(self._double_clicked)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.menu.asked.connect(self.asked)
        self.table.selecting.selectionChanged.connect(self._say_selected)

    def _select(self, identities: Iterable[int]) -> None:
        found = [self.index_of(identity, 0) for identity in identities]
        # What the window draws is what it knows: saying it again would be noise.
        with QSignalBlocker(self.table.selecting):
            self.table.pick([index for index in found if index.isValid()])

    def _scroll_to(self, identities: Iterable[int]) -> None:
        found = (self.index_of(identity) for identity in identities)
        first = next((index for index in found if index.isValid()), None)
        if first is not None:
            self.table.scrollTo(first)

    def _say_selected(self) -> None:
        rows = self.table.selecting.selectedRows()
        self.selected.emit(tuple(int(i.data(ID_ROLE)) for i in rows))

    def _apply_filter(self, text: str) -> None:
        # Rows that the filter hides stay selected.
        with QSignalBlocker(self.table.selecting):
            self.proxy.setFilterFixedString(text)
        self.table.unfold_all(bool(text))
        self._select(self._selection)

    def _double_clicked(self, index: QModelIndex) -> None:
        identity = int(index.data(ID_ROLE))
        if index.column() == SWATCH and identity != UNASSIGNED:
            self.choose_color(identity)
        elif index.column() in (CELLS, SECTIONS):
            self.visited.emit((identity,))

    def _open_menu(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        if index.isValid() and self._scene is not None:
            # The press of the button has selected the row, and so drawn the scene anew.
            self.menu.open_at(self.table.view().mapToGlobal(place), self._scene.actions)
