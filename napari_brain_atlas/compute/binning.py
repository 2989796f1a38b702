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


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """The codes of the cells in each pixel, band by band.

    Attributes
    ----------
    counts : (height, width) int32
        Cells in each pixel.
    ends : dict of int to (n_pixels_of_band,) int32
        By the first row of a band: where the codes of each of its pixels end.
    entries : dict of int to (n_cells_of_band,) int32
        The codes, pixel after pixel.
    """

    counts: NDArray[np.int32]
    ends: dict[int, NDArray[np.int32]]
    entries: dict[int, Codes]


def bin_cells(grid: CellGrid, view: View, codes: Codes, buffers: Buffers) -> Bins:
    """Sort the codes of the cells in view by pixel.

    Parameters
    ----------
    codes : (n_cells,) int32
        In the order of the grid.
    buffers : Buffers
        Hold the result until the next call.
    """
    counts = buffers.take("counts", (view.height, view.width), np.int32)
    bins = Bins(counts, {}, {})
    boxes, matrix = grid.boxes, view.floats
    # By rank: first rows change with every height, and their memory would be kept for good.
    ranks = {first: rank for rank, (first, _) in enumerate(bands_of(view.height))}

    def work(first: int, stop: int) -> None:
        rank, n_pixels = ranks[first], (stop - first) * view.width
        ends, at = (buffers.take(f"{n} {rank}", (n_pixels,), np.int32) for n in ("ends", "at"))
        n = _count(grid.xy, *boxes, matrix, first, counts[first:stop], ends, at)
        entries = buffers.take(f"entries {rank}", (n,), np.int32)
        _fill(grid.xy, *boxes, matrix, first, view.width, codes, at, entries)
        bins.ends[first], bins.entries[first] = ends, entries

    in_bands(work, view.height)
    return bins


def majorities(bins: Bins, groups: Codes, buffers: Buffers, name: str) -> Codes:
    """The group that most of the cells in a pixel belong to.

    Parameters
    ----------
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
        _majorities(bins.ends[first], bins.entries[first], groups, counts, part)

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
    levels : (n_codes, k) float32
        Numbers of each code, 0 to 1; NaN where missing, and then left out.
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

    def work(first: int, stop: int) -> None:
        part = slice(first * width, stop * width)
        given = bins.ends[first], bins.entries[first], levels
        _mean_rows(*given, *steps, chosen[part], found[part])

    in_bands(work, height)
    return found


# Both run over the cells and must place each in the same pixel, whatever the band: hence in
# double precision, without fastmath, and with whole rows taken off at the end.
@njit(cache=True, nogil=True)
def _count(xy, starts, n_columns, x0, y0, side, matrix, first, counts, ends, at):  # type: ignore[no-untyped-def]
    a, b, c, d, e, f = matrix
    hx, hy = (abs(a) + abs(b)) * side / 2 + 1, (abs(d) + abs(e)) * side / 2 + 1
    rows, width = counts.shape
    counts[:] = 0
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
            for k in range(starts[box], starts[box + 1]):
                column = int(np.floor(a * xy[k, 0] + b * xy[k, 1] + c))
                row = int(np.floor(d * xy[k, 0] + e * xy[k, 1] + f)) - first
                if 0 <= row < rows and 0 <= column < width:
                    counts[row, column] += 1
    n = 0
    for i in range(rows):
        for j in range(width):
            # Filled from here on, which leaves the ends.
            at[i * width + j] = n
            n += counts[i, j]
            ends[i * width + j] = n
    return n


@njit(cache=True, nogil=True)
def _fill(xy, starts, n_columns, x0, y0, side, matrix, first, width, codes, at, entries):  # type: ignore[no-untyped-def]
    a, b, c, d, e, f = matrix
    hx, hy = (abs(a) + abs(b)) * side / 2 + 1, (abs(d) + abs(e)) * side / 2 + 1
    rows = len(at) // width
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
            for k in range(starts[box], starts[box + 1]):
                column = int(np.floor(a * xy[k, 0] + b * xy[k, 1] + c))
                row = int(np.floor(d * xy[k, 0] + e * xy[k, 1] + f)) - first
                if 0 <= row < rows and 0 <= column < width:
                    p = row * width + column
                    entries[at[p]] = codes[k]
                    at[p] += 1


@njit(cache=True, nogil=True)
def _majorities(ends, entries, groups, counts, won):  # type: ignore[no-untyped-def]
    start = 0
    for p in range(len(won)):
        end = ends[p]
        if end == start:
            won[p] = NOTHING
            continue
        best = groups[entries[start]]
        pure = True
        for s in range(start + 1, end):
            if groups[entries[s]] != best:
                pure = False
                break
        if not pure:
            most = 0
            for s in range(start, end):
                group = groups[entries[s]]
                counts[group] += 1
                if counts[group] > most or (counts[group] == most and group < best):
                    most, best = counts[group], group
            for s in range(start, end):
                counts[groups[entries[s]]] = 0
        won[p] = best
        start = end


@njit(cache=True, nogil=True)
def _mean_rows(ends, entries, levels, n_steps, n_colors, tables, found):  # type: ignore[no-untyped-def]
    start = 0
    for p in range(len(found)):
        row, known = 0, start < ends[p]
        for channel in range(levels.shape[1] if known else 0):
            total, n = 0.0, 0
            for s in range(start, ends[p]):
                level = levels[entries[s], channel]
                if not np.isnan(level):
                    total += level
                    n += 1
            known = known and n > 0
            # In single precision, as the colours of single cells are found.
            mean = np.float32(total / n) * np.float32(n_steps) if n else np.float32(0)
            row = row * n_steps + min(max(int(mean), 0), n_steps - 1)
        if not known:
            row = n_colors - 1
        if len(tables):
            row += max(tables[p], 0) * n_colors
        found[p] = row
        start = ends[p]
