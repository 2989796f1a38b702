"""Small rules about what the user may mean. No Qt."""

from __future__ import annotations

from napari_brain_atlas.model.palette import hex_to_rgb

GREYEST = 24
"""A colour whose channels differ by less than this looks grey."""


def merged_selection(before: tuple[int, ...], now: tuple[int, ...]) -> tuple[int, ...]:
    """The selection in the order in which it was made, whatever order a table tells it in."""
    kept = tuple(i for i in before if i in now)
    return kept + tuple(i for i in dict.fromkeys(now) if i not in kept)


def is_grey(color: str) -> bool:
    """Whether a colour could be taken for that of unassigned cells."""
    channels = hex_to_rgb(color)
    return max(channels) - min(channels) < GREYEST
