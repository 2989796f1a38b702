"""Reads what cells are coloured by: columns, genes, references. No Qt."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.gui.colors import PERCENTS, Categories, ColorBy, Kept, Numbers, Painted
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.palette import new_color

KEPT_BYTES = 256_000_000
REFERENCES = ("reference_region", "parcellation_structure", "region")
"""Columns that hold regions of a reference, by how they are usually called."""
FEW_NUMBERS = 24
"""Whole numbers of so few kinds are labels: clusters, batches."""
LEVELS = 255
_SAMPLE = 1_000_000
_COLORS = 256
"""Categories beyond this number get the first colours again."""


class ColorSources:
    """Columns and genes of an atlas in the form that they are drawn from.

    What was read stays, up to a bound; one thread at a time may read.
    """

    def __init__(self, atlas: Atlas, n_bytes: int = KEPT_BYTES) -> None:
        self._atlas = atlas
        self._kept = Kept(n_bytes)

    def painted(self, by: ColorBy, reference: str | None = None) -> Painted:
        """Read what is wanted.

        Parameters
        ----------
        by : ColorBy
        reference : str, optional
            Column whose boundaries are drawn.

        Raises
        ------
        InputError
            If there is no such column or gene.
        """
        regions = self.categories(reference) if reference else None
        if by.kind == "genes":
            return Painted(by, numbers=tuple(self.gene(n) for n in by.names), reference=regions)
        if by.kind == "column":
            found = self.column(by.names[0])
            if isinstance(found, Categories):
                return Painted(by, found, reference=regions)
            return Painted(by, numbers=(found,), reference=regions)
        return Painted(by, reference=regions)

    def at_hand(self, by: ColorBy, reference: str | None = None) -> bool:
        """Whether it needs no reading."""
        wanted = [("categories", reference)] if reference else []
        if by.kind == "genes":
            wanted += [("gene", name) for name in by.names]
        elif by.kind == "column":
            wanted += [("column", by.names[0])]
        return all(key in self._kept for key in wanted)

    def column(self, name: str) -> Categories | Numbers:
        """A column as categories or as numbers, as the file has it.

        Whole numbers of few kinds are taken for labels.
        """
        found = self._kept.get(("column", name), lambda: self._read_column(name), _size)
        assert isinstance(found, Categories | Numbers)
        return found

    def categories(self, name: str) -> Categories:
        """A column as categories, whatever it holds."""
        found = self._kept.get(("categories", name), lambda: self._read_categories(name), _size)
        assert isinstance(found, Categories)
        return found

    def gene(self, name: str) -> Numbers:
        """Expression of one gene."""
        read = self._atlas.measurements.gene
        found = self._kept.get(("gene", name), lambda: in_levels(name, read(name)), _size)
        assert isinstance(found, Numbers)
        return found

    def _read_column(self, name: str) -> Categories | Numbers:
        measured = self._atlas.measurements
        if not measured.is_numeric(name):
            return self.categories(name)
        values = measured.numbers(name)
        return self.categories(name) if _are_labels(values) else in_levels(name, values)

    def _read_categories(self, name: str) -> Categories:
        measured = self._atlas.measurements
        column, given = measured.column(name), measured.colors(name)
        colors = given if len(given) == len(column.names) else category_colors(len(column.names))
        return Categories(name, column.codes, column.names, colors)


def reference_columns(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some columns that hold regions of a reference, the likeliest first."""
    return tuple(name for name in REFERENCES if name in names)


def in_levels(name: str, values: NDArray[np.float32]) -> Numbers:
    """Numbers in few levels that follow how they are spread.

    Parameters
    ----------
    values : (n_cells,) float32
        NaN where missing; infinite ones count as missing.
    """
    known = np.isfinite(values)
    found = _sampled(values[known])
    edges = _edges(found)
    codes = np.zeros(len(values), np.uint16)
    codes[known] = np.searchsorted(edges, values[known], side="right") + 1
    sums = np.bincount(codes, weights=np.where(known, values, 0), minlength=len(edges) + 2)
    counts = np.bincount(codes, minlength=len(edges) + 2)
    levels = np.full(len(counts), np.nan, np.float32)
    levels[1:] = sums[1:] / np.maximum(counts[1:], 1)
    return Numbers(name, codes, levels, _percentiles(found))


@lru_cache(maxsize=8)
def category_colors(n: int) -> tuple[str, ...]:
    """Colours of categories in their order: none is grey, and more categories change none."""
    chosen: list[str] = []
    while len(chosen) < min(n, _COLORS):
        chosen.append(new_color(chosen))
    return tuple(chosen[i % _COLORS] for i in range(n))


def _sampled(values: NDArray[np.float32]) -> NDArray[np.float32]:
    step = max(len(values) // _SAMPLE, 1)
    return np.sort(values[::step])


def _edges(ordered: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where levels end; each kind of number has its own where there are few."""
    kinds = np.unique(ordered)
    if len(kinds) <= LEVELS:
        return kinds[1:]
    # Half of the levels by rank, half by size: neither crowd nor tail is coarse.
    by_rank = ordered[np.linspace(0, len(ordered) - 1, LEVELS // 2).astype(np.int64)]
    by_size = np.linspace(ordered[0], ordered[-1], LEVELS // 2)
    return np.unique(np.concatenate([by_rank, by_size]).astype(np.float32))[1:]


def _percentiles(ordered: NDArray[np.float32]) -> NDArray[np.float32]:
    if not len(ordered):
        return np.zeros(len(PERCENTS), np.float32)
    zeros = int(np.searchsorted(ordered, 0, side="right"))
    if ordered[0] == 0 and len(ordered) / 2 < zeros < len(ordered):
        found = np.percentile(ordered[zeros:], PERCENTS)
        found[0] = 0
    else:
        found = np.percentile(ordered, PERCENTS)
    return found.astype(np.float32)


def _are_labels(values: NDArray[np.float32]) -> bool:
    kinds = np.unique(values[np.isfinite(values)])
    return 0 < len(kinds) <= FEW_NUMBERS and bool((kinds == np.rint(kinds)).all())


def _size(value: Any) -> int:
    return int(value.codes.nbytes)
