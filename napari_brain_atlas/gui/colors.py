"""What cells can be coloured by, as values. No Qt."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["neighborhood", "column", "genes", "confidence"]
Limits = tuple[float, float]
USUAL: Limits = (0.0, 99.0)
"""Percentiles that contrast starts with: a few very bright cells must not darken all others."""
PERCENTS = np.linspace(0.0, 100.0, 1001)
CHANNELS = 3


@dataclass(frozen=True, slots=True)
class ColorBy:
    """What the user wants cells to be coloured by.

    Attributes
    ----------
    kind : {"neighborhood", "column", "genes", "confidence"}
        Cell types and reference regions are columns.
    names : tuple of str
        The column, or one to three genes.
    """

    kind: Kind = "neighborhood"
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shading:
    """How numbers become colours.

    Attributes
    ----------
    limits : tuple of (float, float)
        Percentiles that get the first and the last colour, one pair for each channel.
    map : str
        Name of the colours, see `color_maps`; for one number only.
    """

    limits: tuple[Limits, ...] = (USUAL,) * CHANNELS
    map: str = "viridis"


BY_NEIGHBORHOOD = ColorBy()
USUALLY = Shading()


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """A column of categories.

    Attributes
    ----------
    column : str
    codes : (n_cells,) int32
        In atlas order, -1 where missing.
    names, colors : tuple of str
        Colours as ``#rrggbb``.
    """

    column: str
    codes: NDArray[np.int32]
    names: tuple[str, ...]
    colors: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A number for every cell, in few levels.

    Attributes
    ----------
    name : str
    codes : (n_cells,) uint16
        Level, in atlas order; 0 where missing.
    levels : (n_levels,) float32
        Mean of the cells of a level; NaN for level 0.
    percentiles : (1001,) float32
        The number at each of `PERCENTS`. Where most cells have zero and none
        has less, of the others only, beginning at zero.
    """

    name: str
    codes: NDArray[np.uint16]
    levels: NDArray[np.float32]
    percentiles: NDArray[np.float32]

    def at(self, limits: Limits) -> Limits:
        """The numbers at two percentiles."""
        low, high = np.interp(limits, PERCENTS, self.percentiles)
        return float(low), float(high)

    def share(self, limits: Limits) -> NDArray[np.float32]:
        """Where levels lie between the limits, 0 to 1, NaN where missing, (n_levels,)."""
        low, high = self.at(limits)
        if high <= low:
            above = np.where(np.isnan(self.levels), np.nan, self.levels > low)
        else:
            above = np.clip((self.levels - low) / (high - low), 0, 1)
        return np.asarray(above, np.float32)


class Kept:
    """What was computed, the oldest forgotten once all are larger than a bound. For any thread."""

    def __init__(self, n_bytes: int) -> None:
        self._bound = n_bytes
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any], size: Callable[[Any], int]) -> Any:
        """The value of a key, made where it is not there; `size` tells its bytes."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key][0]
        value = make()
        with self._lock:
            self._values[key] = value, size(value)
            while len(self._values) > 1 and self.n_bytes > self._bound:
                self._values.popitem(last=False)
        return value

    @property
    def n_bytes(self) -> int:
        """Size of all that is kept."""
        return sum(size for _, size in self._values.values())

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """What was read from the file, ready to be drawn.

    Attributes
    ----------
    by : ColorBy
        What it is.
    categories : Categories or None
        Where `by` is a column of categories.
    numbers : tuple of Numbers
        Where `by` is a column of numbers, or genes.
    reference : Categories or None
        Whose boundaries can be drawn.
    codes : Kept
        Codes of sections, so that a change of colour does not pair them again.
    """

    by: ColorBy = BY_NEIGHBORHOOD
    categories: Categories | None = None
    numbers: tuple[Numbers, ...] = ()
    reference: Categories | None = None
    codes: Kept = field(default_factory=lambda: Kept(64_000_000), repr=False)

    @property
    def is_blend(self) -> bool:
        """Whether several numbers are blended."""
        return len(self.numbers) > 1


NEIGHBORHOODS = Painted()
