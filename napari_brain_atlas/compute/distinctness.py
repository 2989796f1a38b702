"""By how much the cells of a part differ themselves from those of the region's other parts.

Neighborhoods are found by what surrounds a cell, so a piece of a uniform region that lies
beside another region comes out as one of its own, and comes back however often one looks.
What tells it from a true part are its own cells: they are those of the other parts, too.

A part and the others are told apart by one direction, learned in one half of the data and
measured in the other (cross-validated as in Walther et al. 2016), so that cells that were
chosen for their difference do not seem different: they differ in the half alone where they
were chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.compute.expression import (
    expression_scale,
    finite_expression,
    log_normalized,
)
from napari_brain_atlas.compute.patches import half_of_tissue
from napari_brain_atlas.compute.sums import Sums, animal_of_sections
from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.model.progress import Progress, silent

LARGE = 0.8
"""A large effect, by the convention of Cohen (1988)."""
FEWEST = 10
"""Fewer cells in a half tell nothing."""
Features = Callable[[Section], "sparse.csr_matrix[Any]"]
Table = NDArray[np.float64]


def halves_of(atlas: Atlas, seed: int = 0) -> NDArray[np.int64]:
    """Which half of the data each cell is in, 0 or 1: every other animal, or patch of tissue.

    Patches are drawn where there is one animal (:func:`half_of_tissue`).
    """
    if len(atlas.animals) > 1:
        cells = [section.n_cells for section in atlas]
        return np.repeat(animal_of_sections(atlas) % 2, cells)
    return half_of_tissue(atlas, np.random.default_rng(seed)).astype(np.int64)


def distinctness(
    atlas: Atlas,
    parts: NDArray[np.int32],
    halves: NDArray[np.int64],
    region_of_part: NDArray[np.int64],
    sums: Sums,
    progress: Progress = silent,
) -> NDArray[np.float64]:
    """How far the cells of each part lie from those of its region's other parts, as d'.

    By their cell types where these are known, by their expression otherwise. Each type, or
    gene, counts by the difference of its means over its variance; what comes of a cell is
    compared in the other half: the difference of the means over the spread. The mean of
    both directions is told.

    Parameters
    ----------
    parts : (n_cells,) int32
        Part of each cell; -1 is in none.
    halves : (n_cells,) int64
        0 or 1.
    region_of_part : (n_parts,) int64
        Ascending, 0 to n_regions - 1.
    sums : Sums
        Of the parts in each half: row 2 × part + half.

    Returns
    -------
    (n_parts,) float64
        About 0 where cells do not differ; NaN where a half has fewer than ten cells of the
        part or of the others, or where neither cell types nor expression are known.
    """
    n_parts = len(region_of_part)
    if sums.basis == "none" or not n_parts:
        return np.full(n_parts, np.nan)
    ways = _directions(sums, region_of_part)
    own, rest = np.zeros((2, n_parts, 2, 3))
    features = _types(atlas) if sums.basis == "cell types" else _expression(atlas)
    for section in atlas:
        progress("Comparing cells", section.start / max(atlas.n_cells, 1))
        _measure(_Cells(
            features(section), parts[section.cells], halves[section.cells], region_of_part,
        ), ways, own, rest)  # fmt: skip
    return _told(own, rest)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of a section."""

    features: sparse.csr_matrix[Any]
    parts: NDArray[np.int32]
    halves: NDArray[np.int64]
    region_of_part: NDArray[np.int64]

    def regions(self) -> Iterator[tuple[NDArray[np.intp], slice]]:
        """The cells of each region here, in each half, and the region's parts."""
        there = np.flatnonzero(self.parts >= 0)
        regions = self.region_of_part[self.parts[there]]
        for region in np.unique(regions).tolist():
            first, last = np.searchsorted(self.region_of_part, [region, region + 1])
            yield there[regions == region], slice(int(first), int(last))


def _directions(sums: Sums, region_of_part: NDArray[np.int64]) -> Table:
    """Weights of the features for each part, learned in each half, (2, n_parts, n_features)."""
    typed = sums.basis == "cell types"
    values = (sums.types if typed else sums.expression).sum(axis=1)[:-1]
    squares = values if typed else sums.squares[:-1]
    cells = sums.cells.sum(axis=1)[:-1, None].astype(np.float64)
    n_regions = int(region_of_part[-1]) + 1
    ways = np.zeros((2, len(region_of_part), values.shape[1]))
    for half in (0, 1):
        own, squared, n = values[half::2], squares[half::2], cells[half::2]
        all_of = [_by_region(t, region_of_part, n_regions) for t in (own, squared, n)]
        whole, squared, every = (t[region_of_part] for t in all_of)
        mean = whole / np.maximum(every, 1)
        variance = squared / np.maximum(every, 1) - mean**2
        apart = own / np.maximum(n, 1) - (whole - own) / np.maximum(every - n, 1)
        # What hardly varies in the region would count for more than it tells.
        floor = 0.01 * variance.max(axis=1, keepdims=True)
        ways[half] = apart / np.maximum(np.maximum(variance, floor), 1e-12)
    return ways


def _by_region(table: Table, regions: NDArray[np.int64], n_regions: int) -> Table:
    out = np.zeros((n_regions, table.shape[1]))
    np.add.at(out, regions, table)
    return out


def _measure(cells: _Cells, ways: Table, own: Table, rest: Table) -> None:
    """Add number, sum and squares of what comes of each cell by the other half's direction."""
    for at, several in cells.regions():
        for half in (0, 1):
            here = at[cells.halves[at] == half]
            if not len(here):
                continue
            scores = np.asarray(cells.features[here] @ ways[1 - half, several].T)
            mine = cells.parts[here, None] == np.arange(several.start, several.stop)
            for sums, counted in ((own, mine), (rest, ~mine)):
                moments = [(counted * scores**p).sum(axis=0) for p in (0, 1, 2)]
                sums[several, half] += np.stack(moments, axis=1)


def _told(own: Table, rest: Table) -> NDArray[np.float64]:
    counts = np.minimum(own[..., 0], rest[..., 0])
    (mean, variance), (other, varies) = _moments(own), _moments(rest)
    spread = np.sqrt((variance + varies) / 2)
    apart = np.divide(mean - other, spread, out=np.zeros_like(spread), where=spread > 1e-9)
    return np.asarray(np.where((counts >= FEWEST).all(axis=1), apart.mean(axis=1), np.nan))


def _moments(sums: Table) -> tuple[Table, Table]:
    n = np.maximum(sums[..., 0], 1)
    mean = sums[..., 1] / n
    return mean, np.maximum(sums[..., 2] / n - mean**2, 0)


def _types(atlas: Atlas) -> Features:
    if atlas.cell_type is None:
        return lambda section: finite_expression(atlas, section)
    column = atlas.measurements.column(atlas.cell_type)

    def one_hot(section: Section) -> sparse.csr_matrix[Any]:
        codes = column.codes[section.cells]
        known = np.flatnonzero(codes >= 0)
        ones = np.ones(len(known), np.float32)
        shape = (len(codes), len(column.names))
        return sparse.csr_matrix((ones, (known, codes[known])), shape=shape)

    return one_hot


def _expression(atlas: Atlas) -> Features:
    scale = expression_scale(atlas)
    return lambda section: log_normalized(finite_expression(atlas, section), scale)
