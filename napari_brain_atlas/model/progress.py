"""How long work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with what is being done, in words for the user, and the share done, 0 to 1."""


def silent(message: str, share: float) -> None:
    """Report nothing."""
