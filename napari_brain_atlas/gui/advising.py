"""From a wish for advice to what could be merged or split, its preview, and its taking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from qtpy.QtCore import QObject

from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.gui.curator import Curator
from napari_brain_atlas.gui.docks import Docks
from napari_brain_atlas.gui.jobs import Job
from napari_brain_atlas.gui.latest import Latest
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.stage import Stage
from napari_brain_atlas.gui.suggestion_scene import UNKNOWN, Suggestions
from napari_brain_atlas.gui.view_state import Merging, Suggested
from napari_brain_atlas.model.commands import Dismiss
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.proposal import Proposal
from napari_brain_atlas.workflow.discovery import (
    Scope,
    hierarchy_request,
    load_hierarchy,
    prepare_hierarchy,
)
from napari_brain_atlas.workflow.suggesting import (
    Ground,
    Suggestion,
    kept_hierarchy,
    proposed_split,
    suggest,
)


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What was found for a state."""

    ground: Ground
    curation: Curation
    found: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Parted:
    """What a suggested split would make."""

    suggestion: Suggestion
    curation: Curation
    proposal: Proposal


class Advising(QObject):
    """Looks for suggestions, previews the one that is chosen, and keeps up with what is done.

    The hierarchy is grown in another process where it is not kept; figures and
    previews come from a thread.
    """

    _comparing = Signal(str, float)

    def __init__(self, stage: Stage, docks: Docks, curator: Curator) -> None:
        super().__init__(stage)
        self._stage, self._curator, self._panel = stage, curator, docks.suggestions
        self._ground: Ground | None = None
        self._curation, self._embedding = stage.curation, stage.view.embedding
        self._growing, self._looking, self._parting = Job(self), Latest(self), Latest(self)
        self._coming = ""
        self._growing.progressed.connect(self._tell_share)
        self._growing.finished.connect(self._load)
        self._growing.failed.connect(self._fail)
        self._comparing.connect(self._tell_share)
        self._looking.done.connect(self._hear)
        self._parting.done.connect(self._stage_parted)
        for thread in (self._looking, self._parting):
            thread.failed.connect(self._fail)
        panel = self._panel
        panel.look_asked.connect(self.look)
        panel.cancel_asked.connect(self.cancel)
        panel.preview_asked.connect(self.preview)
        panel.take_asked.connect(curator.take)
        panel.dismiss_asked.connect(self.dismiss)
        stage.changed.connect(self.keep_up)

    def look(self) -> None:
        """Look for suggestions, from the hierarchy over all cells."""
        if self._growing.running or self._stage.busy:
            return
        document, key = self._stage.document, self._stage.view.embedding
        self._show(share=0.0, doing="Comparing neighborhoods")
        kept = None if key else kept_hierarchy(document)
        if kept is not None:
            self._load(kept)
            return
        try:
            request = hierarchy_request(document, Scope(), embedding=key or None)
        except BrainAtlasError as error:
            self._fail(str(error))
        else:
            self._growing.start(prepare_hierarchy, request)

    def cancel(self) -> None:
        """Stop looking."""
        self._drop()
        self._show(share=None)

    def preview(self, key: str) -> None:
        """Show on the tissue what a suggestion would do; it waits for Enter."""
        stage, known = self._stage, self._stage.view.suggestions
        found = next((s for s in known.found or () if s.key == key), None)
        if found is None or stage.busy or (known.shown == key and self._is_shown(known)):
            return
        self._curator.clustering.discard()
        self._coming = key if found.kind == "split" else ""
        stage.select(found.neighborhoods)
        merging = Merging(found.neighborhoods, found.evidence) if found.kind == "merge" else None
        self._go_to(found)
        shown = replace(stage.view.suggestions, shown=key)
        stage.update(staged=merging, asking=None, notice=None, suggestions=shown)
        if found.kind == "split":
            self._part(found)

    def _go_to(self, found: Suggestion) -> None:
        """Show a section on which there is something to see of it."""
        curation = self._stage.curation
        rows = np.searchsorted(curation.ids, found.neighborhoods)
        # Of two the section with most of the one that has less there.
        there = curation.counts[rows].min(axis=0)
        if not there[self._stage.view.section]:
            self._stage.show_section(int(there.argmax()))

    def _part(self, found: Suggestion) -> None:
        ground, curation, atlas = self._ground, self._stage.curation, self._stage.document.atlas
        assert ground is not None
        self._parting.ask(
            lambda: Parted(found, curation, proposed_split(atlas, curation, ground, found))
        )

    def dismiss(self, key: str) -> None:
        """Turn a suggestion down for good."""
        known = self._stage.view.suggestions.found or ()
        found = next((s for s in known if s.key == key), None)
        if found is not None:
            names = [self._stage.curation.neighborhood(i).name for i in found.neighborhoods]
            told = f"{found.kind} {' + '.join(names)}"
            self._curator.announce(
                Dismiss(suggestion=key, told=told), "It is not made again; Ctrl+Z brings it back."
            )

    def close(self) -> None:
        """Leave nothing running."""
        self._growing.cancel()
        self._looking.stop()
        self._parting.stop()

    # -- answers -----------------------------------------------------------

    def _load(self, key: str) -> None:
        document, curation = self._stage.document, self._stage.curation

        def work() -> Looked:
            grown = load_hierarchy(document, key)
            ground = Ground.of(document.atlas, grown, self._comparing.emit)
            return self._looked(ground, curation)

        self._looking.ask(work)

    def _looked(self, ground: Ground, curation: Curation) -> Looked:
        tell = self._comparing.emit
        found = suggest(self._stage.document.atlas, curation, ground, progress=tell)
        return Looked(ground, curation, found)

    def _hear(self, answer: Looked) -> None:
        self._ground = answer.ground
        self._show(found=answer.found, share=None)
        if answer.curation is not self._stage.curation:
            self._look_again()

    def _stage_parted(self, answer: Parted) -> None:
        stage, coming, self._coming = self._stage, self._coming, ""
        if answer.curation is stage.curation and answer.suggestion.key == coming:
            scope = Scope(answer.suggestion.neighborhoods)
            stage.update(staged=Suggested(answer.proposal, scope), asking=None, notice=None)

    def _fail(self, problem: str) -> None:
        self._coming = ""
        self._show(share=None)
        self._stage.tell(problem, error=True)

    def _tell_share(self, doing: str, share: float) -> None:
        if self._stage.view.suggestions.share is not None:
            self._show(share=share, doing=doing)

    # -- keeping up --------------------------------------------------------

    def keep_up(self) -> None:
        """Follow what was done, and what is staged by others."""
        view = self._stage.view
        if view.embedding != self._embedding:
            self._embedding = view.embedding
            self._drop()
            self._ground = None
            self._stage.update(suggestions=UNKNOWN)
        elif self._stage.curation is not self._curation:
            self._curation = self._stage.curation
            self._show(shown="")
            self._look_again()
        elif view.suggestions.shown and not self._is_shown(view.suggestions):
            self._show(shown="")

    def _drop(self) -> None:
        self._growing.cancel()
        self._looking.drop()
        self._parting.drop()

    def _look_again(self) -> None:
        """Figures of the present state, in the background, once suggestions were asked for."""
        ground, curation = self._ground, self._stage.curation
        if ground is not None and len(curation.neighborhoods) > 1:
            self._looking.ask(lambda: self._looked(ground, curation))

    def _is_shown(self, suggestions: Suggestions) -> bool:
        """Whether what waits for Enter is the suggestion that is previewed, or it is coming."""
        staged, found = self._stage.view.staged, suggestions.previewed
        if found is None:
            return False
        if isinstance(staged, Merging):
            return staged.members == found.neighborhoods
        if isinstance(staged, Suggested):
            return staged.scope == Scope(found.neighborhoods)
        return staged is None and self._coming == found.key

    def _show(self, **changes: Any) -> None:
        now: Suggestions = self._stage.view.suggestions
        self._stage.update(suggestions=replace(now, **changes))
