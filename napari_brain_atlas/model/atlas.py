"""The atlas: everything that was measured, frozen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

UnitName = Literal["um", "mm", "px"]


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of the coordinates in the file, and how it is known.

    Attributes
    ----------
    name : {"um", "mm", "px"}
        "px" stands for any unit whose size in micrometres is not known.
    to_um : float
        Micrometres per file unit; 1.0 for "px".
    evidence : str
        Where the unit was read, in words for the user.
    """

    name: UnitName
    to_um: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Section:
    """One tissue slice: a slice of every per-cell array of the atlas.

    Attributes
    ----------
    index : int
        Rank in the atlas: animal by animal, anterior to posterior.
    name : str
    animal : str
    position : float or None
        Position along the anterior-posterior axis in mm as the file gives it
        (bregma, or the z of the ABC Atlas); larger is more anterior.
    start, stop : int
        The section's cells are ``start:stop`` in atlas order.
    """

    index: int
    name: str
    animal: str
    position: float | None
    start: int
    stop: int

    @property
    def cells(self) -> slice:
        """The section's slice of every per-cell array."""
        return slice(self.start, self.stop)

    @property
    def n_cells(self) -> int:
        """Number of cells on the section."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Column:
    """One categorical value per cell.

    Attributes
    ----------
    codes : (n_cells,) int32
        Index into `names`, -1 where missing; in atlas order.
    names : tuple of str
    """

    codes: NDArray[np.int32]
    names: tuple[str, ...]


class Measurements(Protocol):
    """What stays in the file until it is asked for. Arrays come in atlas order."""

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the obs columns."""

    @property
    def genes(self) -> tuple[str, ...]:
        """Names of the measured genes, in the order of the file."""

    def column(self, name: str) -> Column:
        """Read a column as categories. Raises InputError if there is none."""

    def numbers(self, name: str) -> NDArray[np.float32]:
        """Read a numeric column, (n_cells,). Raises InputError if there is none."""

    def is_numeric(self, name: str) -> bool:
        """Whether a column holds numbers in the file. Raises InputError if there is none."""

    def colors(self, name: str) -> tuple[str, ...]:
        """Colours of the categories of a column in ``uns["<name>_colors"]``; empty without."""

    def embedding(self, key: str) -> NDArray[np.float32]:
        """Read an obsm array, (n_cells, d). Raises InputError if there is none."""

    def embedding_widths(self) -> dict[str, int]:
        """Numbers of columns of the obsm arrays by name."""

    def gene(self, name: str) -> NDArray[np.float32]:
        """Read one gene, (n_cells,). Raises InputError if there is none."""

    def expression(self, section: Section) -> sparse.csr_matrix[Any]:
        """Read the expression of one section, (section.n_cells, n_genes) float32."""


@dataclass(frozen=True)
class Atlas:
    """Cells on sections, as measured. Never changes.

    Cells are held in atlas order: section after section, within a section in
    file order.

    Attributes
    ----------
    sections : tuple of Section
        By animal, then anterior to posterior.
    xy : (n_cells, 2) float32
        Centroids in µm (or px, see `unit`), (x, y), y downwards as in the file.
    file_positions : (n_cells,) int64
        Row of each cell in the file.
    unit : Unit
    fingerprint : str
        Hash of number, names, sections and coordinates of the cells.
    measurements : Measurements
        Columns and expression, read when asked for.
    cell_type : str or None
        The obs column that holds cell types, where one was found.
    """

    sections: tuple[Section, ...]
    xy: NDArray[np.float32]
    file_positions: NDArray[np.int64]
    unit: Unit
    fingerprint: str
    measurements: Measurements = field(repr=False)
    cell_type: str | None = None

    def __post_init__(self) -> None:
        self.xy.flags.writeable = False
        self.file_positions.flags.writeable = False

    @property
    def n_cells(self) -> int:
        """Number of cells on all sections."""
        return len(self.xy)

    @property
    def animals(self) -> tuple[str, ...]:
        """Names of the animals, in the order of their sections."""
        return tuple(dict.fromkeys(s.animal for s in self.sections))

    @property
    def genes(self) -> tuple[str, ...]:
        """Names of the measured genes."""
        return self.measurements.genes

    @cached_property
    def atlas_positions(self) -> NDArray[np.int64]:
        """Atlas order of each row of the file, (n_cells,); inverse of `file_positions`."""
        inverse = np.empty(self.n_cells, np.int64)
        inverse[self.file_positions] = np.arange(self.n_cells)
        inverse.flags.writeable = False
        return inverse

    @cached_property
    def section_starts(self) -> NDArray[np.int64]:
        """First cell of each section, and the number of cells at the end."""
        return np.array([s.start for s in self.sections] + [self.n_cells], np.int64)

    @cached_property
    def section_numbers(self) -> NDArray[np.int64]:
        """Rank of each section by its first cell in the file, (n_sections,)."""
        # Within a section cells keep the order of the file, so its first cell
        # in atlas order is its first in the file.
        firsts = self.file_positions[self.section_starts[:-1]]
        return np.argsort(np.argsort(firsts))

    def section_of(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Section index of cells given in atlas order."""
        return np.searchsorted(self.section_starts, cells, side="right") - 1

    def __iter__(self) -> Iterator[Section]:
        return iter(self.sections)
