"""Taking a proposal neighborhood by neighborhood: by its list, or where the pointer is."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QObject

from napari_brain_atlas.gui.docks import Docks
from napari_brain_atlas.gui.parts import leaving_out, part_at, section_of_part
from napari_brain_atlas.gui.pointer import Place
from napari_brain_atlas.gui.stage import Stage
from napari_brain_atlas.gui.view_state import Suggested

NONE_THERE = "Nothing is proposed under the pointer; N leaves out, or takes in, what is."


class Piecemeal(QObject):
    """Leaves neighborhoods of a proposal out, and takes them in again.

    Parameters
    ----------
    stage : Stage
    docks : Docks
    pointed_at : callable
        Where the pointer is on the tissue, None where it is elsewhere.
    """

    def __init__(self, stage: Stage, docks: Docks, pointed_at: Callable[[], Place | None]) -> None:
        super().__init__(stage)
        self._stage, self._docks, self._pointed_at = stage, docks, pointed_at
        docks.cluster.parts.left_out.connect(self.leave_out)
        docks.cluster.parts.visit_asked.connect(self.visit)

    def bindings(self) -> dict[str, Callable[[], bool | None]]:
        """What its keys do."""
        return {"N": self.turn_under_pointer}

    def leave_out(self, left_out: frozenset[int]) -> None:
        """Take all that was found but these."""
        staged = self._stage.view.staged
        if isinstance(staged, Suggested) and left_out != staged.left_out:
            atlas = self._stage.document.atlas
            self._stage.update(staged=leaving_out(staged, left_out, atlas), notice=None)

    def turn_under_pointer(self) -> bool:
        """Leave out what is found under the pointer, or take it in; False if nothing waits."""
        staged = self._stage.view.staged
        if not isinstance(staged, Suggested):
            return False
        part = self._part_under_pointer(staged)
        if part is None:
            self._stage.tell(NONE_THERE)
        else:
            self.leave_out(staged.left_out ^ {part})
        return True

    def visit(self, part: int) -> None:
        """Show the section on which a found neighborhood has most cells."""
        staged = self._stage.view.staged
        if isinstance(staged, Suggested):
            atlas = self._stage.document.atlas
            self._stage.show_section(section_of_part(staged, part, atlas))

    def _part_under_pointer(self, staged: Suggested) -> int | None:
        place = self._pointed_at()
        if place is None:
            return None
        found = self._docks.cell_under(self._stage.view.section, place)
        if found is None:
            return None
        section, rank = found
        return part_at(staged, self._stage.document.atlas.sections[section].start + rank)
