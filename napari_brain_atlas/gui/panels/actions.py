"""The toolbar: what can be done, and what it would do."""

from __future__ import annotations

from qtpy.QtCore import QObject, Qt
from qtpy.QtWidgets import QMenu, QToolBar, QToolButton

from napari_brain_atlas.gui.availability import Availability
from napari_brain_atlas.gui.qt import QAction, Signal
from napari_brain_atlas.gui.scene import Scene

NAMES = ("merge", "split", "rename", "group", "lock", "undo", "redo", "save")
"""What is done every minute; the rest is in the menu of the table."""
_GROUPS_END = ("lock", "redo")
FIGURES = {
    "view": "What is seen now … (Ctrl+E)",
    "sheet": "All sections of this animal …",
}
_STYLE = """
QToolBar { spacing: 3px; padding: 2px 4px; }
QToolButton { padding: 3px 10px; border-radius: 3px; min-width: 46px; background: #424a54;
              color: #f0f1f2; }
QToolButton:hover { background: #565f6c; }
QToolButton:pressed { background: #4560c4; }
QToolButton::menu-indicator { subcontrol-position: right center; right: 2px; }
QToolButton:disabled { background: transparent; color: #7f858e; }
"""


class ActionBar(QObject):
    """Buttons for merge, split, rename, group, lock, undo, redo and save, and for figures."""

    triggered = Signal(str)
    figure_asked = Signal(str)
    """A figure of the ``view``, or of the ``sheet`` of all sections."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bar = QToolBar("Brain Atlas")
        self.bar.setObjectName("brain-atlas-actions")
        self.bar.setMovable(False)
        self.bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.bar.setStyleSheet(_STYLE)
        self.actions = {name: self._make(name) for name in NAMES}
        self.bar.addSeparator()
        self.figure = self._make_figure_button()

    def draw(self, scene: Scene) -> None:
        """Show what can be done."""
        for name, action in self.actions.items():
            able: Availability = getattr(scene.actions, name)
            action.setText(able.text)
            action.setToolTip(able.tip)
            action.setEnabled(able.enabled)

    def button(self, name: str) -> QToolButton:
        """The button of an action."""
        button = self.bar.widgetForAction(self.actions[name])
        assert isinstance(button, QToolButton)
        return button

    def _make_figure_button(self) -> QToolButton:
        button = QToolButton()
        button.setText("Figure")
        button.setToolTip("Save a figure with legend and scale bar as PDF, SVG or PNG")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        for what, text in FIGURES.items():
            entry = menu.addAction(text)
            assert entry is not None
            entry.triggered.connect(lambda *_, what=what: self.figure_asked.emit(what))
        button.setMenu(menu)
        self.bar.addWidget(button)
        return button

    def _make(self, name: str) -> QAction:
        action = QAction(name.capitalize(), self.bar)
        # `triggered` of an action carries whether it is checked, which means nothing here.
        action.triggered.connect(lambda *_: self.triggered.emit(name))
        self.bar.addAction(action)
        if name in _GROUPS_END:
            self.bar.addSeparator()
        return action
