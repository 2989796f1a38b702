"""Colours of numbers: perceptual maps, and channels that are blended. No Qt."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.model.palette import hex_to_rgb

MISSING = "#a04020"
"""Of what has no number: far from every colour of the maps (0.13 in OKLab), and not grey."""
STEPS = 256
BLEND_STEPS = {2: 96, 3: 28}
"""Of each channel: their product is the size of a table."""
CHANNELS = {2: ("#ff00ff", "#00ff00"), 3: ("#ff50a0", "#46aa00", "#003cc8")}
"""Channels whose mixtures differ by at least 0.06 in OKLab to people with deuteranopia and
protanopia too (simulated after Machado et al. 2009). Two add up to white."""
DARK = (34, 36, 44)
"""Of what is at the lower limit of all channels: still told from the background."""
_POINTS = {
    "viridis": "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21908c 1fa088 28ae80 "
    "3fbc73 5ec962 84d44b addc30 d8e219 fde725",
    # The first colours of magma cannot be told from a black background, and are left out.
    "magma": "1d1146 36106a 50127c 691c81 822681 9c2e7f b63779 cf4170 e65163 f5695c fb8761 "
    "fea571 fec387 fde0a2 fcfdbf",
    "cividis": "00224e 002e6a 1a386f 32436d 434e6c 52596d 61656f 6f7073 7c7b78 8b8778 9b9376 "
    "aba072 bbad6c ccba64 ddc958 efd748 fee838",
}
MAPS = tuple(_POINTS)


@lru_cache(maxsize=8)
def map_colors(name: str, n: int = STEPS) -> NDArray[np.uint8]:
    """A map from low to high, (n, 3).

    Viridis and magma are by S. van der Walt and N. Smith (2015), cividis by
    J. Nuñez, C. Anderton and R. Renslow (PLoS ONE 2018); all three of even
    lightness, and read by people with any color vision.
    """
    points = np.array([hex_to_rgb(f"#{p}") for p in _POINTS[name].split()], np.float64)
    at = np.linspace(0, len(points) - 1, n)
    steps = [np.interp(at, np.arange(len(points)), points[:, c]) for c in range(3)]
    return np.rint(np.stack(steps, axis=1)).astype(np.uint8)


@lru_cache(maxsize=4)
def blend_colors(n_channels: int) -> NDArray[np.uint8]:
    """Mixtures of channels, added up, by step of the first, then of the next, (steps ** n, 3)."""
    shares = np.linspace(0, 1, BLEND_STEPS[n_channels])
    grids = np.meshgrid(*[shares] * n_channels, indexing="ij")
    mixed = np.tile(np.array(DARK, np.float64), (grids[0].size, 1))
    for grid, color in zip(grids, CHANNELS[n_channels], strict=True):
        mixed += grid.reshape(-1, 1) * np.maximum(np.array(hex_to_rgb(color)) - DARK, 0)
    return np.rint(np.clip(mixed, 0, 255)).astype(np.uint8)


def channel_colors(n_channels: int) -> tuple[str, ...]:
    """Of each number that is blended, as ``#rrggbb``."""
    return CHANNELS[n_channels]
