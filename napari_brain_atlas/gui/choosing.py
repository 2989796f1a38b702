"""Choosing cells by hand: from what is drawn on the tissue to what waits for Enter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from qtpy.QtCore import QObject

from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.gui.arranging import with_members
from napari_brain_atlas.gui.availability import BUSY
from napari_brain_atlas.gui.chosen import Chosen, Drawn, Place, choose, moved
from napari_brain_atlas.gui.curator import Curator
from napari_brain_atlas.gui.docks import Docks
from napari_brain_atlas.gui.joined import ALONE, drawn_on, told, with_section
from napari_brain_atlas.gui.panels.sketch import Sketch
from napari_brain_atlas.gui.panels.tools import ToolRow
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.sight import Sight
from napari_brain_atlas.gui.stage import Stage
from napari_brain_atlas.gui.strip import target_of
from napari_brain_atlas.gui.tool import IN_SPACE, KINDS, Point, Stroke, Tool

SMALLEST, LARGEST, STEP = 4, 400, 1.25
"""Radius of the brush in pixels, and by what a key changes it."""
NO_CELL = "No cell of {scope} lies there, so nothing is chosen."
NONE_LEFT = "Nothing is chosen any more."
NONE_YET = "Nothing is chosen yet; draw without keys first."


class Choosing(QObject):
    """The tools of the canvas, and the cells that are chosen with them.

    Parameters
    ----------
    viewer : napari.Viewer
    stage : Stage
    docks : Docks
    curator : Curator
        Forgets what it has proposed when cells are chosen.
    """

    clicked = Signal(object, bool)
    """A click that draws nothing: where in napari's world, and whether Shift or Ctrl was held."""

    def __init__(self, viewer: Any, stage: Stage, docks: Docks, curator: Curator) -> None:
        super().__init__(stage)
        self._stage, self._docks, self._curator = stage, docks, curator
        canvas = docks.canvas
        self.sketch = Sketch(canvas, Sight(viewer, canvas, docks.tissue))
        self.tools = ToolRow(canvas)
        self._section = stage.view.section
        self.sketch.drawn.connect(self.draw)
        self.sketch.clicked.connect(self._click)
        self.tools.tool_asked.connect(self.take_tool)
        docks.floating.other_asked.connect(self.move_cells)
        docks.sections.sheet.join_asked.connect(self.join)
        stage.changed.connect(self._heard)
        self._heard()

    def bindings(self) -> dict[str, Callable[[], bool | None]]:
        """What its keys do."""
        tools = {kind.key: partial(self.take_tool, tool) for tool, kind in KINDS.items()}
        return {
            **tools,
            "[": lambda: self.size_brush(1 / STEP),
            "]": lambda: self.size_brush(STEP),
            "M": self.move_cells,
            "Backspace": self.sketch.take_back,
            "Return": self.take,
            "Enter": self.take,
            "Esc": self.leave,
        }

    def take_tool(self, tool: Tool) -> None:
        """Draw with a tool from now on."""
        if self._can_draw():
            self._stage.update(tool=tool)

    def size_brush(self, by: float) -> None:
        """Make the brush larger or smaller."""
        if not self._can_draw():
            return
        size = round(self._stage.view.brush * by)
        self._stage.update(brush=min(max(size, SMALLEST), LARGEST), tool="brush")

    def take(self) -> bool:
        """Finish what is being drawn; else do what waits for Enter."""
        return self.sketch.finish() or self._curator.take()

    def leave(self) -> None:
        """Forget what is being drawn; else what waits for Enter; else sections drawn on too."""
        view = self._stage.view
        if self.sketch.cancel():
            return
        if view.joined and view.staged is None and view.asking is None and view.work is None:
            self._stage.update(joined=())
            self._stage.tell(ALONE)
        else:
            self._curator.clear()

    def join(self, section: int) -> None:
        """Draw on a section too from now on; or not any more."""
        joined = with_section(self._stage.view.joined, section)
        self._stage.update(joined=joined)
        self._stage.tell(told(joined, self._stage.view.section))

    def draw(self, stroke: Stroke) -> None:
        """Stage what is chosen once a stroke is drawn."""
        stage = self._stage
        if stage.busy:
            stage.tell(BUSY)
            return
        before = stage.view.staged if isinstance(stage.view.staged, Chosen) else None
        if before is None and stroke.mode in ("subtract", "intersect"):
            stage.tell(NONE_YET)
            return
        place = self._place(before if stroke.mode != "new" else None)
        try:
            chosen = choose(self._drawn(Drawn(place, stroke)), before)
        except BrainAtlasError as error:
            stage.tell(str(error), error=True)
            return
        self._curator.clustering.discard()
        stage.update(staged=chosen, notice=None, asking=None)
        if chosen is None:
            on = "these sections" if stage.view.joined else "this section"
            scope = "the selected neighborhoods" if place.scope else on
            stage.tell(NONE_LEFT if before else NO_CELL.format(scope=scope))

    def move_cells(self) -> None:
        """Let the chosen cells go to the one selected neighborhood; or again to a new one."""
        staged, stage = self._stage.view.staged, self._stage
        if not isinstance(staged, Chosen):
            stage.tell("Move (M): draw around cells with a tool first, then select where they go.")
            return
        into = target_of(staged, stage.view.selection)
        if staged.becomes.id in stage.curation.neighborhoods:
            into = None
        elif into is None:
            stage.tell("Move (M): select the one neighborhood that the chosen cells go to.")
            return
        stage.update(staged=moved(stage.curation, staged, into), notice=None)

    def close(self) -> None:
        """Leave the canvas."""
        self.sketch.stop()
        self.tools.stop()

    def _can_draw(self) -> bool:
        if self._stage.view.space.brain is not None:
            self._stage.tell(IN_SPACE)
        return self._stage.view.space.brain is None

    def _place(self, before: Chosen | None) -> Place:
        stage = self._stage
        section = stage.view.section
        # What is added to a choice is chosen from what it began with.
        scope = before.scope if before else with_members(stage.curation, stage.view.selection)
        grid = self._docks.drawings.of(section)
        return Place(stage.document.atlas, stage.curation, grid, section, scope)

    def _drawn(self, first: Drawn) -> list[Drawn]:
        stage = self._stage
        return drawn_on(
            stage.view.joined, first, stage.document.atlas, stage.curation, stage.view.turns,
            self._docks.drawings.of,
        )  # fmt: skip

    def _click(self, point: Point, adds: bool) -> None:
        self.clicked.emit(self._docks.tissue.world_place(point), adds)

    def _heard(self) -> None:
        view = self._stage.view
        if view.section != self._section:
            self._section = view.section
            self.sketch.cancel()
        self.sketch.take(view.tool, view.brush)
        self.tools.show_tool(view.tool, off=IN_SPACE if view.space.brain is not None else "")
