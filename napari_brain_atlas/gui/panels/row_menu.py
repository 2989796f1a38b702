"""The menu on rows of the table: everything that can be done to what is selected."""

from __future__ import annotations

from qtpy.QtCore import QPoint
from qtpy.QtWidgets import QMenu, QWidget

from napari_brain_atlas.gui.availability import KEYS, Actions, Availability
from napari_brain_atlas.gui.qt import QAction, Signal

NAMES = (
    "visit", "merge", "split", "rename", "color", "group", "ungroup", "together", "apart",
    "unlink", "lock", "delete",
)  # fmt: skip
_GROUPS_END = ("visit", "split", "color", "ungroup", "unlink", "lock")


class RowMenu(QMenu):
    """Says `asked` with the name of what was chosen."""

    asked = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setToolTipsVisible(True)
        self.entries = {name: self._make(name) for name in NAMES}

    def open_at(self, place: QPoint, actions: Actions) -> None:
        """Show what can be done; the window goes on meanwhile."""
        for name, entry in self.entries.items():
            able: Availability = getattr(actions, name)
            key = KEYS.get(name, "")
            entry.setText(f"{able.text}\t{key}" if key else able.text)
            entry.setToolTip(able.tip)
            entry.setEnabled(able.enabled)
        self.popup(place)

    def _make(self, name: str) -> QAction:
        entry = QAction(name.capitalize(), self)
        # `triggered` of an action carries whether it is checked, which means nothing here.
        entry.triggered.connect(lambda *_: self.asked.emit(name))
        self.addAction(entry)
        if name in _GROUPS_END:
            self.addSeparator()
        return entry
