"""How a cut is read from the tree, beyond its size; unfolded with *more*."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QSpinBox, QWidget

from napari_brain_atlas.gui.panels.forms import caption
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.model.hierarchy import CutParameters

METHODS = (("shown (level)", "level"), ("stable (eom)", "eom"), ("fine (leaf)", "leaf"))
METHOD_TIP = (
    "How clusters are chosen: 'shown' (level) splits as far as halves of the tissue agree, "
    "'stable' (excess of mass) takes those that persist longest, "
    "'fine' (leaves) takes the smallest parts everywhere"
)
ABOUT_TIP = (
    "About so many neighborhoods, instead of as many as halves of the tissue agree on; "
    "for 'shown' only"
)
EPSILON_TIP = (
    "Epsilon: neighborhoods whose surroundings differ by less than this are not separated; "
    "0 separates all"
)
LARGEST_TIP = "No neighborhood larger than this many cells; for 'stable' only"
PIECE_TIP = (
    "Speckles and holes below this area go to what is around them; "
    "'auto' is the area of 10 cells, 1 leaves nearly all"
)
EMBEDDING_TIP = (
    "In what neighborhoods are looked for: the composition of each cell's surroundings, "
    "or an array that the file has in obsm"
)
COMPOSITION = "composition"


class CutForm(QWidget):
    """Method, number, limits, and what is cut.

    Parameters
    ----------
    arrays : sequence of str
        The obsm arrays that can be used instead of our embedding.
    area : str
        The unit of areas.
    """

    changed = Signal()
    embedding_asked = Signal(str)

    def __init__(self, arrays: Sequence[str], area: str) -> None:
        super().__init__()
        self.method = QComboBox()
        for text, method in METHODS:
            self.method.addItem(text, method)
        self.about = _number(100_000)
        self.largest = _number(100_000_000, step=100)
        self.piece = _number(100_000_000, step=500 if area == "µm²" else 5, suffix=f" {area}")
        self.epsilon = QDoubleSpinBox()
        self.epsilon.setRange(0.0, 100.0)
        self.epsilon.setDecimals(3)
        self.epsilon.setSingleStep(0.01)
        self.embedding = QComboBox()
        self.embedding.addItem(COMPOSITION, "")
        for key in arrays:
            self.embedding.addItem(key, key)
        self._lay_out()
        self._connect()

    @property
    def choices(self) -> dict[str, Any]:
        """What stands here, as changes of `CutParameters`."""
        return {
            "method": self.method.currentData(),
            "epsilon": float(self.epsilon.value()),
            "about": self.about.value() if self.method.currentData() == "level" else 0,
            "max_cluster_size": self.largest.value() if self._is("eom") else 0,
            "smallest_piece": float(self.piece.value()) if self.piece.value() else None,
        }

    def draw(self, parameters: CutParameters | None, ready: bool) -> None:
        """Show where the cut stands; what is typed in stays."""
        self.embedding.setEnabled(ready or parameters is None)
        for widget in (self.method, self.epsilon, self.piece):
            widget.setEnabled(ready)
        if parameters is not None:
            self._set(self.epsilon, parameters.epsilon)
            self._set(self.about, parameters.about)
            self._set(self.piece, round(parameters.smallest_piece or 0))
            with QSignalBlocker(self.method):
                self.method.setCurrentIndex(self.method.findData(parameters.method))
        self.about.setEnabled(ready and self._is("level"))
        self.largest.setEnabled(ready and self._is("eom"))

    def _is(self, method: str) -> bool:
        return bool(self.method.currentData() == method)

    def _set(self, control: Any, value: float) -> None:
        if not control.hasFocus():
            with QSignalBlocker(control):
                control.setValue(value)

    def _connect(self) -> None:
        self.method.currentIndexChanged.connect(lambda _: self.changed.emit())
        for control in (self.about, self.largest, self.piece, self.epsilon):
            control.valueChanged.connect(lambda _: self.changed.emit())
        self.embedding.currentIndexChanged.connect(
            lambda _: self.embedding_asked.emit(self.embedding.currentData())
        )

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(3)
        lines = (
            ("look in", EMBEDDING_TIP, self.embedding), ("choose", METHOD_TIP, self.method),
            ("about", ABOUT_TIP, self.about), ("max size", LARGEST_TIP, self.largest),
            ("epsilon", EPSILON_TIP, self.epsilon), ("min piece", PIECE_TIP, self.piece),
        )  # fmt: skip
        for word, tip, control in lines:
            control.setToolTip(tip)
            form.addRow(caption(word, tip), control)


def _number(most: int, step: int = 1, suffix: str = "") -> QSpinBox:
    box = QSpinBox()
    box.setRange(0, most)
    box.setSingleStep(step)
    box.setSpecialValueText("auto")
    box.setSuffix(suffix)
    box.setGroupSeparatorShown(True)
    box.setKeyboardTracking(False)
    return box
