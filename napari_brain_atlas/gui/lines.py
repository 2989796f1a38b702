"""What was done, as the history panel lists it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from napari_brain_atlas.model.commands import Command, Restore
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
    first: dict[int, int] = {}
    for seq, state in enumerate(history.reached):
        first.setdefault(id(state), seq)
    lines = [HistoryLine(s.sentence, False, first[id(s.after)]) for s in history.past]
    lines += [HistoryLine(s.sentence, True, first[id(s.after)]) for s in history.future]
    for name, seq in history.snapshots.items():
        line = HistoryLine(f"Snapshot {name!r}", False, seq, name)
        lines.insert(_place(lines, first[id(history.reached[seq])], seq), line)
    return tuple(lines)


def _place(lines: list[HistoryLine], state_seq: int, seq: int) -> int:
    """After the line that led to its state; else after all that was done before it."""
    at = next((i for i, x in enumerate(lines) if not x.snapshot and x.seq == state_seq), None)
    if at is None:
        end = next((i for i, x in enumerate(lines) if x.undone), len(lines))
        before = [i for i, x in enumerate(lines[:end]) if x.seq < seq]
        return before[-1] + 1 if before else 0
    while at + 1 < len(lines) and lines[at + 1].snapshot:
        at += 1
    return at + 1
