"""Up to three genes, each written in a line that completes it."""

from __future__ import annotations

from qtpy.QtCore import QStringListModel, Qt
from qtpy.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QWidget

from napari_brain_atlas.gui.color_scene import ColorScene
from napari_brain_atlas.gui.colors import CHANNELS
from napari_brain_atlas.gui.qt import Signal

TIPS = (
    "A gene: type any part of its name, Return shows it",
    "A second gene, blended with the first; empty for none",
    "A third gene, blended with the others; empty for none",
)
_SHOWN = 12


class GeneLines(QWidget):
    """Lines for genes; says `chosen` with all that are written, once they are known."""

    chosen = Signal(tuple)

    def __init__(self) -> None:
        super().__init__()
        self.model = QStringListModel(self)
        self.lines = tuple(self._line(tip) for tip in TIPS[:CHANNELS])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for line in self.lines:
            layout.addWidget(line, 1)
        self._genes: tuple[str, ...] = ()
        self._shown: tuple[str, ...] = ()

    def show_genes(self, coloring: ColorScene) -> None:
        """Show the genes that are wanted; nothing where other things are."""
        self.setVisible(coloring.by.kind == "genes")
        if coloring.genes != self._genes:
            self._genes = coloring.genes
            self.model.setStringList(list(coloring.genes))
        names = coloring.by.names if coloring.by.kind == "genes" else self._shown
        if names != self._shown:
            self._shown = names
            self._write()

    def _write(self) -> None:
        for line, name in zip(self.lines, (*self._shown, *[""] * CHANNELS), strict=False):
            line.setText(name)

    def _line(self, tip: str) -> QLineEdit:
        line = QLineEdit()
        line.setToolTip(tip)
        line.setPlaceholderText("gene" if tip is TIPS[0] else "+ gene")
        # Names are told in the tooltip too, as a narrow dock cuts them off.
        line.setMinimumWidth(40)
        completer = QCompleter(self.model, line)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(_SHOWN)
        line.setCompleter(completer)
        completer.activated.connect(lambda *_: self._choose())
        line.editingFinished.connect(self._choose)
        return line

    def _choose(self) -> None:
        folded = {gene.casefold(): gene for gene in reversed(self._genes)}
        written = [line.text().strip() for line in self.lines]
        names = tuple(folded.get(w.casefold(), w) for w in written if w)
        if not names:
            self._write()
        elif names != self._shown:
            # What is not known is asked for too: the answer names the nearest gene.
            self._shown = names
            self._write()
            self.chosen.emit(names)
