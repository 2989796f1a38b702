"""Which cells fall in which pixel: for views in which a pixel may hold several."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_brain_atlas.compute.bands import Buffers, bands_of, in_bands
from napari_brain_atlas.compute.cell_grid import CellGrid
from napari_brain_atlas.compute.view import View

Codes = NDArray[np.int32]
NOTHING = -1
_MIXED = -2


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Where the cells in view fall, band by band.

    Attributes
    ----------
    counts : (height, width) int32
        Cells in each pixel.
    pixels : dict of int to (n_cells_of_band,) int32
        By the first row of a band: the pixel of each of its cells, row after row from
        the band's first.
    cells : dict of int to (n_cells_of_band,) int32
        Each of them, rising within a box, in the order of the grid.
    """

    counts: NDArray[np.int32]
    pixels: dict[int, NDArray[np.int32]]
    cells: dict[int, NDArray[np.int32]]


def bin_cells(grid: CellGrid, view: View, buffers: Buffers) -> Bins:
    """Find the pixel of every cell in view; `buffers` hold the result until the next call."""
    counts = buffers.take("counts", (view.height, view.width), np.int32)
    bins = Bins(counts, {}, {})
    boxes, matrix = grid.boxes, view.floats
    ranks = _ranks(view.height)

    def work(first: int, stop: int) -> None:
        rank, part = ranks[first], counts[first:stop]
        seen = buffers.take(f"seen {rank}", (len(boxes[0]),), np.int32)
        n_seen, most = _boxes_in(*boxes, matrix, first, stop - first, view.width, seen)
        pixels, cells = (buffers.take(f"{n} {rank}", (most,), np.int32) for n in ("at", "cells"))
        n = _place(grid.xy, boxes[0], seen[:n_seen], matrix, first, part, pixels, cells)
        bins.pixels[first], bins.cells[first] = pixels[:n], cells[:n]

    in_bands(work, view.height)
    return bins


def _ranks(height: int) -> dict[int, int]:
    """Ranks of bands: first rows change with every height, and memory is kept by name."""
    return {first: rank for rank, (first, _) in enumerate(bands_of(height))}


def majorities(bins: Bins, codes: Codes, groups: Codes, buffers: Buffers, name: str) -> Codes:
    """The group that most of the cells in a pixel belong to.

    Parameters
    ----------
    codes : (n_cells,) int32
        Of all cells, in the order of the grid.
    groups : (n_codes,) int32
        Group of each code, not negative.
    buffers : Buffers
        Hold the result, as `name`.

    Returns
    -------
    (height * width,) int32
        Of groups that are as frequent the lowest; -1 where there is no cell.
    """
    height, width = bins.counts.shape
    won = buffers.take(name, (height * width,), np.int32)
    # Compiled code is compiled anew for arrays that are read only.
    groups = np.require(groups, np.int32, ["C", "W"])
    n_groups = int(groups.max(initial=0)) + 1

    def work(first: int, stop: int) -> None:
        counts = np.zeros(n_groups, np.int32)
        part = won[first * width : stop * width]
        _majorities(bins.pixels[first], bins.cells[first], codes, groups, counts, part)

    in_bands(work, height)
    return won


def mean_rows(
    bins: Bins,
    levels: NDArray[np.float32],
    steps: tuple[int, int],
    tables: Codes | None,
    buffers: Buffers,
) -> Codes:
    """Rows of a table of colours for the mean of a number over the cells in a pixel.

    Parameters
    ----------
    levels : (n_cells, k) float32
        Numbers of all cells in the order of the grid, 0 to 1; NaN where missing, and then
        left out.
    steps : (int, int)
        Steps from 0 to 1, and colours in one table; the last is of what has no number.
    tables : (height * width,) int32, optional
        Which table a pixel has its colours from.
    buffers : Buffers
        Hold the result until the next call.

    Returns
    -------
    (height * width,) int32
        By step of the mean of the first number, then of the next.
    """
    height, width = bins.counts.shape
    # Compiled code is compiled anew for arrays that are read only.
    levels = np.require(levels, np.float32, ["C", "W"])
    found = buffers.take("mean rows", (height * width,), np.int32)
    chosen = np.empty(0, np.int32) if tables is None else tables
    ranks, channels = _ranks(height), levels.shape[1]

    def work(first: int, stop: int) -> None:
        rank, part = ranks[first], slice(first * width, stop * width)
        shape = (stop - first) * width, channels
        sums = buffers.take(f"sums {rank}", shape, np.float64)
        counts = bins.counts[first:stop].ravel()
        missing = _add_up(bins.pixels[first], bins.cells[first], levels, counts, sums)
        _mean_rows(sums, counts, missing, *steps, chosen[part], found[part])

    in_bands(work, height)
    return found


@njit(cache=True, nogil=True)
def _boxes_in(starts, n_columns, x0, y0, side, matrix, first, rows, width, seen):  # type: ignore[no-untyped-def]
    """Boxes that may hold cells of a band; how many, and how many cells they hold."""
    a, b, c, d, e, f = matrix
    hx, hy = (abs(a) + abs(b)) * side / 2 + 1, (abs(d) + abs(e)) * side / 2 + 1
    n, n_cells = 0, 0
    for box_row in range((len(starts) - 1) // n_columns):
        y = y0 + (box_row + 0.5) * side
        left, right = d * x0 + e * y + f - first, d * (x0 + n_columns * side) + e * y + f - first
        if max(left, right) + hy < 0 or min(left, right) - hy >= rows:
            continue
        for box in range(box_row * n_columns, (box_row + 1) * n_columns):
            x = x0 + (box - box_row * n_columns + 0.5) * side
            i, j = d * x + e * y + f - first, a * x + b * y + c
            if i + hy < 0 or i - hy >= rows or j + hx < 0 or j - hx >= width:
                continue
            seen[n] = box
            n += 1
            n_cells += starts[box + 1] - starts[box]
    return n, n_cells


# A cell must be placed in the same pixel whatever the band: hence in double precision,
# without fastmath, and with whole rows taken off at the end.
@njit(cache=True, nogil=True)
def _place(xy, starts, boxes, matrix, first, counts, pixels, cells):  # type: ignore[no-untyped-def]
    a, b, c, d, e, f = matrix
    rows, width = counts.shape
    counts[:] = 0
    n = 0
    for box in boxes:
        for k in range(starts[box], starts[box + 1]):
            column = int(np.floor(a * xy[k, 0] + b * xy[k, 1] + c))
            row = int(np.floor(d * xy[k, 0] + e * xy[k, 1] + f)) - first
            if 0 <= row < rows and 0 <= column < width:
                counts[row, column] += 1
                pixels[n] = row * width + column
                cells[n] = k
                n += 1
    return n


@njit(cache=True, nogil=True)
def _majorities(pixels, cells, codes, groups, counts, won):  # type: ignore[no-untyped-def]
    won[:] = NOTHING
    mixed = False
    for s in range(len(pixels)):
        before, group = won[pixels[s]], groups[codes[cells[s]]]
        differs = before != NOTHING and before != group
        won[pixels[s]] = _MIXED if differs else group
        mixed |= differs
    if mixed:
        _settle(pixels, cells, codes, groups, counts, won)


@njit(cache=True, nogil=True)
def _settle(pixels, cells, codes, groups, counts, won):  # type: ignore[no-untyped-def]
    """Count the cells of the few pixels that hold several groups."""
    # The cells of a pixel as a chain: its last cell, and for each cell the one before.
    last, places = np.empty(len(pixels), np.int32), np.empty(len(pixels), np.int32)
    before = np.empty(len(pixels), np.int32)
    n = 0
    for s in range(len(pixels)):
        p = pixels[s]
        if won[p] > _MIXED:
            continue
        if won[p] == _MIXED:
            won[p] = _MIXED - 1 - n
            last[n], places[n] = -1, p
            n += 1
        chain = _MIXED - 1 - won[p]
        before[s], last[chain] = last[chain], s
    for chain in range(n):
        best, most = 0, 0
        s = last[chain]
        while s >= 0:
            group = groups[codes[cells[s]]]
            counts[group] += 1
            if counts[group] > most or (counts[group] == most and group < best):
                most, best = counts[group], group
            s = before[s]
        s = last[chain]
        while s >= 0:
            counts[groups[codes[cells[s]]]] = 0
            s = before[s]
        won[places[chain]] = best


@njit(cache=True, nogil=True)
def _add_up(pixels, cells, levels, counts, sums):  # type: ignore[no-untyped-def]
    """Sums over the cells of each pixel that has any; and numbers missing, where any are."""
    for p in range(len(counts)):
        if counts[p]:
            for channel in range(levels.shape[1]):
                sums[p, channel] = 0
    missing = np.empty((0, 0), np.int32)
    for s in range(len(pixels)):
        for channel in range(levels.shape[1]):
            level = levels[cells[s], channel]
            if not np.isnan(level):
                sums[pixels[s], channel] += level
            else:
                if not len(missing):
                    missing = np.zeros(sums.shape, np.int32)
                missing[pixels[s], channel] += 1
    return missing


@njit(cache=True, nogil=True)
def _mean_rows(sums, counts, missing, n_steps, n_colors, tables, found):  # type: ignore[no-untyped-def]
    for p in range(len(found)):
        row, complete = 0, counts[p] > 0
        for channel in range(sums.shape[1] if complete else 0):
            n = counts[p] - (missing[p, channel] if len(missing) else 0)
            complete = complete and n > 0
            # In single precision, as the colours of single cells are found.
            mean = np.float32(sums[p, channel] / n) if n else np.float32(0)
            step = int(mean * np.float32(n_steps))
            row = row * n_steps + min(max(step, 0), n_steps - 1)
        if not complete:
            row = n_colors - 1
        if len(tables):
            row += max(tables[p], 0) * n_colors
        found[p] = row
