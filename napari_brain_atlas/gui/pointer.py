"""The mouse on the tissue: what is under it, and what was clicked."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any

ADDING = ("Shift", "Control", "Meta")
"""Keys that add to the selection."""
STILL = 4.0
"""A press that moves less than this many pixels is a click."""
Place = tuple[float, float]
"""A point of napari's world, (x, y) in the unit of the atlas; in 3D a pixel of the canvas."""


class Pointer:
    """Hears napari's mouse and says where the tissue was pointed at or clicked.

    Parameters
    ----------
    hovered : callable
        Called with the place under the pointer.
    clicked : callable
        Called with the place, and whether Shift or Ctrl was held.
    """

    def __init__(
        self,
        viewer: Any,
        hovered: Callable[[Place], None],
        clicked: Callable[[Place, bool], None],
    ) -> None:
        self._viewer = viewer
        self._hovered = hovered
        self._clicked = clicked
        viewer.mouse_move_callbacks.append(self._move)
        viewer.mouse_drag_callbacks.append(self._press)

    def close(self) -> None:
        """Hear nothing more."""
        for callbacks, mine in (
            (self._viewer.mouse_move_callbacks, self._move),
            (self._viewer.mouse_drag_callbacks, self._press),
        ):
            if mine in callbacks:
                callbacks.remove(mine)

    def _move(self, _viewer: Any, event: Any) -> None:
        self._hovered(place_of(event))

    def _press(self, _viewer: Any, event: Any) -> Generator[None, None, None]:
        place, adds = place_of(event), _adds(event)
        start, button, moved = event.pos, event.button, False
        yield
        while event.type == "mouse_move":
            # A drag moves the camera; it does not select. A hand may tremble.
            moved = moved or math.dist(event.pos, start) > STILL
            yield
        if button == 1 and not moved:
            self._clicked(place, adds)


def place_of(event: Any) -> Place:
    """Where an event happened on the displayed plane; in 3D, on the canvas."""
    if len(event.dims_displayed) > 2:
        column, row = event.pos[:2]
        return float(column), float(row)
    row, column = (event.position[d] for d in event.dims_displayed[-2:])
    return float(column), float(row)


def _adds(event: Any) -> bool:
    return any(held == key for held in event.modifiers for key in ADDING)
