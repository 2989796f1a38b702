"""Majorities of crowded pixels, looked at once, are those that are counted each time."""

from __future__ import annotations

import numpy as np
import pytest
from odd_sections import banded  # noqa: F401

from napari_brain_atlas.compute.bands import Buffers
from napari_brain_atlas.compute.binning import bin_cells, majorities
from napari_brain_atlas.compute.cell_grid import grid_cells
from napari_brain_atlas.compute.pixel_codes import PixelMajorities
from napari_brain_atlas.compute.view import View

VIEW = View((0.3, 0.05, 4.0, -0.05, 0.3, 9.0), 40, 37)


def codes_of(kind: str, xy: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(1)
    return {
        "areas": (xy[:, 0] // 20).astype(np.int32),
        "one": np.zeros(len(xy), np.int32),
        "each its own": np.arange(len(xy), dtype=np.int32),
        "mixed": rng.integers(0, 7, len(xy)).astype(np.int32),
    }[kind]


@pytest.mark.usefixtures("banded")
@pytest.mark.parametrize("kind", ["areas", "one", "each its own", "mixed"])
@pytest.mark.parametrize("n_groups", [1, 2, 9])
def test_any_grouping_gives_the_same_majorities(kind: str, n_groups: int) -> None:
    rng = np.random.default_rng(n_groups)
    xy = rng.uniform(0, 120, (20_000, 2)).astype(np.float32)
    grid, codes = grid_cells(xy), codes_of(kind, xy)
    ours, theirs = Buffers(), Buffers()
    bins = bin_cells(grid, VIEW, ours)
    pixels = PixelMajorities(bins, codes[grid.order], ours)
    other = bin_cells(grid, VIEW, theirs)
    assert sum(map(len, bins.pixels.values())) > 2 * bins.counts.size
    # The same view is recoloured again and again.
    for _ in range(3):
        groups = rng.integers(0, n_groups, int(codes.max()) + 1).astype(np.int32)
        known = majorities(other, codes[grid.order], groups, theirs, "won")
        np.testing.assert_array_equal(pixels.of(groups, "won"), known)
    assert (known >= 0).any() and (known < 0).any()


def test_several_groupings_of_one_view_are_held_beside_each_other() -> None:
    xy = np.random.default_rng(0).uniform(0, 120, (20_000, 2)).astype(np.float32)
    grid, buffers = grid_cells(xy), Buffers()
    codes = (xy[:, 0] // 20).astype(np.int32)[grid.order]
    bins = bin_cells(grid, VIEW, buffers)
    pixels = PixelMajorities(bins, codes, buffers)
    first, other = np.arange(6, dtype=np.int32), np.array([3, 3, 0, 1, 1, 2], np.int32)
    found = pixels.of(first, "first"), pixels.of(other, "other")
    for groups, majority in zip((first, other), found, strict=True):
        known = majorities(bins, codes, groups, Buffers(), "known")
        np.testing.assert_array_equal(majority, known)
