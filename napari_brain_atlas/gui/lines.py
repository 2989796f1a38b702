"""What was done, as the history panel lists it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from napari_brain_atlas.model.commands import Command, Restore
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.history import History


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What was done, or the name that a state was given.

    Attributes
    ----------
    text : str
    undone : bool
        Whether it was taken back.
    seq : int
        Number of the decision whose state it led to.
    snapshot : str
        The name, where it is a snapshot.
    """

    text: str
    undone: bool
    seq: int = 0
    snapshot: str = ""

    @property
    def restoring(self) -> Command:
        """The command that brings its state back."""
        return Restore(snapshot=self.snapshot) if self.snapshot else Restore(seq=self.seq)


def history_lines(history: History) -> tuple[HistoryLine, ...]:
    """Oldest first: what was done, then what was undone; each state with its snapshots."""
    reached = history.reached
    # What is undone and redone leads to the same state again, but with other words.
    told = {(id(reached[seq]), said): seq for seq, said in enumerate(history.sentences, 1)}
    lines = [
        HistoryLine(step.sentence, undone, told[id(step.after), step.sentence])
        for undone, steps in ((False, history.past), (True, history.future))
        for step in steps
    ]
    for name, seq in history.snapshots.items():
        line = HistoryLine(f"Snapshot {name!r}", False, seq, name)
        lines.insert(_place(lines, reached, seq), line)
    return tuple(lines)


def _place(lines: list[HistoryLine], reached: tuple[Curation, ...], seq: int) -> int:
    """After what led to the state that was named; else after all that was done before it."""
    earlier = [at for at, line in enumerate(lines) if line.seq < seq]
    same = [at for at in earlier if reached[lines[at].seq] is reached[seq]]
    if same:
        return max(same, key=lambda at: lines[at].seq) + 1
    return max((at for at in earlier if not lines[at].undone), default=-1) + 1
