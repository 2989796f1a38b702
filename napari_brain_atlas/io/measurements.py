"""What stays in the file until it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io import obs
from napari_brain_atlas.io.store import Group, opened
from napari_brain_atlas.model.atlas import Column, Section
from napari_brain_atlas.model.genes import unknown_gene


@dataclass(frozen=True, eq=False)
class FileMeasurements:
    """The columns and the expression of one AnnData file; satisfies `Measurements`.

    The file is opened for each reading, so that it is never held open while
    somebody saves it.
    """

    path: Path
    column_names: tuple[str, ...]
    genes: tuple[str, ...]
    file_positions: NDArray[np.int64] = field(repr=False)

    @classmethod
    def of(cls, path: Path, root: Group, file_positions: NDArray[np.int64]) -> FileMeasurements:
        """Read the names of columns and genes."""
        genes = obs.gene_names(root) if obs.has_expression(root) else ()
        return cls(path, obs.column_names(root), genes, file_positions)

    def column(self, name: str) -> Column:
        """Read a column as categories. Raises InputError if there is none."""
        self._require_column(name)
        with opened(self.path) as root:
            codes, names = obs.read_categories(root, name)
        return Column(codes[self.file_positions], names)

    def numbers(self, name: str) -> NDArray[np.float32]:
        """Read a numeric column, (n_cells,). Raises InputError if there is none."""
        self._require_column(name)
        with opened(self.path) as root:
            values = obs.read_numbers(root, name)
        return values[self.file_positions].astype(np.float32)

    def is_numeric(self, name: str) -> bool:
        """Whether a column holds numbers in the file. Raises InputError if there is none."""
        self._require_column(name)
        with opened(self.path) as root:
            return obs.is_numeric(root, name)

    def colors(self, name: str) -> tuple[str, ...]:
        """Colours of the categories of a column in ``uns["<name>_colors"]``; empty without."""
        with opened(self.path) as root:
            return obs.category_colors(root, name)

    def embedding(self, key: str) -> NDArray[np.float32]:
        """Read an obsm array, (n_cells, d). Raises InputError if there is none of numbers."""
        with opened(self.path) as root:
            widths = obs.array_widths(root)
            if key not in widths:
                there = ", ".join(widths) or "none"
                odd = " of cells by columns" if key in root.get("obsm", ()) else ""
                self._refuse(f"no obsm array {key!r}{odd}; there are: {there}")
            try:
                values = obs.read_array(root, key)
            except TypeError:
                self._refuse(f"obsm array {key!r} must hold numbers only; choose another one")
        n_rows, n_cells = len(values), len(self.file_positions)
        if n_rows != n_cells:
            told = f"has {n_rows:,} rows for {n_cells:,} cells; write it again"
            self._refuse(f"obsm array {key!r} {told}")
        return values[self.file_positions]

    def embedding_widths(self) -> dict[str, int]:
        """Numbers of columns of the obsm arrays by name."""
        with opened(self.path) as root:
            return obs.array_widths(root)

    def gene(self, name: str) -> NDArray[np.float32]:
        """Read one gene, (n_cells,). Raises InputError if there is none."""
        if name not in self.genes:
            raise InputError(str(self.path), [unknown_gene(name, self.genes)])
        with opened(self.path) as root:
            values = obs.read_gene(root, self.genes.index(name))
        return values[self.file_positions]

    def expression(self, section: Section) -> sparse.csr_matrix[Any]:
        """Read the expression of one section, (section.n_cells, n_genes) float32."""
        if not self.genes:
            return sparse.csr_matrix(np.empty((section.n_cells, 0), np.float32))
        with opened(self.path) as root:
            return obs.read_rows(root, self.file_positions[section.cells])

    def _require_column(self, name: str) -> None:
        if name not in self.column_names:
            there = ", ".join(self.column_names[:20])
            raise InputError(str(self.path), [f"no obs column {name!r}; there are: {there}"])

    def _refuse(self, told: str) -> NoReturn:
        raise InputError(str(self.path), [told])
