"""History is states, not inverses: what can be undone, redone and restored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands import Command, Edit, Redo, Restore, Snapshot, Undo
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.wording import count


@dataclass(frozen=True, slots=True)
class Step:
    """One edit: the states around it share all sections that it did not touch."""

    command: Edit | Restore
    sentence: str
    before: Curation
    after: Curation


@dataclass(frozen=True, slots=True)
class History:
    """Where a session stands.

    Attributes
    ----------
    reached : tuple of Curation
        The state after each decision, in the order of the journal; the first
        is the base, the last the present state.
    past : tuple of Step
        What can be undone, oldest first.
    future : tuple of Step
        What can be redone, next first.
    sentences : tuple of str
        What each decision did, in plain English.
    snapshots : mapping of str to int
        Number of the decision that each name was given to.
    """

    reached: tuple[Curation, ...]
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()
    sentences: tuple[str, ...] = ()
    snapshots: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def curation(self) -> Curation:
        """The present state."""
        return self.reached[-1]

    @property
    def seq(self) -> int:
        """Number of decisions, undone ones and undoings included."""
        return len(self.reached) - 1

    def step(self, command: Command, atlas: Atlas, archive: Archive) -> tuple[History, str]:
        """The history after the command, and what the command did in plain English.

        Raises
        ------
        CommandError
            If the command cannot be applied to the present state.
        JournalError
            If content that the command names is missing or damaged.
        """
        history, sentence = self._stepped(command, atlas, archive)
        return replace(history, sentences=(*self.sentences, sentence)), sentence

    def state_at(self, point: str | int) -> Curation:
        """The state that a snapshot or the number of a decision names.

        Raises
        ------
        CommandError
            If there is none.
        """
        seq = self.snapshots.get(point) if isinstance(point, str) else point
        if seq is None:
            known = ", ".join(repr(name) for name in self.snapshots) or "none yet"
            raise CommandError(f"there is no snapshot {point!r}; there are: {known}")
        if not 0 <= seq <= self.seq:
            raise CommandError(
                f"there is no decision {seq}; they are numbered 1 to {self.seq}, 0 is the base"
            )
        return self.reached[seq]

    def _stepped(self, command: Command, atlas: Atlas, archive: Archive) -> tuple[History, str]:
        match command:
            case Undo():
                return self._undone()
            case Redo():
                return self._redone()
            case Snapshot():
                return self._named(command.name)
            case Restore():
                after, sentence = self._restored(command)
            case _:
                after = command.apply(self.curation, atlas, archive)
                sentence = command.sentence(self.curation, after)
        step = Step(command, sentence, self.curation, after)
        return self._at(after, (*self.past, step), ()), sentence

    def _restored(self, command: Restore) -> tuple[Curation, str]:
        point = command.seq if command.snapshot is None else command.snapshot
        assert point is not None
        after = _keeping_ids(self.state_at(point), self.curation)
        n = count(len(after.neighborhoods) - 1, "neighborhood")
        return after, f"Restored the {_told(point)} — {n}"

    def _named(self, name: str) -> tuple[History, str]:
        if name in self.snapshots:
            raise CommandError(
                f"there is a snapshot {name!r} already, of decision {self.snapshots[name]}; "
                "choose another name"
            )
        snapshots = MappingProxyType({**self.snapshots, name: self.seq + 1})
        history = replace(self, reached=(*self.reached, self.curation), snapshots=snapshots)
        return history, f"Took the snapshot {name!r}"

    def _undone(self) -> tuple[History, str]:
        if not self.past:
            raise CommandError("there is nothing to undo")
        step = self.past[-1]
        curation = _keeping_ids(step.before, self.curation)
        history = self._at(curation, self.past[:-1], (step, *self.future))
        return history, f"Undid: {step.sentence}"

    def _redone(self) -> tuple[History, str]:
        if not self.future:
            raise CommandError("there is nothing to redo")
        step = self.future[0]
        curation = _keeping_ids(step.after, self.curation)
        history = self._at(curation, (*self.past, step), self.future[1:])
        return history, f"Redid: {step.sentence}"

    def _at(self, curation: Curation, past: tuple[Step, ...], future: tuple[Step, ...]) -> History:
        return replace(self, reached=(*self.reached, curation), past=past, future=future)


def _told(point: str | int) -> str:
    if isinstance(point, str):
        return f"snapshot {point!r}"
    return f"state after decision {point:,}" if point else "base"


def _keeping_ids(restored: Curation, present: Curation) -> Curation:
    """An older state that will not give out again the ids given since."""
    next_id = max(restored.next_id, present.next_id)
    return restored if next_id == restored.next_id else replace(restored, next_id=next_id)
