"""Which cells are clustered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.wording import count


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """Cells that were chosen by hand.

    Attributes
    ----------
    cells : (n,) int64
        In atlas order, rising. The same array means the same cells.
    """

    cells: NDArray[np.int64]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picked) and other.cells is self.cells

    def __hash__(self) -> int:
        return id(self.cells)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cells are clustered: everything, or what is in all that is named here.

    Attributes
    ----------
    neighborhoods : tuple of int
        Ids; empty for all.
    sections : tuple of int
        Indexes, rising; empty for all.
    animal : str
        Whose sections these are, where they are all of an animal; for words.
    picked : Picked or None
        Cells chosen by hand.
    """

    neighborhoods: tuple[int, ...] = ()
    sections: tuple[int, ...] = ()
    animal: str = ""
    picked: Picked | None = None

    @classmethod
    def of_animal(cls, atlas: Atlas, animal: str) -> Scope:
        """All sections of an animal."""
        sections = tuple(s.index for s in atlas.sections if s.animal == animal)
        return cls(sections=sections, animal=animal)

    def cells(self, curation: Curation, atlas: Atlas) -> NDArray[np.int64] | None:
        """The cells in scope, ascending, in atlas order; None for all.

        Raises
        ------
        CommandError
            If a neighborhood does not exist, or no cell is left.
        """
        parts = [curation.cells_of(curation.neighborhood(i).id) for i in self.neighborhoods]
        cells = np.sort(np.concatenate(parts)) if parts else None
        if self.picked is not None:
            cells = self.picked.cells if cells is None else _in_both(cells, self.picked.cells)
        if self.sections:
            slices = [atlas.sections[i].cells for i in self.sections]
            here = np.concatenate([np.arange(s.start, s.stop) for s in slices])
            cells = here if cells is None else _in_both(cells, here)
        if cells is not None and not len(cells):
            raise CommandError(f"there is no cell {self.title(curation)}; choose another scope")
        return cells

    @property
    def splits(self) -> int | None:
        """The one neighborhood whose inside this is, or is a part of."""
        return self.neighborhoods[0] if len(self.neighborhoods) == 1 else None

    def title(self, curation: Curation) -> str:
        """The scope in words."""
        told = []
        if self.picked is not None:
            told.append(f"in the {count(len(self.picked.cells), 'chosen cell')}")
        if self.neighborhoods:
            names = (curation.neighborhood(i).name for i in self.neighborhoods)
            told.append("inside " + ", ".join(names))
        if self.animal:
            told.append(f"in animal {self.animal}")
        elif self.sections:
            told.append(f"on {count(len(self.sections), 'section')}")
        return " ".join(told) or "all cells"

    def as_evidence(self, atlas: Atlas) -> dict[str, list[int] | list[str] | int] | str:
        """As it stands in the command that takes what was found."""
        found: dict[str, list[int] | list[str] | int] = {}
        if self.neighborhoods:
            found["neighborhoods"] = list(self.neighborhoods)
        if self.sections:
            found["sections"] = [atlas.sections[i].name for i in self.sections]
        if self.picked is not None:
            found["chosen_cells"] = len(self.picked.cells)
        return found or "all"


def _in_both(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.intersect1d(one, other, assume_unique=True)
