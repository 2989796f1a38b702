"""Pixels of clouds, checked by the meaning of a projection and not by the code that draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from napari_brain_atlas.compute import splatting
from napari_brain_atlas.compute.cloud import (
    LARGEST,
    SMALLEST,
    CloudPainter,
    Coats,
    Frame,
    Sheet,
    cloud_of,
    warm,
)
from napari_brain_atlas.compute.splatting import FOG

HEIGHT, WIDTH = 90, 120
Points = NDArray[np.float64]


def seen(angles: tuple[float, float], scale: float = 1.0, perspective: float = 0.0) -> Frame:
    """A camera that looks at zero, turned, in the middle of the canvas; smaller z is nearer."""
    turn = Rotation.from_euler("yx", angles, degrees=True).as_matrix()
    matrix = np.eye(4)
    matrix[:3, :3] = turn.T * scale
    matrix[:3, 2] /= 1000 * scale
    matrix[:3, 3] = perspective * turn.T[:, 2]
    # Columns and rows are divided by the last number: so the middle is a multiple of it.
    matrix[:, 0] += matrix[:, 3] * WIDTH / 2
    matrix[:, 1] += matrix[:, 3] * HEIGHT / 2
    return Frame(matrix, HEIGHT, WIDTH)


def placed(frame: Frame, points: Points) -> Points:
    """Column, row, depth of points, one by one."""
    found = []
    for x, y, z in points:
        column, row, depth, w = np.array([x, y, z, 1.0]) @ frame.matrix
        found.append((column / w, row / w, depth / w))
    return np.array(found)


def colors_of(n: int) -> NDArray[np.uint8]:
    """A color of its own for each."""
    rng = np.random.default_rng(1)
    return np.column_stack([rng.integers(40, 256, (n, 3)), np.full(n, 255)]).astype(np.uint8)


def hue(color: NDArray[np.uint8]) -> NDArray[np.float64]:
    value = color[..., :3].astype(np.float64)
    return value / np.linalg.norm(value, axis=-1, keepdims=True)


CAMERAS = {
    "from the front": seen((0, 0)),
    "turned": seen((35, -20)),
    "from behind": seen((180, 10)),
    "near": seen((70, 30), scale=3.0),
    "in perspective": seen((35, -20), perspective=0.003),
}


@pytest.mark.parametrize("name", CAMERAS)
def test_a_lonely_cell_shows_where_the_camera_sees_it(name: str) -> None:
    frame = CAMERAS[name]
    rng = np.random.default_rng(2)
    points = rng.uniform(-60, 60, (400, 3))
    at, colors = placed(frame, points), colors_of(400)
    picture = CloudPainter().draw(cloud_of(points, 0.4), frame, Coats(colors))
    apart = np.linalg.norm(at[:, None, :2] - at[None, :, :2], axis=-1)
    np.fill_diagonal(apart, np.inf)
    inside = ((at[:, :2] > 3) & (at[:, :2] < (WIDTH - 3, HEIGHT - 3))).all(axis=1)
    lonely = np.flatnonzero((apart.min(axis=1) > 5) & inside)
    assert len(lonely) > 5
    for k in lonely:
        pixel = picture[int(at[k, 1]), int(at[k, 0])]
        # Shaded as a ball and by its depth, but of its hue.
        assert pixel[3] > 0
        assert hue(pixel) @ hue(colors[k]) > 0.999


@pytest.mark.parametrize("name", CAMERAS)
def test_the_nearest_of_the_cells_over_a_pixel_is_shown(name: str) -> None:
    frame = CAMERAS[name]
    points = np.random.default_rng(4).uniform(-30, 30, (600, 3))
    radius, painter = 2.5, CloudPainter()
    painter.draw(cloud_of(points, radius), frame, Coats(colors_of(600)))
    at = placed(frame, points)
    w = np.column_stack([points, np.ones(600)]) @ frame.matrix[:, 3]
    low, high = points.min(axis=0), points.max(axis=0)
    middle = np.append((low + high) / 2, 1) @ frame.matrix[:, 3]
    size = np.clip(radius * frame.scale_at((low + high) / 2) * middle / w, SMALLEST, LARGEST)
    checked = 0
    for row in range(0, HEIGHT, 3):
        for column in range(0, WIDTH, 3):
            away = np.hypot(at[:, 0] - column - 0.5, at[:, 1] - row - 0.5)
            if (np.abs(away - size) < 1e-3).any():
                continue
            over = np.flatnonzero(away < size)
            shown = painter.cell_at(column + 0.5, row + 0.5, reach=0.4)
            assert (shown is None) == (len(over) == 0)
            if shown is not None:
                assert shown in over
                assert at[shown, 2] <= at[over, 2].min() + 1e-6
                checked += len(over) > 1
    assert checked > 20


def test_what_is_lit_is_seen_through_what_is_not() -> None:
    near, far = [0.0, 0.0, -50.0], [0.0, 0.0, 50.0]
    colors = np.array([[200, 0, 0, 70], [0, 200, 0, 255]], np.uint8)
    painter, frame = CloudPainter(), CAMERAS["from the front"]
    picture = painter.draw(cloud_of(np.array([near, far]), 3.0), frame, Coats(colors))
    assert hue(picture[HEIGHT // 2, WIDTH // 2]) @ (0, 1, 0) > 0.999
    both = Coats(np.maximum(colors, (0, 0, 0, 255)).astype(np.uint8))
    picture = painter.draw(cloud_of(np.array([near, far]), 3.0), frame, both)
    assert hue(picture[HEIGHT // 2, WIDTH // 2]) @ (1, 0, 0) > 0.999


def test_what_is_far_is_fainter_but_for_the_section_shown() -> None:
    points = np.array([[-30, 0, -50], [0, 0, 50], [30, 0, 50]], np.float64)
    picture = CloudPainter().draw(
        cloud_of(points, 3.0), CAMERAS["from the front"], Coats(colors_of(3), ahead=(2, 3))
    )
    opacity = picture[HEIGHT // 2, [WIDTH // 2 - 30, WIDTH // 2, WIDTH // 2 + 30], 3]
    np.testing.assert_allclose(opacity, [255, 255 * (1 - FOG), 255], atol=2)


def test_what_is_proposed_is_striped_over_it() -> None:
    points, now = np.zeros((1, 3)), np.array([[255, 0, 0, 255]], np.uint8)
    proposed = np.array([[0, 0, 255, 255]], np.uint8)
    picture = CloudPainter().draw(
        cloud_of(points, 24.0), CAMERAS["from the front"], Coats(now, proposed)
    )
    there = picture[..., 3] > 0
    red, blue = (picture[..., i][there] > 0 for i in (0, 2))
    assert (red ^ blue).all()
    assert 0.3 < blue.mean() < 0.7
    clear = Coats(now, np.zeros((1, 4), np.uint8))
    picture = CloudPainter().draw(cloud_of(points, 24.0), CAMERAS["from the front"], clear)
    assert (picture[..., 2][there] == 0).all()


def test_what_is_transparent_is_not_there() -> None:
    painter = CloudPainter()
    painter.draw(
        cloud_of(np.zeros((1, 3)), 5.0), CAMERAS["from the front"],
        Coats(np.array([[9, 9, 9, 0]], np.uint8)),
    )  # fmt: skip
    assert painter.cell_at(WIDTH / 2, HEIGHT / 2) is None


@pytest.mark.parametrize("name", ["from the front", "turned", "in perspective"])
def test_the_sheet_covers_what_lies_behind_it_and_nothing_before(name: str) -> None:
    frame = CAMERAS[name]
    corners = np.array([[-40, -35, 0], [40, -35, 0], [40, 35, 0], [-40, 35, 0]], np.float64)
    # Side by side on the canvas, so that none hides another.
    points = np.array([[x, z / 2, z] for x in (-15, 0, 15) for z in (-20, 20)], np.float64)
    white = np.full((6, 4), 255, np.uint8)
    cloud, sheet = cloud_of(points, 1.0), Sheet(corners, (0, 0, 255))
    plain = CloudPainter().draw(cloud, frame, Coats(white, ahead=(0, 6))).copy()
    picture = CloudPainter().draw(cloud, frame, Coats(white, ahead=(0, 6)), sheet)
    at = placed(frame, points)
    for (column, row, _), (_, _, z) in zip(at, points, strict=True):
        i, j = int(row), int(column)
        covered = int(plain[i, j, 0]) - int(picture[i, j, 0])
        # The camera is on the side of smaller z.
        assert (covered > 5) == (z > 0), (name, z)
    # The edge is where the corners are seen, and nothing is drawn far outside of it.
    for column, row, _ in placed(frame, corners):
        around = picture[int(row) - 3 : int(row) + 4, int(column) - 3 : int(column) + 4]
        assert ((around[..., 2] > 200) & (around[..., 3] > 200)).any()
    changed = np.argwhere((picture != plain).any(axis=-1))
    low, high = placed(frame, corners)[:, :2].min(0) - 3, placed(frame, corners)[:, :2].max(0) + 3
    assert ((changed[:, ::-1] >= low) & (changed[:, ::-1] <= high)).all()


def test_a_sheet_seen_from_its_side_is_a_line() -> None:
    corners = np.array([[-25, -20, 0], [25, -20, 0], [25, 20, 0], [-25, 20, 0]], np.float64)
    cloud = cloud_of(np.array([[40.0, 40, 40]]), 0.1)
    picture = CloudPainter().draw(
        cloud, seen((90, 0)), Coats(colors_of(1)), Sheet(corners, (0, 0, 255))
    )
    rows, columns = np.nonzero(picture[..., 2] == 255)
    assert np.ptp(columns) <= 2 and np.ptp(rows) >= 38


@settings(max_examples=40)
@given(
    st.floats(-180, 180), st.floats(-90, 90), st.floats(0.01, 400), st.floats(0, 0.05),
)  # fmt: skip
def test_no_camera_is_too_much(yaw: float, pitch: float, scale: float, perspective: float) -> None:
    points = np.random.default_rng(0).uniform(-50, 50, (50, 3))
    corners = np.array([[-9e4, -9e4, 0], [9e4, -9e4, 0], [9e4, 9e4, 0], [-9e4, 9e4, 0]])
    picture = CloudPainter().draw(
        cloud_of(points, 1.0), seen((yaw, pitch), scale, perspective), Coats(colors_of(50)),
        Sheet(corners, (1, 2, 3)),
    )  # fmt: skip
    assert picture.shape == (HEIGHT, WIDTH, 4)


def test_no_cells_are_no_pixels() -> None:
    painter = CloudPainter()
    empty = Coats(np.zeros((0, 4), np.uint8))
    picture = painter.draw(cloud_of(np.zeros((0, 3)), 1.0), CAMERAS["turned"], empty)
    assert not picture.any() and painter.cell_at(5, 5) is None


def test_the_pointer_finds_the_nearest_cell_in_reach() -> None:
    points = np.array([[0, 0, 0], [12, 0, 0]], np.float64)
    painter = CloudPainter()
    assert painter.cell_at(1, 1) is None
    painter.draw(cloud_of(points, 1.0), CAMERAS["from the front"], Coats(colors_of(2)))
    middle = HEIGHT / 2
    assert painter.cell_at(WIDTH / 2 + 3, middle) == 0
    assert painter.cell_at(WIDTH / 2 + 9, middle) == 1
    assert painter.cell_at(WIDTH / 2 + 6, middle, reach=2) is None
    assert painter.cell_at(float("nan"), middle) is None
    assert painter.cell_at(-50, -50) is None


def test_nothing_is_compiled_after_warming() -> None:
    kernels = [v for v in vars(splatting).values() if hasattr(v, "signatures")]
    warm()
    before = [len(k.signatures) for k in kernels]
    assert sum(before) >= 5
    points = np.random.default_rng(0).uniform(-20, 20, (30, 3)).astype("f4")
    colors, painter = colors_of(30), CloudPainter()
    colors.flags.writeable = False
    sheet = Sheet(np.array([[0, 0, 0], [9, 0, 0], [9, 9, 0], [0, 9, 0]]).astype(float), (1, 2, 3))
    for proposed in (None, colors):
        for angles in ((0, 0), (90, 0)):
            painter.draw(
                cloud_of(points[:, ::-1], 2.0), seen(angles), Coats(colors, proposed), sheet
            )
    painter.cell_at(60, 45)
    assert [len(k.signatures) for k in kernels] == before
