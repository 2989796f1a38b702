"""The one mutable object: atlas, curation and history, and the door ``do``."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from psygnal import EmitLoopError, Signal

from napari_brain_atlas.model.archive import Archive, StagingArchive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands import Command, Redo, Restore, Snapshot, Undo
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.history import History
from napari_brain_atlas.model.resting import Resting, Shelf

_STEPS = (Undo, Redo, Restore, Snapshot)
"""Commands that move through the history and make no choices of their own."""
_REMEMBERED = 8
"""States that keep what was counted of them after they were left."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """What a command did: the states before and after it, and its sentence."""

    command: Command
    sentence: str
    before: Curation
    after: Curation


class Session:
    """A curation being worked on.

    Parameters
    ----------
    atlas : Atlas
    curation : Curation
        The state that the journal starts from.
    archive : Archive
        Where large values of commands are kept.
    write : callable
        Commits a command durably, or raises; called once before the state changes.
    replayed : iterable of Command, optional
        Commands that were committed before; applied without being written.
    shelf : Shelf, optional
        Where arrays of earlier states rest; without it they stay in memory.

    Raises
    ------
    CommandError, JournalError
        If a replayed command does not apply.
    """

    changed = Signal(Change, reemission="queued")

    def __init__(
        self,
        atlas: Atlas,
        curation: Curation,
        archive: Archive,
        write: Callable[[Command], None],
        replayed: Iterable[Command] = (),
        shelf: Shelf | None = None,
    ) -> None:
        self.atlas = atlas
        self.archive = archive
        self._write = write
        self._history = History((curation,))
        self._resting = Resting(shelf)
        self._left: deque[Curation] = deque()
        for command in replayed:
            history, _ = self._history.step(command, atlas, archive)
            self._wake(history)
            self._swap(history)

    @property
    def curation(self) -> Curation:
        """The present state."""
        return self._history.curation

    @property
    def sentences(self) -> list[str]:
        """What each decision did, in plain English."""
        return list(self._history.sentences)

    @property
    def history(self) -> History:
        """What can be undone and redone."""
        return self._history

    def do(self, command: Command) -> Change:
        """Apply a command: step, write, swap, emit.

        The write is the commit point: if it raises nothing has changed, and
        once it returns the command is there after any crash.

        Raises
        ------
        CommandError
            If the command cannot be applied; nothing has changed.
        WriteError
            If the journal could not be written, or an earlier state cannot be
            read back; nothing has changed.
        """
        before = self.curation
        staging = StagingArchive(self.archive)
        if not isinstance(command, _STEPS):
            command.check(self.atlas)
            command = command.stored(before, self.atlas, staging)
        history, sentence = self._history.step(command, self.atlas, staging)
        self._wake(history)
        # Blobs go before the line that names them, and only once nothing refuses.
        staging.commit()
        self._write(command)
        self._swap(history)
        change = Change(command, sentence, before, history.curation)
        self._emit(change)
        return change

    def _wake(self, history: History) -> None:
        # Before the commit point: a state that cannot be had is not to be committed.
        for array in history.curation.partition.arrays_not_in(self.curation.partition):
            array.wake()

    def _swap(self, history: History) -> None:
        before, self._history = self.curation, history
        after = self.curation
        if before is after:
            return
        self._forget_later(before)
        if before.partition is not after.partition:
            self._resting.moved(
                leaving=before.partition.arrays_not_in(after.partition),
                entering=after.partition.arrays_not_in(before.partition),
            )

    def _forget_later(self, left: Curation) -> None:
        """Drop the caches of states left some time ago; the last ones are undone the most."""
        self._left.append(left)
        if len(self._left) > _REMEMBERED:
            old, recent = self._left.popleft(), (*self._left, self.curation)
            if all(state is not old for state in recent):
                old.forget()
            if all(state.partition is not old.partition for state in recent):
                old.partition.forget()

    def _emit(self, change: Change) -> None:
        # The command is committed: a view that fails must not look like a refusal.
        try:
            self.changed.emit(change)
        except EmitLoopError:
            logger.exception("a view failed to show: %s", change.sentence)
