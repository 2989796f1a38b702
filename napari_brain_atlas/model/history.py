"""History is states, not inverses: what can be undone, and what can be redone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands import Command, Edit, Redo, Undo
from napari_brain_atlas.model.curation import Curation


@dataclass(frozen=True, slots=True)
class Step:
    """One edit: the states around it share all sections that it did not touch."""

    command: Edit
    sentence: str
    before: Curation
    after: Curation


@dataclass(frozen=True, slots=True)
class History:
    """Where a session stands.

    Attributes
    ----------
    curation : Curation
        The present state.
    past : tuple of Step
        What can be undone, oldest first.
    future : tuple of Step
        What can be redone, next first.
    """

    curation: Curation
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()

    def step(self, command: Command, atlas: Atlas, archive: Archive) -> tuple[History, str]:
        """The history after the command, and what the command did in plain English.

        Raises
        ------
        CommandError
            If the command cannot be applied to the present state.
        JournalError
            If content that the command names is missing or damaged.
        """
        if isinstance(command, Undo):
            return self._undone()
        if isinstance(command, Redo):
            return self._redone()
        before = self.curation
        after = command.apply(before, atlas, archive)
        sentence = command.sentence(before, after)
        step = Step(command, sentence, before, after)
        return History(after, (*self.past, step), ()), sentence

    def _undone(self) -> tuple[History, str]:
        if not self.past:
            raise CommandError("there is nothing to undo")
        step = self.past[-1]
        curation = _keeping_ids(step.before, self.curation)
        history = History(curation, self.past[:-1], (step, *self.future))
        return history, f"Undid: {step.sentence}"

    def _redone(self) -> tuple[History, str]:
        if not self.future:
            raise CommandError("there is nothing to redo")
        step = self.future[0]
        curation = _keeping_ids(step.after, self.curation)
        history = History(curation, (*self.past, step), self.future[1:])
        return history, f"Redid: {step.sentence}"


def _keeping_ids(restored: Curation, present: Curation) -> Curation:
    """An older state that will not give out again the ids given since."""
    next_id = max(restored.next_id, present.next_id)
    return restored if next_id == restored.next_id else replace(restored, next_id=next_id)
