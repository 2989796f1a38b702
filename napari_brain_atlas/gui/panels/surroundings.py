"""What is drawn around cells: territories, boundaries, boundaries of a reference."""

from __future__ import annotations

from collections.abc import Iterable

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtGui import QColor
from qtpy.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from napari_brain_atlas.gui.color_scene import ColorScene
from napari_brain_atlas.gui.qt import Signal

TERRITORY_TIP = "Fill the area around the cells of a neighborhood (key T)"
REACH_TIP = "How far from its cells the area of a neighborhood goes; auto: three cells"
OPACITY_TIP = "Opacity of that area"
BOUNDARY_TIP = "Lines where neighborhoods meet (key O)"
REFERENCE_TIP = "Lines where regions of a reference meet (Shift+O)"
COLUMN_TIP = "Column of the file that holds the regions"
WIDTH_TIP = "Width of the line in pixels of the screen"
COLOR_TIP = "Color of the line"
WIDEST = 8
REACH_WIDTH, LINE_WIDTH = 108, 80
"""Of the boxes for numbers, so that all fits into a dock of 350 pixels."""
_AUTO = "auto"


class Surroundings(QWidget):
    """Says `asked` with what is to be different in `Showing`."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.territories = _check("Territories", TERRITORY_TIP)
        self.reach = QDoubleSpinBox()
        self.reach.setRange(0, 100_000)
        self.reach.setDecimals(0)
        self.reach.setSingleStep(10)
        # Zero stands for a reach that follows how dense the cells are.
        self.reach.setSpecialValueText(_AUTO)
        self.reach.setKeyboardTracking(False)
        self.reach.setToolTip(REACH_TIP)
        self.reach.setFixedWidth(REACH_WIDTH)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setToolTip(OPACITY_TIP)
        self.boundaries = _check("Boundaries", BOUNDARY_TIP)
        self.line_width, self.line_color = _width(), _LineColor()
        self.reference = _check("Reference", REFERENCE_TIP)
        self.column = QComboBox()
        self.column.setToolTip(COLUMN_TIP)
        self.column.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.column.setMinimumContentsLength(4)
        self.reference_width, self.reference_color = _width(), _LineColor()
        self._lay_out()
        self._connect()

    def show_showing(self, coloring: ColorScene) -> None:
        """Show what is drawn."""
        showing = coloring.showing
        widgets = self.findChildren(QWidget)
        blocked = [QSignalBlocker(widget) for widget in widgets]
        self.territories.setChecked(showing.territories)
        self.reach.setValue(showing.reach or 0)
        self.reach.setSuffix(f" {coloring.unit}" if coloring.unit else "")
        self.opacity.setValue(round(showing.opacity * 100))
        self.boundaries.setChecked(showing.boundaries)
        self.line_width.setValue(showing.boundary_width)
        self.line_color.show_color(showing.boundary_color)
        self.reference.setChecked(showing.reference is not None)
        self._show_columns(coloring.references, showing.reference)
        self.reference_width.setValue(showing.reference_width)
        self.reference_color.show_color(showing.reference_color)
        del blocked
        for widget in (self.reference, self.column):
            widget.setEnabled(bool(coloring.references))

    def _show_columns(self, columns: tuple[str, ...], chosen: str | None) -> None:
        if columns != tuple(self.column.itemText(i) for i in range(self.column.count())):
            self.column.clear()
            self.column.addItems(columns)
        if chosen is not None:
            self.column.setCurrentText(chosen)

    def _connect(self) -> None:
        self.territories.toggled.connect(lambda on: self.asked.emit({"territories": on}))
        self.reach.valueChanged.connect(lambda reach: self.asked.emit({"reach": reach or None}))
        self.opacity.valueChanged.connect(lambda v: self.asked.emit({"opacity": v / 100}))
        self.boundaries.toggled.connect(lambda on: self.asked.emit({"boundaries": on}))
        self.line_width.valueChanged.connect(lambda n: self.asked.emit({"boundary_width": n}))
        self.line_color.chosen.connect(lambda c: self.asked.emit({"boundary_color": c}))
        self.reference.toggled.connect(lambda on: self._ask_reference(on))
        self.column.activated.connect(lambda *_: self._ask_reference(True))
        self.reference_width.valueChanged.connect(
            lambda n: self.asked.emit({"reference_width": n})
        )
        self.reference_color.chosen.connect(lambda c: self.asked.emit({"reference_color": c}))

    def _ask_reference(self, on: bool) -> None:
        self.asked.emit({"reference": self.column.currentText() if on else None})

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 2, 0, 0)
        layout.setVerticalSpacing(2)
        layout.setColumnStretch(1, 1)
        rows: tuple[tuple[QCheckBox, tuple[QWidget, ...]], ...] = (
            (self.territories, (self.reach, self.opacity)),
            (self.boundaries, (self.line_width, self.line_color)),
            (self.reference, (self.column, self.reference_width, self.reference_color)),
        )
        for row, (check, widgets) in enumerate(rows):
            layout.addWidget(check, row, 0)
            layout.addLayout(_in_row(widgets), row, 1)


class _LineColor(QToolButton):
    """A button in the colour of a line."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setToolTip(COLOR_TIP)
        self.setFixedWidth(26)
        self._color = ""
        self.clicked.connect(self._choose)

    def show_color(self, color: str) -> None:
        """Take a colour, ``#rrggbb``."""
        if color != self._color:
            self._color = color
            self.setStyleSheet(f"QToolButton {{ background-color: {color}; }}")

    def _choose(self) -> None:
        color = QColorDialog.getColor(QColor(self._color), self, COLOR_TIP)
        if color.isValid():
            self.chosen.emit(color.name())


def _check(text: str, tip: str) -> QCheckBox:
    check = QCheckBox(text)
    check.setToolTip(tip)
    return check


def _width() -> QSpinBox:
    width = QSpinBox()
    width.setRange(1, WIDEST)
    width.setSuffix(" px")
    width.setToolTip(WIDTH_TIP)
    width.setFixedWidth(LINE_WIDTH)
    return width


def _in_row(widgets: Iterable[QWidget]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(0)
    return row
