"""Names of Qt that qtpy has under every binding, but that type checkers do not find in it."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Signal as _Signal  # type: ignore[attr-defined]
from qtpy.QtGui import QAction as _QAction  # type: ignore[attr-defined]

Signal: Any = _Signal
QAction: Any = _QAction
