"""Sections as they should not be, and as they are; and what they are asked for by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

Places = NDArray[np.float32]


def scattered(n: int, size: float = 100.0, seed: int = 0) -> Places:
    return np.random.default_rng(seed).uniform(0, size, (n, 2)).astype(np.float32)


def _with_outliers() -> Places:
    return np.concatenate([scattered(300), np.array([[1e5, 3], [-4e4, 7e4]], np.float32)])


def _lattice() -> Places:
    side = np.arange(13, dtype=np.float32) * 7
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def _on_a_line(x: float, y: float) -> Places:
    along = np.random.default_rng(1).uniform(0, 1000, 200)
    return np.stack([along * x, along * y], axis=-1).astype(np.float32)


SECTIONS = {
    "no cells": np.empty((0, 2), np.float32),
    "one cell": np.array([[5, -3]], np.float32),
    "two cells": np.array([[5, -3], [8, 1]], np.float32),
    "all on one spot": np.full((70, 2), 3, np.float32),
    "on a row": _on_a_line(1, 0),
    "on a column": _on_a_line(0, 1),
    "on a slant": _on_a_line(3, -2),
    "a lattice": _lattice(),
    "twins": np.repeat(scattered(60), 2, axis=0),
    "scattered": scattered(500),
    "far outliers": _with_outliers(),
    "far from zero": scattered(300, 2000) + np.float32(1e6),
    "two lumps": np.concatenate([scattered(200, 5), scattered(200, 5, 1) + np.float32(900)]),
}
every_section = pytest.mark.parametrize("xy", SECTIONS.values(), ids=SECTIONS)


def distances(points: NDArray[np.floating], xy: Places) -> NDArray[np.float64]:
    """Of each point to each cell."""
    here, there = np.asarray(points, np.float64), np.asarray(xy, np.float64)
    found: NDArray[np.float64] = np.linalg.norm(here[:, None] - there[None], axis=-1)
    return found
