"""What is known of the cell under the pointer, in words. No Qt."""

from __future__ import annotations

import math
from functools import cached_property

from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.gui.colors import NEIGHBORHOODS, Categories, Numbers, Painted
from napari_brain_atlas.gui.legend import told_number
from napari_brain_atlas.model.atlas import Atlas, Column
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.partition import UNKNOWN_CONFIDENCE


class Inspection:
    """Tells cells of an atlas in words; reads the column of cell types once."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas

    def sentence(
        self, curation: Curation, section: int, cell: int, painted: Painted = NEIGHBORHOODS
    ) -> str:
        """``cell 182,941 · CA1 (0.93) · 016 CA1-ProS Glut · Calb1 4``.

        Parameters
        ----------
        cell : int
            Rank within the section.
        painted : Painted
            What cells are coloured by, told last.
        """
        in_atlas = self._atlas.sections[section].start + cell
        row = int(self._atlas.file_positions[in_atlas])
        words = [f"cell {row:,}", self._placed(curation, section, cell), self._type(in_atlas)]
        words += self._shown(painted, in_atlas)
        return " · ".join(filter(None, words))

    def owner(self, curation: Curation, section: int, cell: int) -> int:
        """Neighborhood of a cell, given by its rank within the section."""
        return int(curation.owners[curation.partition.sections[section].fragments[cell]])

    def _placed(self, curation: Curation, section: int, cell: int) -> str:
        identity = self.owner(curation, section, cell)
        name = curation.neighborhood(identity).name
        confidence = _confidence(curation, section, cell)
        if identity == UNASSIGNED or math.isnan(confidence):
            return name
        return f"{name} ({confidence:.2f})"

    def _shown(self, painted: Painted, cell: int) -> list[str]:
        shown = painted.categories
        told = [f"{n.name} {_number(n, cell)}" for n in painted.numbers]
        if shown is not None and shown.column != self._atlas.cell_type:
            told.append(f"{shown.column} {_category(shown, cell)}")
        region = painted.reference
        if region is not None and region is not shown and region.column != self._atlas.cell_type:
            told.append(f"{region.column} {_category(region, cell)}")
        return told

    def _type(self, cell: int) -> str:
        if self._types is None:
            return ""
        code = int(self._types.codes[cell])
        return self._types.names[code] if code >= 0 else ""

    @cached_property
    def _types(self) -> Column | None:
        if self._atlas.cell_type is None:
            return None
        try:
            return self._atlas.measurements.column(self._atlas.cell_type)
        except BrainAtlasError:
            # The file changed under the window; the tissue is still worth showing.
            return None


def _category(shown: Categories, cell: int) -> str:
    code = int(shown.codes[cell])
    return shown.names[code] if code >= 0 else "missing"


def _number(numbers: Numbers, cell: int) -> str:
    level = int(numbers.codes[cell])
    return told_number(float(numbers.levels[level])) if level else "missing"


def _confidence(curation: Curation, section: int, cell: int) -> float:
    part = curation.partition.sections[section]
    stored = int(part.confidence[cell])
    if stored == UNKNOWN_CONFIDENCE or curation.by_hand[part.fragments[cell]]:
        return math.nan
    return stored / 254
