"""Tools that draw on the tissue, and what was drawn with them. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Tool = Literal["pan", "lasso", "polygon", "rectangle", "brush", "cut"]
Mode = Literal["new", "add", "subtract", "intersect"]
Point = tuple[float, float]
"""(x, y) in the unit of the atlas."""
LEAST = {"lasso": 3, "polygon": 3, "rectangle": 2, "brush": 1, "cut": 2}
"""Points without which there is no outline."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A tool as the window speaks of it.

    Attributes
    ----------
    name, key : str
    tip : str
        What it does, in a sentence.
    """

    name: str
    key: str
    tip: str


KINDS: dict[Tool, Kind] = {
    "pan": Kind("Pan", "V", "Drag moves the tissue, a click selects a neighborhood."),
    "lasso": Kind("Lasso", "S", "Draw around cells with the mouse held down."),
    "polygon": Kind(
        "Polygon",
        "P",
        "Click corner by corner; a double click or Enter closes it, Backspace goes back.",
    ),
    "rectangle": Kind("Rectangle", "E", "Drag from corner to corner."),
    "brush": Kind("Brush", "B", "Paint over cells; [ and ] change its size."),
    "cut": Kind(
        "Cut",
        "X",
        "Draw a line across the selected neighborhood: its smaller side becomes a new one.",
    ),
}
IN_SPACE = "Tools draw on a section; press D, or 3D below the tissue, to go back to it."
SPACE_TIP = "While Space is held the mouse moves the tissue."
MODES_TIP = "Shift adds to what is chosen, Alt or Ctrl takes away, Shift+Alt keeps what both have."


@dataclass(frozen=True, slots=True)
class Stroke:
    """What was drawn with a tool.

    Attributes
    ----------
    tool : Tool
    points : tuple of (x, y)
        In the unit of the atlas: outline, two corners, path or line.
    mode : Mode
        What it does with what was chosen before.
    radius : float
        Of the brush, in the unit of the atlas.
    """

    tool: Tool
    points: tuple[Point, ...]
    mode: Mode = "new"
    radius: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether it has the points that its tool needs."""
        return len(self.points) >= LEAST[self.tool]

    @property
    def told(self) -> dict[str, Any]:
        """As it stands in evidence: points as they were compared with cells, and in few digits."""
        told = {
            "tool": self.tool,
            "mode": self.mode,
            "points": [[_short(x), _short(y)] for x, y in self.points],
        }
        return {**told, "radius": self.radius} if self.tool == "brush" else told


def mode_of(shift: bool, alt: bool) -> Mode:
    """What the keys that are held mean."""
    if shift:
        return "intersect" if alt else "add"
    return "subtract" if alt else "new"


def _short(value: float) -> float:
    """The shortest number that is the same in float32."""
    return float(str(np.float32(value)))
