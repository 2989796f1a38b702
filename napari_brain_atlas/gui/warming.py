"""Compiled code that a user's hand must not wait for."""

from __future__ import annotations

from functools import cache

from napari_brain_atlas.compute import cloud, picture, selecting, thinning


@cache
def warm() -> None:
    """Compile what drawing, hovering and choosing need, or load it compiled; once."""
    picture.warm()
    selecting.warm()
    cloud.warm()
    thinning.warm()
