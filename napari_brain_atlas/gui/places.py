"""The places visited, to go back to and forward again. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

KEPT_PLACES = 200
NEAR = 0.5
"""Half of what is seen: a view whose middle moved less is of the same place."""
ALIKE = 2.0
"""So is one that is less than this many times larger or smaller."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A section, and how it was looked at.

    Attributes
    ----------
    section : int
        Index of the section.
    center : (2,) tuple of float
        The point of the section in the middle of the canvas, (x, y).
    reach : float
        From there to the nearest edge of the canvas, in the unit of the atlas.
    """

    section: int
    center: tuple[float, float]
    reach: float

    def is_near(self, other: Visit) -> bool:
        """Whether both show about the same."""
        if self.section != other.section:
            return False
        apart = math.dist(self.center, other.center)
        small, large = sorted((self.reach, other.reach))
        return apart <= NEAR * large and large <= ALIKE * small


@dataclass(frozen=True, slots=True)
class Places:
    """The way so far: every step gives a new value.

    Attributes
    ----------
    past : tuple of Visit
        The last at the end.
    present : Visit or None
        None before the first.
    future : tuple of Visit
        What was left by going back, the next at the front.
    """

    past: tuple[Visit, ...] = ()
    present: Visit | None = None
    future: tuple[Visit, ...] = ()

    def arrive(self, visit: Visit) -> Places:
        """The user is here now: somewhere else, or where they were, looking around."""
        if self.present is None or visit.is_near(self.present):
            return replace(self, present=visit)
        return Places((*self.past, self.present)[-KEPT_PLACES:], visit)

    def back(self) -> Places:
        """One place back; the same at the first."""
        if not self.past or self.present is None:
            return self
        return Places(self.past[:-1], self.past[-1], (self.present, *self.future))

    def forward(self) -> Places:
        """One place forward; the same at the last."""
        if not self.future or self.present is None:
            return self
        return Places((*self.past, self.present), self.future[0], self.future[1:])
