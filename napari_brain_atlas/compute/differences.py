"""Differences between two states, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "split", "merged", "redrawn", "new", "gone", "moved boundary", "renamed", "annotated",
    "grouped differently", "locked", "unlocked", "linked", "unlinked",
]  # fmt: skip
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Move:
    """Cells that one neighborhood had and another has.

    Attributes
    ----------
    giver, taker : int
        Ids in the first and in the second state; 0 is unassigned.
    cells, sections : int
    share : float
        Of the giver's cells before; of the taker's after where the giver is unassigned.
    """

    giver: int
    taker: int
    cells: int
    sections: int
    share: float


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    before, after : tuple of int
        Ids of the neighborhoods that it is about, in the first and the second state.
    cells, sections : int
        How much it is about.
    moves : tuple of Move
        Which cells went where; empty where only what is said of them differs.
    fields : tuple of str
        What is said differently.
    sentence : str
        In plain English.
    """

    kind: Kind
    before: tuple[int, ...]
    after: tuple[int, ...]
    cells: int
    sections: int
    sentence: str
    moves: tuple[Move, ...] = ()
    fields: tuple[str, ...] = ()
