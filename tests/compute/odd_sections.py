"""Odd sections and odd views of them, for the tests of what draws them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from napari_brain_atlas.compute import bands
from napari_brain_atlas.compute.view import View

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
    x, y = (here[:, None, axis] - there[None, :, axis] for axis in (0, 1))
    found: NDArray[np.float64] = np.sqrt(x * x + y * y)
    return found


def turned(degrees: float, scale: float, at: tuple[float, float], shape: tuple[int, int]) -> View:
    """A view with a point of the section at its middle."""
    sine, cosine = np.sin(np.radians(degrees)) * scale, np.cos(np.radians(degrees)) * scale
    return centered((cosine, -sine, sine, cosine), at, shape)


def centered(
    linear: tuple[float, float, float, float], at: tuple[float, float], shape: tuple[int, int]
) -> View:
    """The same, for columns ``a x + b y`` and rows ``d x + e y``."""
    a, b, d, e = linear
    c, f = shape[1] / 2 - a * at[0] - b * at[1], shape[0] / 2 - d * at[0] - e * at[1]
    return View((a, b, c, d, e, f), *shape)


MIDDLE = (50.0, 50.0)
# Of a section of 100 × 100.
VIEWS = {
    "all of it": centered((1, 0, 0, 1), MIDDLE, (110, 120)),
    "flipped": centered((-1, 0, 0, 1), MIDDLE, (110, 120)),
    "turned": turned(30, 0.9, MIDDLE, (90, 140)),
    "turned and flipped": centered((-0.5, 0.6, 0.6, 0.5), MIDDLE, (100, 90)),
    "sheared": centered((0.8, 0.5, 0, 1.1), MIDDLE, (130, 100)),
    "tiny": centered((0.04, 0, 0, 0.04), MIDDLE, (33, 17)),
    "a part, large": turned(-75, 6, (20, 70), (150, 90)),
    "the rim": centered((3, 0, 0, 3), (0, 100), (64, 80)),
    "just beside it": centered((1, 0, 0, 1), (-51, 50), (70, 101)),
    "nothing in it": centered((1, 0, 0, 1), (9000, 50), (40, 40)),
    "one pixel": centered((0.1, 0, 0, 0.1), MIDDLE, (1, 1)),
    "one row": centered((1, 0, 0, 1), MIDDLE, (1, 100)),
    "one column": centered((1, 0, 0, 1), MIDDLE, (100, 1)),
}
every_view = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)


@pytest.fixture(params=[(1, 1000), (2, 16), (8, 1), (3, 7)], ids=lambda p: f"{p[0]} workers")
def banded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture is cut in one band, or in several, down to a row each."""
    monkeypatch.setattr(bands, "WORKERS", request.param[0])
    monkeypatch.setattr(bands, "_LEAST_ROWS", request.param[1])
