"""How long work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with what is being done, in words for the user, and the share done, 0 to 1."""

Share = Callable[[float], None]
"""Called with the share of a part of the work that is done, 0 to 1."""


def silent(message: str, share: float) -> None:
    """Report nothing."""


def unheard(share: float) -> None:
    """Report nothing of a part."""


def part_of(progress: Progress, message: str, start: float, end: float) -> Share:
    """Report a part of a stage as the stage, from the share `start` to the share `end`."""

    def report(share: float) -> None:
        progress(message, start + (end - start) * min(max(share, 0.0), 1.0))

    return report
