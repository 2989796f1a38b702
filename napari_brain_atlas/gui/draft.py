"""What a hand has drawn so far, as a value: every touch gives the next one. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from napari_brain_atlas.gui.tool import Mode, Point, Stroke, Tool

FREEHAND: frozenset[Tool] = frozenset({"lasso", "brush", "cut"})
"""Tools whose line follows the mouse while it is held down."""
BY_CORNERS: frozenset[Tool] = frozenset({"polygon", "cut"})
"""Tools that go on from click to click until they are finished."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An outline that is being drawn.

    Attributes
    ----------
    tool : Tool
    mode : Mode
    points : tuple of (x, y)
        In the unit of the atlas.
    tip : (x, y)
        Where the mouse is.
    """

    tool: Tool
    mode: Mode
    points: tuple[Point, ...]
    tip: Point

    @property
    def shown(self) -> tuple[Point, ...]:
        """The points to draw, up to the mouse."""
        if self.tool == "rectangle":
            (left, top), (right, bottom) = self.points[0], self.tip
            return (left, top), (right, top), (right, bottom), (left, bottom)
        return self.points if self.points[-1] == self.tip else (*self.points, self.tip)

    def with_point(self, point: Point) -> Draft:
        """One corner more."""
        return replace(self, points=(*self.points, point), tip=point)

    def with_tip(self, point: Point) -> Draft:
        """The mouse has moved."""
        return replace(self, tip=point)

    def shortened(self) -> Draft | None:
        """The last corner is taken back; None if there is no other."""
        rest = self.points[:-1]
        return replace(self, points=rest) if rest else None

    def stroke(self, radius: float = 0.0) -> Stroke:
        """What was drawn, once it is finished."""
        points = (self.points[0], self.tip) if self.tool == "rectangle" else self.points
        return Stroke(self.tool, points, self.mode, radius if self.tool == "brush" else 0.0)


def begin(tool: Tool, mode: Mode, point: Point) -> Draft:
    """The first touch. A cut begins anew, whatever keys are held."""
    return Draft(tool, "new" if tool == "cut" else mode, (point,), point)
