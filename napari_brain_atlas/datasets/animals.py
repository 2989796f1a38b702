"""How animals and sections differ: size, warp, torn tissue, efficiency, registration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
ORIGIN = (5.7, 0.3)
"""Where the midline and the top of the brain lie on the slide, mm."""
TORN_SHARE = 0.4
"""Share of sections with torn tissue."""


@dataclass(frozen=True, slots=True)
class Animal:
    """One donor.

    Attributes
    ----------
    size : float
        Size relative to the standard brain.
    offset : float
        By how much its sections are cut off the common positions, mm.
    tilt : float
        Right hemisphere more anterior than the left by so much, mm.
    waves : (4, 5) float64
        A smooth warp: amplitude in x and y (mm), wave vector, phase.
    gene_scale : (n_genes,) float32
        Efficiency of each gene.
    """

    size: float
    offset: float
    tilt: float
    waves: Values
    gene_scale: NDArray[np.float32]


def draw_animal(rng: np.random.Generator, n_genes: int) -> Animal:
    """Draw a donor."""
    efficiency = np.exp(rng.normal(0.0, 0.2))
    return Animal(
        size=float(rng.uniform(0.95, 1.05)),
        offset=float(rng.uniform(-0.08, 0.08)),
        tilt=float(rng.uniform(-0.15, 0.15)),
        waves=draw_waves(rng, 4, 0.06),
        gene_scale=(efficiency * np.exp(rng.normal(0.0, 0.25, n_genes))).astype(np.float32),
    )


def draw_waves(rng: np.random.Generator, n: int, amplitude: float) -> Values:
    """Draw a smooth field of displacements as a few long waves, (n, 5)."""
    return np.column_stack(
        [
            rng.normal(0.0, amplitude, (n, 2)),
            rng.uniform(-1.2, 1.2, (n, 2)),
            rng.uniform(0.0, 2 * np.pi, n),
        ]
    )


def displace(waves: Values, x: Values, y: Values) -> tuple[Values, Values]:
    """Move places by a field of waves, mm."""
    moved_x, moved_y = x.copy(), y.copy()
    for shift_x, shift_y, wave_x, wave_y, phase in waves:
        wave = np.sin(wave_x * x + wave_y * y + phase)
        moved_x += shift_x * wave
        moved_y += shift_y * wave
    return moved_x, moved_y


def lay_on_slide(
    animal: Animal, x: Values, y: Values, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Coordinates as a microscope gives them, (n, 2) float32 µm, y downwards."""
    moved_x, moved_y = displace(animal.waves, x, y)
    turn = rng.normal(0.0, np.deg2rad(2.5))
    shift = rng.normal(0.0, 0.08, 2)
    moved_y = moved_y - 3.9
    turned = np.column_stack(
        [
            np.cos(turn) * moved_x - np.sin(turn) * moved_y,
            np.sin(turn) * moved_x + np.cos(turn) * moved_y + 3.9,
        ]
    )
    placed: Values = 1000.0 * (animal.size * turned + shift + np.array(ORIGIN))
    return placed.astype(np.float32)


def kept_share(x: Values, y: Values, rng: np.random.Generator) -> Values:
    """Share of the cells that survive at each place: torn patches and thin spots."""
    waves = draw_waves(rng, 3, 0.08)
    uneven, _ = displace(waves, x, y)
    kept: Values = np.clip(1.0 + uneven - x, 0.5, 1.5)
    if rng.random() < TORN_SHARE:
        kept[_torn(x, y, rng)] = 0.0
    return kept


def _torn(x: Values, y: Values, rng: np.random.Generator) -> NDArray[np.bool_]:
    center = rng.uniform((-4.5, 0.8), (4.5, 6.5))
    angle = np.arctan2(y - center[1], x - center[0])
    lobes = 1 + 0.3 * np.sin(3 * angle + rng.uniform(0, 6)) + 0.15 * np.sin(7 * angle)
    radius = rng.uniform(0.15, 0.4) * lobes
    torn: NDArray[np.bool_] = np.hypot(x - center[0], y - center[1]) < radius
    return torn
