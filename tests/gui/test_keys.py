from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QAction
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QLineEdit, QMainWindow, QTableWidget, QVBoxLayout, QWidget

from napari_brain_atlas.gui.keys import Keys

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


class Room:
    """A window with a table, a line edit, and a menu that wants Ctrl+S for itself."""

    def __init__(self) -> None:
        self.pressed: list[str] = []
        self.taken_by_menu: list[bool] = []
        self.window = QMainWindow()
        center = QWidget()
        self.table, self.line = QTableWidget(3, 2), QLineEdit()
        layout = QVBoxLayout(center)
        layout.addWidget(self.table)
        layout.addWidget(self.line)
        self.window.setCentralWidget(center)
        action = QAction("Save layers", self.window)
        action.setShortcut("Ctrl+S")
        action.triggered.connect(self.taken_by_menu.append)
        self.window.addAction(action)
        names = ("G", "F2", "Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+S", "Return", "Enter", "Esc", "PgDown")
        self.keys = Keys(self.window, {n: lambda n=n: self.pressed.append(n) for n in names})  # type: ignore[misc]
        self.keys.watch_all(center)


@pytest.fixture
def room(qtbot: Any) -> Iterator[Room]:
    made = Room()
    qtbot.addWidget(made.window)
    made.window.show()
    qtbot.waitExposed(made.window)
    yield made
    made.keys.close()


@pytest.mark.parametrize(
    ("key", "held", "heard"),
    [
        pytest.param(Qt.Key.Key_G, NONE, ["G"], id="a letter"),
        pytest.param(Qt.Key.Key_F2, NONE, ["F2"], id="a function key"),
        pytest.param(Qt.Key.Key_Z, CTRL, ["Ctrl+Z"], id="with Ctrl"),
        pytest.param(Qt.Key.Key_Z, CTRL | SHIFT, ["Ctrl+Shift+Z"], id="with Ctrl and Shift"),
        pytest.param(Qt.Key.Key_Return, NONE, ["Return"], id="return"),
        pytest.param(
            Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier, ["Enter"], id="number pad"
        ),
        pytest.param(Qt.Key.Key_PageDown, NONE, ["PgDown"], id="page down"),
        pytest.param(Qt.Key.Key_G, CTRL, [], id="another key"),
    ],
)
@pytest.mark.parametrize("place", ["window", "table"])
def test_keys_are_heard_in_the_window_and_in_tables(
    room: Room, place: str, key: Qt.Key, held: Qt.KeyboardModifier, heard: list[str]
) -> None:
    QTest.keyClick(getattr(room, place), key, held)
    assert room.pressed == heard


def test_a_menu_does_not_take_a_key_that_is_ours(room: Room) -> None:
    room.table.setFocus()
    QTest.keyClick(room.table, Qt.Key.Key_S, CTRL)
    assert room.pressed == ["Ctrl+S"]
    assert room.taken_by_menu == []


def test_letters_typed_into_a_name_are_letters(room: Room) -> None:
    room.line.setFocus()
    QTest.keyClicks(room.line, "DG")
    QTest.keyClick(room.line, Qt.Key.Key_Return)
    QTest.keyClick(room.line, Qt.Key.Key_Escape)
    assert room.line.text() == "DG"
    assert room.pressed == []


def test_nothing_is_heard_after_close(room: Room) -> None:
    room.keys.close()
    QTest.keyClick(room.table, Qt.Key.Key_G)
    assert room.pressed == []
