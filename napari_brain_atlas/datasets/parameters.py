"""What a phantom brain is asked to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from napari_brain_atlas.datasets.tables import table_rows
from napari_brain_atlas.errors import InputError

PHANTOM_VERSION = 1
"""What the phantom of a seed is never changes without a new number."""
CELLS_PER_SECTION = 12_000
"""Cells that a section holds when the number of sections is not given."""
FEWEST_SECTIONS, FEWEST_CELLS = 5, 1_500
"""A small phantom still gets 5 sections, unless they would fall below so many cells."""


@dataclass(frozen=True, slots=True)
class PhantomParameters:
    """Size and seed of a phantom brain.

    Attributes
    ----------
    n_cells : int
        Cells on all sections of all animals, exactly.
    n_animals : int
    n_sections : int or None
        Sections of each animal; None for about 12,000 cells on a section, so
        that a neighborhood of 50 cells has about the same size in any phantom.
    n_genes : int
        Genes measured, the first of `phantom_genes`.
    seed : int
        The same seed gives the same phantom.
    null : bool
        The same brain with the same cells, but neither cell types nor
        expression follow its substructures.

    Raises
    ------
    InputError
        If no such phantom can be made; all that is wrong is told at once.
    """

    n_cells: int
    n_animals: int = 2
    n_sections: int | None = None
    n_genes: int = 250
    seed: int = 0
    null: bool = False

    def __post_init__(self) -> None:
        if problems := list(_problems(self)):
            raise InputError("phantom", problems)

    @property
    def sections_per_animal(self) -> int:
        """Sections of each animal, given or chosen."""
        if self.n_sections is not None:
            return self.n_sections
        cells = self.n_cells // self.n_animals
        few = min(FEWEST_SECTIONS, cells // FEWEST_CELLS)
        return max(round(cells / CELLS_PER_SECTION), few, 1)


def phantom_genes(n: int | None = None) -> tuple[str, ...]:
    """First `n` gene symbols of the phantom's panel, markers of cell types before others.

    Raises
    ------
    InputError
        If the panel has fewer genes.
    """
    symbols = tuple(row["symbol"] for row in table_rows("genes.csv"))
    if n is not None and not 1 <= n <= len(symbols):
        raise InputError("phantom", [f"{n} genes asked for; give 1 to {len(symbols)}"])
    return symbols[:n]


def _problems(parameters: PhantomParameters) -> Iterator[str]:
    most = len(phantom_genes())
    for what, number in (
        ("cells", parameters.n_cells),
        ("animals", parameters.n_animals),
        ("sections", parameters.n_sections),
    ):
        if number is not None and number < 1:
            yield f"{number} {what} asked for; give at least 1"
    if not 1 <= parameters.n_genes <= most:
        yield f"{parameters.n_genes} genes asked for; give 1 to {most}"
    if parameters.seed < 0:
        yield f"the seed is {parameters.seed}; give 0 or more"
    sections = max(parameters.n_animals, 1) * max(parameters.n_sections or 1, 1)
    if 1 <= parameters.n_cells < sections:
        yield (
            f"{sections:,} sections of {parameters.n_cells:,} cells asked for; "
            "give at least one cell for each section"
        )
