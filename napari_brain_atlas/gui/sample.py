"""The phantom brain that people open from napari's menu, made once."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path

from napari_brain_atlas.workflow.demo import prepare_demo

N_CELLS = 60_000
SEED = 0


def phantom_path() -> Path:
    """The phantom with neighborhoods in the user's cache; what was decided on it stays.

    Raises
    ------
    WriteError
        If the cache cannot be written.
    """
    return prepare_demo(user_cache_path("napari-brain-atlas") / "phantom", N_CELLS, SEED)
