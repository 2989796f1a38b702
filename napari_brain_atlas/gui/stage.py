"""What the window shows now, and the small wishes that only change that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qtpy.QtCore import QObject

from napari_brain_atlas.gui.availability import Availability, actions_of
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.view_state import Merging, Notice, ViewState
from napari_brain_atlas.gui.wishes import merged_selection
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.history import History
from napari_brain_atlas.workflow.document import Document

KEPT_SELECTIONS = 200


class Stage(QObject):
    """Holds the view of a document; says `changed` when it has to be drawn anew."""

    changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.view = ViewState(saved=document.saved, notice=_greeting(document))
        self._visited: list[tuple[int, ...]] = []

    @property
    def history(self) -> History:
        """What can be undone and redone."""
        return self.document.session.history

    @property
    def curation(self) -> Curation:
        """The present state."""
        return self.document.session.curation

    @property
    def busy(self) -> bool:
        """Whether long work is under way."""
        return self.view.work is not None

    def update(self, **changes: Any) -> None:
        """Change what is shown."""
        view = replace(self.view, **changes)
        if view != self.view:
            self.view = view
            self.changed.emit()

    def tell(self, text: str, error: bool = False) -> None:
        """Show one line."""
        self.update(notice=Notice(text, error))

    def can(self, action: str) -> bool:
        """Whether an action can be done now; if not, what it needs is told."""
        able: Availability = getattr(actions_of(self.history, self.view), action)
        if not able.enabled:
            self.tell(able.tip)
        return able.enabled

    def forget_notice(self) -> None:
        """Show no line any more."""
        self.update(notice=None)

    def show_section(self, index: int) -> None:
        """Show a section; outside the range the nearest end."""
        last = len(self.document.session.atlas.sections) - 1
        self.update(section=min(max(index, 0), last))

    def step_section(self, by: int) -> None:
        """Go on by some sections."""
        self.show_section(self.view.section + by)

    def select(self, identities: tuple[int, ...]) -> None:
        """Select these neighborhoods; what was selected before stays in front."""
        selection = merged_selection(self.view.selection, identities)
        if selection == self.view.selection:
            return
        self._visited = [*self._visited, self.view.selection][-KEPT_SELECTIONS:]
        self.update(selection=selection, **_left_behind(self.view))

    def toggle(self, identity: int) -> None:
        """Add a neighborhood to the selection, or take it out."""
        chosen = self.view.selection
        rest = tuple(i for i in chosen if i != identity)
        self.select(rest if identity in chosen else (*chosen, identity))

    def select_back(self) -> None:
        """Return to the last selection."""
        if self._visited:
            known = self.curation.neighborhoods
            back = self._visited.pop()
            self.update(selection=tuple(i for i in back if i in known))


def _left_behind(view: ViewState) -> dict[str, Any]:
    """What was said of another selection: what would be merged, grouped, or helped."""
    left: dict[str, Any] = {}
    if isinstance(view.staged, Merging):
        left["staged"] = None
    if view.asking is not None and view.asking.members:
        left["asking"] = None
    if view.notice is not None and view.notice.remedy is not None:
        left["notice"] = None
    return left


def _greeting(document: Document) -> Notice | None:
    """What to know before the first command."""
    said = [told for told in (document.recovered, document.read_only) if told]
    return Notice("; ".join(said), error=bool(document.read_only)) if said else None
