"""From what each pixel shows to its colour: discs, territories, boundaries, stripes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_brain_atlas.compute.bands import Buffers, in_bands

Rgba = NDArray[np.uint8]
Units = NDArray[np.int32]
STRIPE_PERIOD = 22
STRIPE_WIDTH = 12
_STEPS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Coat:
    """One colouring of the units of a picture: of cells, or of pixels that hold cells.

    Attributes
    ----------
    groups : (n_units,) int32
        What each belongs to, -1 for nothing.
    colors : (n_groups, 4) uint8
        RGBA of each group.
    """

    groups: Units
    colors: Rgba


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """How a boundary is drawn.

    Attributes
    ----------
    groups : (n_units,) int32
        A line is where this differs from one unit to the next.
    color : tuple of int
        RGBA, 0 to 255.
    width : int
        In pixels.
    """

    groups: Units
    color: tuple[int, int, int, int]
    width: int


@dataclass(frozen=True, slots=True)
class Style:
    """How cells and the area around them are drawn.

    Attributes
    ----------
    disc : float
        Radius of a cell in pixels.
    territory : float
        Opacity of the area beyond it, 0 to 1.
    """

    disc: float
    territory: float


def paint(
    nearest: Units,
    squares: NDArray[np.float32],
    margin: int,
    style: Style,
    now: Coat,
    proposed: Coat | None,
    lines: tuple[Line, ...],
    buffers: Buffers,
) -> Rgba:
    """Colour a picture.

    Parameters
    ----------
    nearest : (height + 2 margin, width + 2 margin) int32
        The unit (a cell, or a pixel that holds cells) that a pixel belongs to,
        -1 for none.
    squares : (height + 2 margin, width + 2 margin) float32
        Squared distance from it in pixels.
    margin : int
        Pixels at each side that are not in the picture.
    now : Coat
    proposed : Coat, optional
        Colours of diagonal stripes; none where both coats are of one colour, nor where
        this one is transparent.
    lines : tuple of Line
        Drawn in this order.
    buffers : Buffers
        Hold the result until the next call.

    Returns
    -------
    (height, width, 4) uint8
        RGBA, not premultiplied; transparent where there is nothing.
    """
    height, width = (n - 2 * margin for n in nearest.shape)
    out = buffers.take("picture", (height, width), np.uint32)
    groups = buffers.take("groups", (height, width), np.int32)
    coats = tuple((c.groups, _packed(c.colors)) for c in (now, proposed or now))
    striped, fading = proposed is not None, _faded(style)

    def work(first: int, stop: int) -> None:
        _fill(nearest, squares, margin, (first, stop), fading, coats, striped, groups, out)

    in_bands(work, height)
    for line in lines:
        if line.groups is now.groups:
            _draw_line(groups, line, out)
        else:
            _draw_line(_looked_up(nearest, margin, line.groups, buffers), line, out)
    return out.view(np.uint8).reshape(height, width, 4)


def _looked_up(nearest: Units, margin: int, of_units: Units, buffers: Buffers) -> Units:
    """The group of each pixel, -1 for none."""
    shape = len(nearest) - 2 * margin, nearest.shape[1] - 2 * margin
    groups: Units = buffers.take("other groups", shape, np.int32)
    in_bands(lambda a, b: _look_up(nearest, margin, a, b, of_units, groups), len(groups))
    return groups


def _draw_line(groups: Units, line: Line, out: NDArray[np.uint32]) -> None:
    steps, color = _steps(line.width), _packed(np.array(line.color, np.uint8))[0]
    in_bands(lambda a, b: _draw(groups, a, b, steps, color, out), len(out))


def _faded(style: Style) -> tuple[NDArray[np.uint32], np.float32]:
    """Opacity by squared distance, of 256, and the steps of the table for one square pixel.

    The rim of a disc, one pixel wide, is blended with what is around.
    """
    outer = style.disc + 0.5
    inside = outer - outer * np.sqrt(np.arange(_STEPS) / (_STEPS - 1))
    shares = style.territory + (1 - style.territory) * np.clip(inside, 0, 1)
    return np.rint(256 * shares).astype(np.uint32), np.float32((_STEPS - 1) / outer**2)


def _steps(width: int) -> NDArray[np.int32]:
    """Steps to the pixels that a pixel is compared with, (n, 2).

    A line of `width` pixels lies half on each side of where two areas meet.
    """
    near, far = width // 2, (width + 1) // 2
    reach = range(-near, far + 1)
    found = [
        (i, j)
        for i in reach
        for j in reach
        if (i, j) != (0, 0) and (0 in (i, j) or i * i + j * j <= near * near)
    ]
    return np.array(found, np.int32).reshape(-1, 2)


def _packed(colors: Rgba) -> NDArray[np.uint32]:
    return np.require(colors, np.uint8, ["C", "W"]).view(np.uint32).ravel()


@njit(cache=True, nogil=True, fastmath=True)
def _fill(nearest, squares, margin, rows, style, coats, striped, found, out):  # type: ignore[no-untyped-def]
    (groups, colors), (groups_then, colors_then) = coats
    shares, steps = style
    for i in range(rows[0], rows[1]):
        for j in range(out.shape[1]):
            unit = nearest[i + margin, j + margin]
            if unit < 0:
                out[i, j], found[i, j] = 0, -1
                continue
            found[i, j] = groups[unit]
            square = squares[i + margin, j + margin]
            color = colors[groups[unit]]
            if striped and (i + j) % STRIPE_PERIOD < STRIPE_WIDTH:
                then = colors_then[groups_then[unit]]
                color = then if then >> np.uint32(24) else color
            # By a table: a branch would be guessed wrong at every second cell.
            part = shares[min(int(square * steps), len(shares) - 1)]
            alpha = ((color >> np.uint32(24)) * part + np.uint32(128)) >> np.uint32(8)
            out[i, j] = (color & np.uint32(0x00FFFFFF)) | (alpha << np.uint32(24))


@njit(cache=True, nogil=True)
def _look_up(nearest, margin, first, stop, groups, found):  # type: ignore[no-untyped-def]
    for i in range(first, stop):
        for j in range(found.shape[1]):
            unit = nearest[i + margin, j + margin]
            found[i, j] = groups[unit] if unit >= 0 else -1


@njit(cache=True, nogil=True)
def _mark(here, there, on_line, n):  # type: ignore[no-untyped-def]
    # Without a branch, so that it is compiled to vector instructions.
    for j in range(n):
        on_line[j] |= here[j] != there[j]


@njit(cache=True, nogil=True)
def _draw(groups, first, stop, steps, color, out):  # type: ignore[no-untyped-def]
    height, width = groups.shape
    on_line = np.empty(width, np.uint8)
    for i in range(first, stop):
        on_line[:] = 0
        here, line = groups[i], out[i]
        for s in range(len(steps)):
            row, step = i + steps[s, 0], steps[s, 1]
            if row < 0 or row >= height:
                continue
            left, right = max(-step, 0), max(step, 0)
            _mark(here[left:], groups[row][right:], on_line[left:], width - left - right)
        for j in range(width):
            line[j] = color if on_line[j] else line[j]
