"""The majority of the cells in each pixel, found again quickly when only colours change.

Where pixels hold many cells, these are looked at once: nearly all pixels hold
one code only, and then any grouping of codes is a look-up. The cells of the
others are kept sorted by pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_brain_atlas.compute.bands import Buffers, bands_of, in_bands
from napari_brain_atlas.compute.binning import NOTHING, Bins, Codes, majorities

MANY = 2.0
"""Cells a pixel, from which looking at them once is worth it."""
_MIXED = -2
_Mixed = tuple[NDArray[np.int32], NDArray[np.int32], Codes]
"""Pixels of a band that hold several codes; where the codes of each end; these codes."""


class Levels(NamedTuple):
    """Numbers of codes, codes of cells, and so numbers of cells."""

    of_codes: NDArray[np.float32]
    codes: Codes
    of_cells: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Sorted:
    """The code of each pixel, `_MIXED` or below where there are several; those by band."""

    codes: Codes
    mixed: dict[int, _Mixed]


class PixelMajorities:
    """Majorities of the cells in pixels, for one view and the codes of its cells.

    Parameters
    ----------
    bins : Bins
    codes : (n_cells,) int32
        Of all cells, in the order of the grid.
    buffers : Buffers
        Hold what is found until the next view.
    """

    def __init__(self, bins: Bins, codes: Codes, buffers: Buffers) -> None:
        self.bins, self.codes, self._buffers = bins, codes, buffers
        n_cells = sum(map(len, bins.pixels.values()))
        self._crowded = n_cells > MANY * bins.counts.size
        self._sorted: _Sorted | None = None

    def of(self, groups: Codes, name: str) -> Codes:
        """As :func:`binning.majorities` finds them, (height * width,) int32."""
        if not self._crowded:
            return majorities(self.bins, self.codes, groups, self._buffers, name)
        if self._sorted is None:
            self._sorted = self._sort()
        return self._looked_up(self._sorted, np.require(groups, np.int32, ["C", "W"]), name)

    def _sort(self) -> _Sorted:
        bins, (height, width) = self.bins, self.bins.counts.shape
        found = _Sorted(self._buffers.take("pixel codes", (height * width,), np.int32), {})

        def work(first: int, stop: int) -> None:
            part = found.codes[first * width : stop * width]
            counts = bins.counts[first:stop].ravel()
            given = bins.pixels[first], bins.cells[first], self.codes
            found.mixed[first] = _sort(*given, counts, part)

        in_bands(work, height)
        return found

    def _looked_up(self, known: _Sorted, groups: Codes, name: str) -> Codes:
        height, width = self.bins.counts.shape
        won: Codes = self._buffers.take(name, (height * width,), np.int32)
        n_groups = int(groups.max(initial=0)) + 1

        def work(first: int, stop: int) -> None:
            part = slice(first * width, stop * width)
            counts = np.zeros(n_groups, np.int32)
            _look_up(known.codes[part], *known.mixed[first], groups, counts, won[part])

        assert len(known.mixed) == len(bands_of(height))
        in_bands(work, height)
        return won


def majorities_of(
    bins: Bins | None, codes: Codes, buffers: Buffers, known: PixelMajorities | None
) -> PixelMajorities | None:
    """Majorities for a view; those that are known where view and codes are the same."""
    if bins is None or (known is not None and known.bins is bins and known.codes is codes):
        return known if bins is not None else None
    return PixelMajorities(bins, codes, buffers)


@njit(cache=True, nogil=True)
def _sort(pixels, cells, codes, counts, found):  # type: ignore[no-untyped-def]
    found[:] = NOTHING
    n_mixed, n_entries = 0, 0
    for s in range(len(pixels)):
        p, code = pixels[s], codes[cells[s]]
        if found[p] == NOTHING:
            found[p] = code
        elif found[p] != code and found[p] != _MIXED:
            found[p] = _MIXED
            n_mixed += 1
            n_entries += counts[p]
    places, ends = np.empty(n_mixed, np.int32), np.empty(n_mixed, np.int32)
    entries = np.empty(n_entries, np.int32)
    if not n_mixed:
        return places, ends, entries
    k, start = 0, 0
    for p in range(len(found)):
        if found[p] == _MIXED:
            places[k], ends[k] = p, start
            start += counts[p]
            found[p] = _MIXED - k
            k += 1
    for s in range(len(pixels)):
        k = _MIXED - found[pixels[s]]
        if k >= 0:
            # Filled from the start on, which leaves the ends.
            entries[ends[k]] = codes[cells[s]]
            ends[k] += 1
    return places, ends, entries


@njit(cache=True, nogil=True)
def _look_up(codes, places, ends, entries, groups, counts, won):  # type: ignore[no-untyped-def]
    for p in range(len(codes)):
        won[p] = groups[codes[p]] if codes[p] >= 0 else NOTHING
    start = 0
    for k in range(len(places)):
        best, most = 0, 0
        for s in range(start, ends[k]):
            group = groups[entries[s]]
            counts[group] += 1
            if counts[group] > most or (counts[group] == most and group < best):
                most, best = counts[group], group
        for s in range(start, ends[k]):
            counts[groups[entries[s]]] = 0
        won[places[k]] = best
        start = ends[k]
