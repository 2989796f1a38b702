"""Growing a hierarchy in another process, and cutting it live in a thread."""

from __future__ import annotations

from dataclasses import dataclass

from qtpy.QtCore import QObject

from napari_brain_atlas.gui.jobs import Job
from napari_brain_atlas.gui.latest import Latest
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.view_state import Suggested, Tree
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.workflow.discovery import (
    Grown,
    Scope,
    default_parameters,
    hierarchy_request,
    limited,
    load_hierarchy,
    prepare_hierarchy,
    propose,
)
from napari_brain_atlas.workflow.document import Document


@dataclass(frozen=True, slots=True)
class Found:
    """What a cut came to: the tree as the slider stands, and the proposal."""

    tree: Tree
    suggested: Suggested


class Clustering(QObject):
    """The way from a scope to proposals. Holds the hierarchy, decides nothing.

    Signals: `progressed` while the hierarchy grows, `found` after each cut,
    `failed` with one line for the user.
    """

    progressed = Signal(str, float)
    found = Signal(object)
    failed = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._scope = Scope()
        self._embedding: str | None = None
        self._grown: Grown | None = None
        self._job = Job(self)
        self._cuts = Latest(self)
        self._job.progressed.connect(self.progressed)
        self._job.finished.connect(self._cut_first)
        self._job.failed.connect(self.failed)
        self._cuts.done.connect(self._show)
        self._cuts.failed.connect(self.failed)

    @property
    def growing(self) -> bool:
        """Whether a hierarchy is being grown."""
        return self._job.running

    def start(self, scope: Scope, embedding: str | None = None) -> None:
        """Grow a hierarchy over the scope, then propose.

        Parameters
        ----------
        embedding : str, optional
            An obsm array of the file that is used instead of our own.

        Raises
        ------
        CommandError
            If the scope is the inside of a locked neighborhood, with the remedy.
        """
        self.forget()
        request = hierarchy_request(self._document, scope, embedding=embedding)
        self._scope, self._embedding = scope, embedding
        self.progressed.emit("starting", 0.0)
        self._job.start(prepare_hierarchy, request)

    def recut(self, parameters: CutParameters) -> None:
        """Propose anew from the same hierarchy; what was asked before is overtaken."""
        grown, scope = self._grown, self._scope
        if grown is not None:
            self._cuts.ask(lambda: self._cut(grown, scope, limited(grown, parameters)))

    def discard(self) -> None:
        """Hear no more of the cuts under way."""
        self._cuts.drop()

    def forget(self) -> None:
        """Cancel what is under way and let the hierarchy go."""
        self._job.cancel()
        self._cuts.drop()
        self._grown = None

    def close(self) -> None:
        """Leave nothing running."""
        self.forget()
        self._cuts.stop()

    def _cut_first(self, key: str) -> None:
        scope = self._scope
        self._cuts.ask(lambda: self._load(key, scope))

    def _load(self, key: str, scope: Scope) -> tuple[Grown, Found]:
        grown = load_hierarchy(self._document, key)
        return self._cut(grown, scope, default_parameters(grown))

    def _cut(self, grown: Grown, scope: Scope, parameters: CutParameters) -> tuple[Grown, Found]:
        proposal = propose(self._document, grown, parameters, scope, self._embedding)
        tree = Tree(scope, grown.hierarchy.n_cells, parameters)
        return grown, Found(tree, Suggested(proposal, scope))

    def _show(self, outcome: tuple[Grown, Found]) -> None:
        self._grown, found = outcome
        self.found.emit(found)
