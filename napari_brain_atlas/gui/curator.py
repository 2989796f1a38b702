"""What the user does to the curation: everything ends in one command, or in one clear line."""

from __future__ import annotations

from qtpy.QtCore import QObject

from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.gui.arranging import (
    delete_command,
    group_command,
    group_takes,
    lock_command,
    ungroup_command,
    with_members,
)
from napari_brain_atlas.gui.chosen import Chosen, chosen_command
from napari_brain_atlas.gui.clustering import Clustering, Found
from napari_brain_atlas.gui.latest import Latest
from napari_brain_atlas.gui.parts import rest_of
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.remedies import remedy_of, remedy_of_search
from napari_brain_atlas.gui.stage import Stage
from napari_brain_atlas.gui.view_state import Asking, Merging, Notice, Suggested, Work
from napari_brain_atlas.gui.wishes import is_grey
from napari_brain_atlas.model.commands import Annotate, Command, Merge, Redo, Snapshot, Undo
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.separation import free_name
from napari_brain_atlas.model.session import Change
from napari_brain_atlas.workflow.discovery import Scope, take


class Curator(QObject):
    """Turns wishes into staged proposals, and staged proposals into commands."""

    name_wanted = Signal(int)
    """The user wants to type the name of a neighborhood."""
    color_wanted = Signal(int)
    """The user wants to choose its color."""
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
        """Show what merging the selected, and all grouped under them, would make."""
        if self._stage.can("merge"):
            self.clustering.discard()
            members = with_members(self._stage.curation, self._chosen())
            self._stage.update(staged=Merging(members), asking=None, notice=None)

    def split(self) -> None:
        """Look for parts inside the selected neighborhood."""
        if self._stage.can("split"):
            self.find(Scope(self._chosen()))

    def find(self, scope: Scope) -> None:
        """Grow a hierarchy over the scope, and propose."""
        if self._stage.busy:
            return
        self._stage.update(staged=None, tree=None, notice=None)
        try:
            self.clustering.start(scope, self._stage.view.embedding or None)
        except BrainAtlasError as error:
            remedy = remedy_of_search(self._stage.curation, error, scope)
            self._stage.update(notice=Notice(str(error), error=True, remedy=remedy))

    def cancel(self) -> None:
        """Stop the hierarchy under way."""
        self.clustering.forget()
        told = Notice("Cancelled; nothing was changed.")
        self._stage.update(work=None, tree=None, notice=told)

    def recut(self, parameters: CutParameters) -> None:
        """Move the cut."""
        self.clustering.recut(parameters)

    def use_embedding(self, key: str) -> None:
        """Look for neighborhoods in an obsm array from now on; in our own where it is empty."""
        self.clustering.forget()
        self._stage.update(embedding=key, tree=None, staged=None)

    def clear(self) -> None:
        """Leave the name that is asked; else what waits for Enter; the notice; the selection."""
        view = self._stage.view
        if view.asking is not None:
            self._stage.update(asking=None)
        elif view.staged is not None:
            self.clustering.discard()
            self._stage.update(staged=None, notice=None)
        elif view.notice is not None:
            self._stage.forget_notice()
        else:
            self._stage.select(())

    # -- commands ----------------------------------------------------------

    def take(self) -> bool:
        """Do what waits for Enter; False if nothing does."""
        staged = self._stage.view.staged
        if isinstance(staged, Merging):
            why = None if staged.evidence is None else dict(staged.evidence)
            self.do(Merge(neighborhoods=staged.members, into=staged.members[0], evidence=why))
        elif staged is not None:
            self._take_large(staged)
        return staged is not None

    def ask_name(self) -> None:
        """Let the user type a name for the selected neighborhood."""
        if self._stage.can("rename"):
            self.name_wanted.emit(self._chosen()[0])

    def ask_color(self) -> None:
        """Let the user choose a color for the selected neighborhood."""
        if self._stage.can("color"):
            self.color_wanted.emit(self._chosen()[0])

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

    def group(self) -> None:
        """Put the selected under the first if that is a group; else ask the name of a new one."""
        chosen, curation = self._chosen(), self._stage.curation
        if not self._stage.can("group"):
            return
        if group_takes(curation, chosen):
            if self.do(group_command(curation, chosen)):
                self._stage.select(chosen[:1])
            return
        self.clustering.discard()
        asking = Asking("group", "Name of the group", free_name(curation, "group"), chosen)
        self._stage.update(asking=asking, staged=None, notice=None)

    def ask_snapshot(self) -> None:
        """Ask a name for the present state."""
        taken = self._stage.history.snapshots
        numbers = range(1, len(taken) + 2)
        name = next(f"snapshot {n}" for n in numbers if f"snapshot {n}" not in taken)
        self._stage.update(asking=Asking("snapshot", "Name of the snapshot", name), notice=None)

    def answer(self, name: str) -> None:
        """Do what a name was asked for; where it is refused for the name, it can be mended."""
        asking = self._stage.view.asking
        if asking is None:
            return
        if asking.what == "snapshot":
            self.do(Snapshot(name=name))
            return
        change = self.do(group_command(self._stage.curation, asking.members, name))
        self._stage.update(asking=None)
        if change is not None:
            self._stage.select((change.before.next_id,))

    def ungroup(self) -> None:
        """Dissolve the selected groups; take what is none out of its group."""
        command = ungroup_command(self._stage.curation, self._chosen())
        if self._stage.can("ungroup") and command is not None:
            self.do(command)

    def lock(self) -> None:
        """Lock the selected, or unlock them where all are locked."""
        command = lock_command(self._stage.curation, self._chosen())
        if self._stage.can("lock") and command is not None:
            self.do(command)

    def delete(self) -> None:
        """Give the selected up; their cells are unassigned."""
        command = delete_command(self._chosen())
        if self._stage.can("delete") and command is not None:
            self.announce(command, "Ctrl+Z brings it back.")

    def announce(self, command: Command, more: str = "") -> None:
        """Do what the tissue does not show, and say so."""
        change = self.do(command)
        if change is not None:
            self._stage.tell(" ".join(filter(None, (f"{change.sentence}.", more))))

    def help(self) -> bool:
        """Do the remedy that is offered, and what was refused; False if there is none."""
        notice = self._stage.view.notice
        remedy = None if notice is None else notice.remedy
        if remedy is not None and self.do(remedy.command) and remedy.scope is not None:
            self.find(remedy.scope)
        return remedy is not None

    def undo(self) -> None:
        """Take back the last command."""
        self.do(Undo())

    def redo(self) -> None:
        """Do again what was undone last."""
        self.do(Redo())

    def do(self, command: Command) -> Change | None:
        """Give the session a command; a refusal is shown in one line, with its remedy."""
        work = self._stage.view.work
        if work is not None and not work.can_be_canceled:
            # What is written must be one state, and what is said to be saved, too.
            self._stage.tell("Wait until the file is saved.", error=True)
            return None
        try:
            return self._session.do(command)
        except BrainAtlasError as error:
            remedy = remedy_of(self._stage.curation, error, command)
            self._stage.update(notice=Notice(str(error), error=True, remedy=remedy))
            return None

    def save(self) -> None:
        """Write the file, beside the window."""
        if not self._stage.can("save"):
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
            asking=None,
        )

    def close(self) -> None:
        """Leave nothing running."""
        self.clustering.close()
        self._saver.stop()

    def _take_large(self, staged: Suggested | Chosen) -> None:
        document = self._stage.document
        if isinstance(staged, Suggested) and staged.left_out and not staged.proposal.neighborhoods:
            self._stage.tell("Nothing of it is ticked: tick what is to be taken.")
            return
        try:
            if isinstance(staged, Chosen):
                given = self._stage.curation, document.atlas, self._session.archive
                command = chosen_command(staged, *given)
            else:
                command = take(document, staged.proposal, staged.scope)
        except BrainAtlasError as error:
            self._stage.tell(str(error), error=True)
        else:
            if self.do(command) is not None and isinstance(staged, Suggested):
                self._stage.update(staged=rest_of(staged, document.atlas, self._stage.curation))

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
