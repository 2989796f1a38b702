"""One opened file in one window: hears the session, draws scenes, does what is asked."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from qtpy.QtCore import QEvent, QObject, QTimer, Signal

from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.gui.availability import Availability, actions_of
from napari_brain_atlas.gui.clustering import Clustering, Found
from napari_brain_atlas.gui.docks import Docks
from napari_brain_atlas.gui.inspection import Inspection
from napari_brain_atlas.gui.keys import Keys
from napari_brain_atlas.gui.latest import Latest
from napari_brain_atlas.gui.pointer import Place, Pointer
from napari_brain_atlas.gui.scene import present
from napari_brain_atlas.gui.view_state import Merging, Notice, Suggested, ViewState, Work
from napari_brain_atlas.gui.wishes import is_grey, merged_selection
from napari_brain_atlas.model.commands import Annotate, Command, Merge, Redo, Undo
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.session import Change
from napari_brain_atlas.workflow.discovery import Scope, take
from napari_brain_atlas.workflow.document import Document

logger = logging.getLogger(__name__)
_open: WeakKeyDictionary[Any, Workspace] = WeakKeyDictionary()


class Workspace(QObject):
    """The one subscriber of a session.

    Panels say what the user wants; the workspace changes the view, or gives
    the session a command, and draws the scene anew. All panels take the same
    path, and one that fails does not stop the others.

    Parameters
    ----------
    viewer : napari.Viewer
        A workspace that it has already is closed first.
    document : Document
        Closed with the workspace.
    """

    closed = Signal()
    _saving = Signal(str, float)

    def __init__(self, viewer: Any, document: Document) -> None:
        super().__init__()
        viewer = _bare(viewer)
        close_workspace(viewer)
        self.viewer = viewer
        self.document = document
        self.atlas = document.session.atlas
        self.view = ViewState(saved=document.saved, notice=_greeting(document))
        self._visited: list[tuple[int, ...]] = []
        self.docks = Docks(viewer, self.atlas, self)
        self.clustering = Clustering(document, self)
        self._inspection = Inspection(self.atlas)
        self._saver = Latest(self)
        self._pointer = Pointer(viewer, self._hover, self._click)
        self._keys = Keys(self.docks.window, self._bindings(), self)
        self._connect()
        _open[viewer] = self
        self.render()

    # -- drawing -----------------------------------------------------------

    def update_view(self, **changes: Any) -> None:
        """Change what is shown, and draw it."""
        view = replace(self.view, **changes)
        if view != self.view:
            self.view = view
            self.render()

    def render(self) -> None:
        """Draw the present scene on everything that is visible."""
        scene = present(self.atlas, self.document.session.history, self.view)
        for drawer in self.docks.drawers:
            try:
                drawer.draw(scene)
            except Exception:
                # What is committed is committed: a view that fails must not stop the others.
                logger.exception("%s could not be drawn", type(drawer).__name__)

    def tell(self, text: str, error: bool = False) -> None:
        """Show one line."""
        self.update_view(notice=Notice(text, error))

    # -- view --------------------------------------------------------------

    def show_section(self, index: int) -> None:
        """Show a section; outside the range the nearest end."""
        index = min(max(index, 0), len(self.atlas.sections) - 1)
        self.docks.sections.tell("")
        self.update_view(section=index)

    def select(self, identities: tuple[int, ...]) -> None:
        """Select these neighborhoods; what was selected before stays in front."""
        selection = merged_selection(self.view.selection, identities)
        if selection != self.view.selection:
            self._visited.append(self.view.selection)
            staged = None if isinstance(self.view.staged, Merging) else self.view.staged
            self.update_view(selection=selection, staged=staged)

    def select_back(self) -> None:
        """Return to the last selection."""
        if self._visited:
            known = self.document.session.curation.neighborhoods
            back = tuple(i for i in self._visited.pop() if i in known)
            self.update_view(selection=back)

    def clear(self) -> None:
        """Leave what waits for Enter; else the notice; else the selection."""
        if self.view.staged is not None:
            self.clustering.discard()
            self.update_view(staged=None)
        elif self.view.notice is not None:
            self.update_view(notice=None)
        else:
            self.select(())

    def _tip(self, action: str) -> str:
        able: Availability = getattr(actions_of(self.document.session.history, self.view), action)
        return able.tip

    # -- edits -------------------------------------------------------------

    def merge(self) -> None:
        """Show what merging the selected neighborhoods would make."""
        chosen = tuple(i for i in self.view.selection if i != UNASSIGNED)
        if len(chosen) < 2:
            self.tell(self._tip("merge"))
            return
        self.clustering.discard()
        self.update_view(staged=Merging(chosen), notice=None)

    def split(self) -> None:
        """Look for parts inside the selected neighborhood."""
        chosen = tuple(i for i in self.view.selection if i != UNASSIGNED)
        if len(chosen) != 1 or self.view.work is not None:
            self.tell(self._tip("split"))
            return
        self.find(Scope(chosen))

    def find(self, scope: Scope) -> None:
        """Grow a hierarchy over the scope, and propose."""
        if self.view.work is None:
            self.update_view(staged=None, tree=None, notice=None)
            self.clustering.start(scope)

    def cancel(self) -> None:
        """Stop the hierarchy under way."""
        self.clustering.forget()
        self.update_view(work=None, tree=None, notice=Notice("Cancelled; nothing was changed."))

    def recut(self, parameters: CutParameters) -> None:
        """Move the cut."""
        self.clustering.recut(parameters)

    def take(self) -> bool:
        """Do what waits for Enter; False if nothing does."""
        staged = self.view.staged
        if isinstance(staged, Merging):
            self.do(Merge(neighborhoods=staged.members, into=staged.members[0]))
        elif isinstance(staged, Suggested):
            self._take_suggested(staged)
        return staged is not None

    def rename_selected(self) -> None:
        """Let the user type a name for the selected neighborhood."""
        chosen = [i for i in self.view.selection if i != UNASSIGNED]
        if len(chosen) != 1:
            self.tell(self._tip("rename"))
        else:
            self.docks.neighborhoods.edit_name(chosen[0])

    def rename(self, identity: int, name: str) -> None:
        """Give a neighborhood a name."""
        self.do(Annotate(neighborhood=identity, name=name))

    def recolor(self, identity: int, color: str) -> None:
        """Give a neighborhood a colour."""
        if is_grey(color):
            self.tell("Grey is kept for unassigned cells; choose another color.", error=True)
        else:
            self.do(Annotate(neighborhood=identity, color=color))

    def undo(self) -> None:
        """Take back the last command."""
        self.do(Undo())

    def redo(self) -> None:
        """Do again what was undone last."""
        self.do(Redo())

    def do(self, command: Command) -> Change | None:
        """Give the session a command; a refusal is shown in one line."""
        if self.view.work is not None and not self.view.work.can_be_canceled:
            self.tell("Wait until the file is saved.", error=True)
            return None
        try:
            return self.document.session.do(command)
        except BrainAtlasError as error:
            self.tell(str(error), error=True)
            return None

    def save(self) -> None:
        """Write the file, beside the window."""
        if self.view.work is not None:
            self.tell(self._tip("save"))
            return
        self._report_saving("saving", 0.0)
        self._saver.ask(lambda: self.document.save(progress=self._saving.emit))

    def _take_suggested(self, staged: Suggested) -> None:
        try:
            command = take(self.document, staged.proposal, staged.scope)
        except BrainAtlasError as error:
            self.tell(str(error), error=True)
            return
        self.do(command)

    # -- answers -----------------------------------------------------------

    def _changed(self, change: Change) -> None:
        known = change.after.neighborhoods
        selection = tuple(i for i in self.view.selection if i in known)
        tree = self.view.tree
        if tree is not None and tree.scope.neighborhoods:
            # Its cells may belong to others now.
            self.clustering.forget()
            tree = None
        self.clustering.discard()
        self.update_view(
            selection=selection, staged=None, tree=tree, saved=self.document.saved, notice=None
        )
        self.render()

    def _found(self, found: Found) -> None:
        self.update_view(work=None, tree=found.tree, staged=found.suggested, notice=None)

    def _growing(self, what: str, share: float) -> None:
        self.update_view(work=Work(what, share))

    def _failed(self, problem: str) -> None:
        self.update_view(work=None, notice=Notice(problem, error=True))

    def _report_saving(self, what: str, share: float) -> None:
        self.update_view(work=Work(what, share, can_be_canceled=False))

    def _saved(self, path: object) -> None:
        notice = Notice(f"Saved into {getattr(path, 'name', path)}")
        self.update_view(work=None, saved=self.document.saved, notice=notice)

    # -- pointer -----------------------------------------------------------

    def _hover(self, place: Place) -> None:
        cell = self.docks.drawings.of(self.view.section).nearest(*place)
        curation = self.document.session.curation
        text = (
            ""
            if cell is None
            else self._inspection.sentence(curation, self.view.section, cell)
        )
        self.docks.sections.tell(text)

    def _click(self, place: Place, adds: bool) -> None:
        cell = self.docks.drawings.of(self.view.section).nearest(*place)
        if cell is None:
            if not adds:
                self.select(())
            return
        curation = self.document.session.curation
        owner = self._inspection.owner(curation, self.view.section, cell)
        chosen = self.view.selection
        if not adds:
            self.select((owner,))
        elif owner in chosen:
            self.select(tuple(i for i in chosen if i != owner))
        else:
            self.select((*chosen, owner))

    # -- life --------------------------------------------------------------

    def close(self) -> None:
        """Stop everything, and close the document."""
        if _open.get(self.viewer) is not self:
            return
        del _open[self.viewer]
        self.docks.window.removeEventFilter(self)
        self.clustering.close()
        self._saver.stop()
        self._keys.close()
        self._pointer.close()
        self.document.session.changed.disconnect(self._changed)
        self.docks.close()
        self.document.close()
        self.closed.emit()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Close with the window."""
        if event is not None and event.type() == QEvent.Type.Close:
            if event.spontaneous():
                # napari may ask the user, who may say no.
                QTimer.singleShot(0, self._close_with_window)
            else:
                self.close()
        return False

    def _close_with_window(self) -> None:
        if self.docks.window.isHidden():
            self.close()

    def _bindings(self) -> dict[str, Any]:
        section = self._step_section
        return {
            "G": self.merge,
            "K": self.split,
            "F2": self.rename_selected,
            "L": self.rename_selected,
            "Ctrl+Z": self.undo,
            "Ctrl+Shift+Z": self.redo,
            "Ctrl+Y": self.redo,
            "Ctrl+S": self.save,
            "Return": self.take,
            "Enter": self.take,
            "Esc": self.clear,
            "Alt+Left": self.select_back,
            "PgUp": lambda: section(-1),
            "PgDown": lambda: section(1),
        }

    def _step_section(self, by: int) -> None:
        self.show_section(self.view.section + by)

    def _connect(self) -> None:
        docks = self.docks
        self.document.session.changed.connect(self._changed)
        docks.sections.section_asked.connect(self.show_section)
        docks.neighborhoods.selected.connect(self.select)
        docks.neighborhoods.renamed.connect(self.rename)
        docks.neighborhoods.recolored.connect(self.recolor)
        docks.cluster.find_asked.connect(self.find)
        docks.cluster.cancel_asked.connect(self.cancel)
        docks.cluster.cut_asked.connect(self.recut)
        docks.cluster.take_asked.connect(self.take)
        docks.cluster.discard_asked.connect(self.clear)
        docks.floating.take_asked.connect(self.take)
        docks.floating.clear_asked.connect(self.clear)
        docks.floating.notice_gone.connect(self._forget_notice)
        docks.actions.triggered.connect(self._act)
        self.clustering.progressed.connect(self._growing)
        self.clustering.found.connect(self._found)
        self.clustering.failed.connect(self._failed)
        self._saving.connect(self._report_saving)
        self._saver.done.connect(self._saved)
        self._saver.failed.connect(self._failed)
        for panel in docks.panels:
            panel.shown.connect(self.render)
            self._keys.watch_all(panel)
        self._keys.watch(docks.canvas)
        docks.window.installEventFilter(self)

    def _forget_notice(self) -> None:
        self.update_view(notice=None)

    def _act(self, name: str) -> None:
        acts = {"rename": self.rename_selected}
        acts.get(name, getattr(self, name))()


def workspace_of(viewer: Any) -> Workspace | None:
    """The workspace of a viewer, if a file is open in it."""
    return _open.get(_bare(viewer))


def close_workspace(viewer: Any) -> None:
    """Close the workspace of a viewer, if there is one."""
    present_one = workspace_of(viewer)
    if present_one is not None:
        present_one.close()


def _bare(viewer: Any) -> Any:
    """The viewer itself, where napari gives plugins a proxy of it."""
    return getattr(viewer, "__wrapped__", viewer)


def _greeting(document: Document) -> Notice | None:
    return Notice(document.recovered) if document.recovered else None
