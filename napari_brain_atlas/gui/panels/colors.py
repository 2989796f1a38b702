"""What cells are coloured by, and what is drawn around them. Everything is live."""

from __future__ import annotations

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_brain_atlas.gui.color_maps import MAPS
from napari_brain_atlas.gui.color_scene import ColorScene
from napari_brain_atlas.gui.colors import ColorBy
from napari_brain_atlas.gui.panels.contrast import Contrast
from napari_brain_atlas.gui.panels.gene_lines import GeneLines
from napari_brain_atlas.gui.panels.panel import Panel
from napari_brain_atlas.gui.panels.surroundings import Surroundings
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.scene import Scene

BY_TIP = (
    "What the color of a cell stands for: its neighborhood, its cell type, a column of the "
    "file, or genes (key C goes through neighborhoods, cell types and genes)"
)
MAP_TIP = "Colors of numbers from low to high; all are of even steps and safe for color blindness"
RESET_TIP = "Contrast as at first: from the lowest number to the 99th percentile"
MAP_WIDTH = 98


class ColorsPanel(Panel):
    """Choice of what is shown, contrast, territories and boundaries."""

    by_asked = Signal(object)
    limits_asked = Signal(int, object)
    reset_asked = Signal()
    map_asked = Signal(str)
    showing_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.by = QComboBox()
        self.by.setToolTip(BY_TIP)
        # A long name of a column must not make the dock wider.
        self.by.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.by.setMinimumContentsLength(6)
        self.map = QComboBox()
        self.map.setToolTip(MAP_TIP)
        self.map.addItems(MAPS)
        self.map.setFixedWidth(MAP_WIDTH)
        self.reset = QToolButton()
        self.reset.setText("Reset")
        self.reset.setToolTip(RESET_TIP)
        self.genes = GeneLines()
        self.contrast = Contrast()
        self.around = Surroundings()
        self._choices: tuple[tuple[str, ColorBy], ...] = ()
        self._lay_out()
        self._connect()

    def draw(self, scene: Scene) -> None:
        """Show what is chosen."""
        coloring = scene.coloring
        self._draw_choice(coloring)
        self.genes.show_genes(coloring)
        self.contrast.show_channels(coloring.channels)
        with QSignalBlocker(self.map):
            self.map.setCurrentText(coloring.shading.map)
        self.map.setVisible(coloring.has_map)
        self.reset.setVisible(bool(coloring.channels))
        self.around.show_showing(coloring)

    def _draw_choice(self, coloring: ColorScene) -> None:
        with QSignalBlocker(self.by):
            if coloring.choices != self._choices:
                self._choices = coloring.choices
                self.by.clear()
                self.by.addItems([words for words, _ in coloring.choices])
            wanted = ColorBy("genes") if coloring.by.kind == "genes" else coloring.by
            self.by.setCurrentIndex([by for _, by in self._choices].index(wanted))

    def _choose(self, row: int) -> None:
        self.by_asked.emit(self._choices[row][1])

    def _connect(self) -> None:
        # Only what a user does: `activated`, not the change of an index.
        self.by.activated.connect(self._choose)
        self.map.textActivated.connect(self.map_asked)
        self.reset.clicked.connect(lambda *_: self.reset_asked.emit())
        self.genes.chosen.connect(lambda names: self.by_asked.emit(ColorBy("genes", names)))
        self.contrast.asked.connect(self.limits_asked)
        self.around.asked.connect(self.showing_asked)

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.addWidget(QLabel("Color by"))
        for widget, stretch in ((self.by, 1), (self.map, 0), (self.reset, 0)):
            first.addWidget(widget, stretch)
        inside = QWidget()
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(4, 2, 6, 2)
        inner.setSpacing(3)
        inner.addLayout(first)
        for part in (self.genes, self.contrast, self.around):
            inner.addWidget(part)
        inner.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
