from __future__ import annotations

from typing import Any

from conftest_window import left_over
from qtpy.QtWidgets import QApplication, QWidget


def test_a_window_that_is_left_behind_is_found(qapp: Any) -> None:
    before = set(QApplication.topLevelWidgets())
    forgotten = QWidget()
    forgotten.setObjectName("forgotten")
    assert left_over(before) == ["QWidget 'forgotten'"]
    forgotten.deleteLater()
    del forgotten
    assert left_over(before) == []
