"""What the user does to the curation: everything ends in one command, or in one clear line."""

from __future__ import annotations

from qtpy.QtCore import QObject

from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.gui.clustering import Clustering, Found
from napari_brain_atlas.gui.latest import Latest
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.stage import Stage
from napari_brain_atlas.gui.view_state import Merging, Notice, Suggested, Work
from napari_brain_atlas.gui.wishes import is_grey
from napari_brain_atlas.model.commands import Annotate, Command, Merge, Redo, Undo
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.session import Change
from napari_brain_atlas.workflow.discovery import Scope, take


class Curator(QObject):
    """Turns wishes into staged proposals, and staged proposals into commands."""

    name_wanted = Signal(int)
    """The user wants to type the name of a neighborhood."""
    _saving = Signal(str, float)

    def __init__(self, stage: Stage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._session = stage.document.session
        self.clustering = Clustering(stage.document, self)
        self._saver = Latest(self)
        self.clustering.progressed.connect(self._growing)
        self.clustering.found.connect(self._found)
        self.clustering.failed.connect(self._failed)
        self._saving.connect(self._report_saving)
        self._saver.done.connect(self._saved)
        self._saver.failed.connect(self._failed)

    # -- staging -----------------------------------------------------------

    def merge(self) -> None:
        """Show what merging the selected neighborhoods would make."""
        chosen = self._chosen()
        if len(chosen) < 2:
            self._stage.tell(self._stage.tip("merge"))
            return
        self.clustering.discard()
        self._stage.update(staged=Merging(chosen), notice=None)

    def split(self) -> None:
        """Look for parts inside the selected neighborhood."""
        chosen = self._chosen()
        if len(chosen) != 1 or self._stage.busy:
            self._stage.tell(self._stage.tip("split"))
        else:
            self.find(Scope(chosen))

    def find(self, scope: Scope) -> None:
        """Grow a hierarchy over the scope, and propose."""
        if not self._stage.busy:
            self._stage.update(staged=None, tree=None, notice=None)
            self.clustering.start(scope)

    def cancel(self) -> None:
        """Stop the hierarchy under way."""
        self.clustering.forget()
        told = Notice("Cancelled; nothing was changed.")
        self._stage.update(work=None, tree=None, notice=told)

    def recut(self, parameters: CutParameters) -> None:
        """Move the cut."""
        self.clustering.recut(parameters)

    def clear(self) -> None:
        """Leave what waits for Enter; else the notice; else the selection."""
        view = self._stage.view
        if view.staged is not None:
            self.clustering.discard()
            self._stage.update(staged=None)
        elif view.notice is not None:
            self._stage.forget_notice()
        else:
            self._stage.select(())

    # -- commands ----------------------------------------------------------

    def take(self) -> bool:
        """Do what waits for Enter; False if nothing does."""
        staged = self._stage.view.staged
        if isinstance(staged, Merging):
            self.do(Merge(neighborhoods=staged.members, into=staged.members[0]))
        elif isinstance(staged, Suggested):
            self._take_suggested(staged)
        return staged is not None

    def ask_name(self) -> None:
        """Let the user type a name for the selected neighborhood."""
        chosen = self._chosen()
        if len(chosen) == 1:
            self.name_wanted.emit(chosen[0])
        else:
            self._stage.tell(self._stage.tip("rename"))

    def rename(self, identity: int, name: str) -> None:
        """Give a neighborhood a name."""
        self.do(Annotate(neighborhood=identity, name=name))

    def recolor(self, identity: int, color: str) -> None:
        """Give a neighborhood a colour."""
        if is_grey(color):
            told = "Grey is kept for unassigned cells; choose another color."
            self._stage.tell(told, error=True)
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
        work = self._stage.view.work
        if work is not None and not work.can_be_canceled:
            # What is written must be one state, and what is said to be saved, too.
            self._stage.tell("Wait until the file is saved.", error=True)
            return None
        try:
            return self._session.do(command)
        except BrainAtlasError as error:
            self._stage.tell(str(error), error=True)
            return None

    def save(self) -> None:
        """Write the file, beside the window."""
        if self._stage.busy or self._stage.view.saved:
            self._stage.tell(self._stage.tip("save"))
            return
        self._report_saving("saving", 0.0)
        document = self._stage.document
        self._saver.ask(lambda: document.save(progress=self._saving.emit))

    def hear(self, change: Change) -> None:
        """What a command leaves of the view."""
        view = self._stage.view
        tree = view.tree
        self.clustering.discard()
        if tree is not None and tree.scope.neighborhoods:
            # Its cells may belong to others now.
            self.clustering.forget()
            tree = None
        known = change.after.neighborhoods
        self._stage.update(
            selection=tuple(i for i in view.selection if i in known),
            staged=None,
            tree=tree,
            work=view.work if self.clustering.growing else None,
            saved=self._stage.document.saved,
            notice=None,
        )

    def close(self) -> None:
        """Leave nothing running."""
        self.clustering.close()
        self._saver.stop()

    def _take_suggested(self, staged: Suggested) -> None:
        try:
            command = take(self._stage.document, staged.proposal, staged.scope)
        except BrainAtlasError as error:
            self._stage.tell(str(error), error=True)
        else:
            self.do(command)

    def _chosen(self) -> tuple[int, ...]:
        return tuple(i for i in self._stage.view.selection if i != UNASSIGNED)

    # -- answers -----------------------------------------------------------

    def _found(self, found: Found) -> None:
        self._stage.update(work=None, tree=found.tree, staged=found.suggested, notice=None)

    def _growing(self, what: str, share: float) -> None:
        self._stage.update(work=Work(what, share))

    def _failed(self, problem: str) -> None:
        self._stage.update(work=None, notice=Notice(problem, error=True))

    def _report_saving(self, what: str, share: float) -> None:
        self._stage.update(work=Work(what, share, can_be_canceled=False))

    def _saved(self, path: object) -> None:
        told = Notice(f"Saved into {getattr(path, 'name', path)}")
        self._stage.update(work=None, saved=self._stage.document.saved, notice=told)
