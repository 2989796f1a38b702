"""Compiled code of `cloud`: points to pixels by depth, and pixels to colours."""

from __future__ import annotations

import numpy as np
from numba import njit

from napari_brain_atlas.compute.painting import STRIPE_PERIOD, STRIPE_WIDTH

CELL_BITS = 31
DEPTH_BITS = 30
EMPTY = np.iinfo(np.int64).max
"""What a pixel holds that shows no cell."""
CELLS = (1 << CELL_BITS) - 1
"""The bits of what a pixel holds that tell its point; those of depth lie above."""
_DEEPEST = (1 << DEPTH_BITS) - 1
_BEHIND = np.int64(-1)
_FULL = 255
FOG = 0.62
"""How much of its opacity the farthest cell loses: the background shines through."""
ROUND = 0.42
"""How much darker the rim of a ball is than its middle."""


@njit(cache=True, nogil=True)
def place_points(points, matrix, depths, sizes, colors, first, stop, placed, marks):  # type: ignore[no-untyped-def]
    """Column, row, radius and depth (0 to 1) of points, and what they leave in pixels."""
    near, far = depths
    radius, smallest, largest, w_middle = sizes
    for k in range(first, stop):
        x, y, z = np.float64(points[k, 0]), np.float64(points[k, 1]), np.float64(points[k, 2])
        w = x * matrix[0, 3] + y * matrix[1, 3] + z * matrix[2, 3] + matrix[3, 3]
        if not w > 0 or colors[k] >> np.uint32(24) == 0:
            marks[k] = _BEHIND
            continue
        depth = x * matrix[0, 2] + y * matrix[1, 2] + z * matrix[2, 2] + matrix[3, 2]
        share = min(max((depth / w - near) / (far - near), 0.0), 1.0)
        placed[k, 0] = (x * matrix[0, 0] + y * matrix[1, 0] + z * matrix[2, 0] + matrix[3, 0]) / w
        placed[k, 1] = (x * matrix[0, 1] + y * matrix[1, 1] + z * matrix[2, 1] + matrix[3, 1]) / w
        placed[k, 2] = min(max(radius * w_middle / w, smallest), largest)
        placed[k, 3] = share
        # What is faint lies behind all that is lit, so that it hides none of it.
        faint = np.int64(colors[k] >> np.uint32(24) < _FULL)
        marks[k] = (faint << 61) | (np.int64(share * _DEEPEST) << CELL_BITS) | k


@njit(cache=True, nogil=True)
def stamp_points(placed, marks, first, stop, keys):  # type: ignore[no-untyped-def]
    """Leave the mark of the nearest point in each pixel of some rows."""
    keys[first:stop] = EMPTY
    width = keys.shape[1]
    for k in range(len(marks)):
        mark = marks[k]
        if mark == _BEHIND:
            continue
        # Pixel (i, j) has its centre half a pixel further. Single precision is exact enough.
        column, row = placed[k, 0] - np.float32(0.5), placed[k, 1] - np.float32(0.5)
        radius = placed[k, 2]
        if not (row + radius >= first and row - radius < stop):
            continue
        if not (column + radius >= 0 and column - radius < width):
            continue
        square = radius * radius
        top = max(int(np.ceil(row - radius)), first)
        for i in range(top, min(int(np.floor(row + radius)) + 1, stop)):
            down = np.float32(i) - row
            half = np.sqrt(max(square - down * down, np.float32(0)))
            left = max(int(np.ceil(column - half)), 0)
            line = keys[i, left:]
            # Without a branch, which would be guessed wrong at every second cell.
            for j in range(min(int(np.floor(column + half)) + 1, width) - left):
                before = line[j]
                line[j] = mark if mark < before else before


@njit(cache=True, nogil=True, fastmath=True)
def color_pixels(keys, placed, first, stop, now, then, striped, ahead, out):  # type: ignore[no-untyped-def]
    """Colours of the pixels of some rows."""
    for i in range(first, stop):
        for j in range(keys.shape[1]):
            key = keys[i, j]
            if key == EMPTY:
                out[i, j] = 0
                continue
            k = key & CELLS
            color = now[k]
            if striped and (i + j) % STRIPE_PERIOD < STRIPE_WIDTH:
                other = then[k]
                color = other if other >> np.uint32(24) else color
            fog = np.float32(1) if ahead[0] <= k < ahead[1] else 1 - FOG * placed[k, 3]
            across, down = j + 0.5 - placed[k, 0], i + 0.5 - placed[k, 1]
            radius = max(placed[k, 2], np.float32(1.5))
            light = 1 - ROUND * min((across * across + down * down) / (radius * radius), 1)
            red = np.uint32((color & np.uint32(255)) * light)
            green = np.uint32(((color >> np.uint32(8)) & np.uint32(255)) * light)
            blue = np.uint32(((color >> np.uint32(16)) & np.uint32(255)) * light)
            alpha = np.uint32((color >> np.uint32(24)) * fog)
            out[i, j] = (
                red | (green << np.uint32(8)) | (blue << np.uint32(16)) | (alpha << np.uint32(24))
            )


@njit(cache=True, nogil=True)
def _over(pixel, color, opacity):  # type: ignore[no-untyped-def]
    """A colour laid over a pixel, neither premultiplied."""
    under = (pixel >> np.uint32(24)) / 255 * (1 - opacity)
    alpha = opacity + under
    made = np.uint32(round(255 * alpha)) << np.uint32(24)
    for channel in range(3):
        below = (pixel >> np.uint32(8 * channel)) & np.uint32(255)
        value = (color[channel] * opacity + below * under) / alpha
        made |= np.uint32(round(value)) << np.uint32(8 * channel)
    return made


@njit(cache=True, nogil=True)
def _share(key):  # type: ignore[no-untyped-def]
    """Depth of what a pixel shows, 0 to 1; beyond all where it shows nothing."""
    if key == EMPTY:
        return 2.0
    return ((key >> CELL_BITS) & _DEEPEST) / _DEEPEST


@njit(cache=True, nogil=True)
def blend_sheet(corners, plane, color, opacity, keys, out, first, stop):  # type: ignore[no-untyped-def]
    """Lay a sheet over what lies behind it; `corners` are columns and rows, in turn."""
    width = keys.shape[1]
    for i in range(first, stop):
        row, left, right = i + 0.5, np.inf, -np.inf
        for c in range(4):
            x0, y0 = corners[c]
            x1, y1 = corners[(c + 1) % 4]
            if (y0 <= row) == (y1 <= row):
                continue
            x = x0 + (row - y0) / (y1 - y0) * (x1 - x0)
            left, right = min(left, x), max(right, x)
        if left > right:
            continue
        for j in range(max(int(left + 0.5), 0), min(int(right + 0.5), width)):
            depth = plane[0] * (j + 0.5) + plane[1] * row + plane[2]
            if depth < _share(keys[i, j]):
                out[i, j] = _over(out[i, j], color, opacity)


@njit(cache=True, nogil=True)
def draw_edge(start, end, color, opacity, keys, out):  # type: ignore[no-untyped-def]
    """A line two pixels wide from one point (column, row, depth) to another."""
    height, width = keys.shape
    along = end - start
    # A line may begin far outside: it is cut to what may be seen.
    first, last = 0.0, 1.0
    for axis, size in ((0, width), (1, height)):
        if along[axis] == 0:
            if not -2 <= start[axis] <= size + 2:
                return
            continue
        one, two = (-2 - start[axis]) / along[axis], (size + 2 - start[axis]) / along[axis]
        first, last = max(first, min(one, two)), min(last, max(one, two))
    if not first <= last:
        return
    steep = abs(along[1]) > abs(along[0])
    n = int((last - first) * max(abs(along[0]), abs(along[1]))) + 1
    for step in range(n + 1):
        share = first + step / n * (last - first)
        column, row = start[0] + share * along[0], start[1] + share * along[1]
        depth = start[2] + share * along[2]
        for side in range(2):
            j = int(np.floor(column)) - (side if steep else 0)
            i = int(np.floor(row)) - (0 if steep else side)
            if 0 <= i < height and 0 <= j < width:
                # Where cells hide it, it is still to be seen where it goes.
                seen = opacity if depth <= _share(keys[i, j]) + 1e-3 else opacity / 3
                out[i, j] = _over(out[i, j], color, seen)
