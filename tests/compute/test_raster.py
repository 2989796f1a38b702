from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from napari_brain_atlas.compute.raster import (
    DISC_RADIUS,
    LONG_SIDE,
    NO_CELL,
    cell_spacing,
    paint,
    rasterize,
)

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)


def grid(n: int, step: float = 10.0) -> np.ndarray:
    side = np.arange(n, dtype=np.float32) * step
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def test_spacing_is_that_of_a_grid() -> None:
    assert cell_spacing(grid(12, step=7.0)) == pytest.approx(7.0)


@pytest.mark.parametrize(
    "xy",
    [
        pytest.param(np.empty((0, 2), np.float32), id="no cells"),
        pytest.param(np.array([[5, 5]], np.float32), id="one cell"),
        pytest.param(np.full((4, 2), 3, np.float32), id="all on one spot"),
        pytest.param(np.array([[0, 0], [1e5, 0]], np.float32), id="on a line"),
    ],
)
def test_odd_sections_are_drawn(xy: np.ndarray) -> None:
    raster = rasterize(xy)
    assert (raster.cells >= 0).any() == bool(len(xy))
    assert max(raster.cells.shape) <= LONG_SIDE
    assert paint(raster, np.zeros((len(xy), 4), np.uint8)).shape == (*raster.cells.shape, 4)


def test_y_grows_downwards_and_x_to_the_right() -> None:
    raster = rasterize(np.array([[0, 0], [100, 0], [0, 50]], np.float32), spacing=10.0)
    rows, columns = zip(
        *(raster.pixel_of(x, y) for x, y in [(0, 0), (100, 0), (0, 50)]), strict=True
    )
    assert rows[0] == rows[1] < rows[2]
    assert columns[0] == columns[2] < columns[1]
    assert raster.cells[rows[1], columns[1]] == 1
    assert raster.cells[rows[2], columns[2]] == 2


def test_every_pixel_shows_the_nearest_cell_in_reach() -> None:
    # The test asks every pixel on its own, which the drawing never does.
    xy = np.random.default_rng(3).uniform(0, 60, (150, 2)).astype(np.float32)
    raster = rasterize(xy, spacing=4.0, long_side=120)
    height, width = raster.cells.shape
    y = raster.origin[1] + np.arange(height) * raster.pixel
    x = raster.origin[0] + np.arange(width) * raster.pixel
    pixels = np.stack(np.meshgrid(x, y), axis=-1)[..., None, :]
    distances = np.linalg.norm(pixels - xy, axis=-1)
    nearest = distances.min(axis=-1)
    sure = np.abs(nearest - DISC_RADIUS * 4.0) > 1e-3
    expected = np.where(nearest <= DISC_RADIUS * 4.0, distances.argmin(axis=-1), NO_CELL)
    np.testing.assert_array_equal(raster.cells[sure], expected[sure])


@example(seed=682, n=48)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 60))
def test_a_cell_alone_in_its_pixel_is_never_lost(seed: int, n: int) -> None:
    xy = np.random.default_rng(seed).uniform(0, 1000, (n, 2)).astype(np.float32)
    raster = rasterize(xy, long_side=50)
    pixels = [raster.pixel_of(float(x), float(y)) for x, y in xy]
    for cell, pixel in enumerate(pixels):
        if pixels.count(pixel) == 1:
            assert cell in raster.cells


def test_painting_is_by_cell_and_transparent_elsewhere() -> None:
    xy = np.array([[0, 0], [100, 0]], np.float32)
    raster = rasterize(xy, spacing=10.0)
    picture = paint(raster, np.array([RED, BLUE], np.uint8))
    assert tuple(picture[raster.pixel_of(0, 0)]) == RED
    assert tuple(picture[raster.pixel_of(100, 0)]) == BLUE
    assert tuple(picture[raster.pixel_of(50, 0)]) == (0, 0, 0, 0)


def test_stripes_show_both_colors_and_only_where_they_differ() -> None:
    raster = rasterize(grid(8), spacing=40.0)
    present = np.tile(np.array(RED, np.uint8), (64, 1))
    proposed = present.copy()
    proposed[:32] = BLUE
    picture = paint(raster, present, proposed)
    changed = (raster.cells >= 0) & (raster.cells < 32)
    shares = (picture[changed] == BLUE).all(axis=1).mean()
    assert 0.4 < shares < 0.75
    assert (picture[raster.cells >= 32] == RED).all()


def test_the_raster_is_read_only_as_it_is_shared() -> None:
    with pytest.raises(ValueError, match="read-only"):
        rasterize(grid(3)).cells[0, 0] = 1
