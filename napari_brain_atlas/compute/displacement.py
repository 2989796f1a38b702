"""Whether cells that have the same name in two files lie at the same place in both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.cell_grid import grid_cells
from napari_brain_atlas.model.atlas import Atlas


@dataclass(frozen=True, slots=True)
class Displacement:
    """How cells lie that are in two files.

    Attributes
    ----------
    n_cells : int
        Cells in both.
    other_section : (n,) int64
        Rows of the second file of cells whose section has another name.
    elsewhere : (m,) int64 or None
        Rows of those that lie more than `spacing` from where they lay; None
        where the units of the files differ, so that nobody can tell.
    spacing, median : float
        Median distance of neighboring cells before, and how far the cells that
        lie elsewhere lie from where they lay, in the unit of the atlas.
    """

    n_cells: int
    other_section: NDArray[np.int64]
    elsewhere: NDArray[np.int64] | None
    spacing: float
    median: float


def displacement(old: Atlas, new: Atlas, rows: NDArray[np.int64]) -> Displacement:
    """Compare the places of the cells of two files.

    Parameters
    ----------
    rows : (new.n_cells,) int64
        For each row of the second file that of the first, -1 where there is none.
    """
    kept = np.flatnonzero(rows >= 0)
    before, after = old.atlas_positions[rows[kept]], new.atlas_positions[kept]
    if old.unit.name != new.unit.name:
        return Displacement(len(kept), _elsewhere_named(old, new, before, after, kept), None, 0, 0)
    moved = np.linalg.norm(new.xy[after].astype(np.float64) - old.xy[before], axis=1)
    largest = max(old.sections, key=lambda s: s.n_cells)
    spacing = grid_cells(old.xy[largest.cells]).spacing
    far = moved > spacing
    return Displacement(
        n_cells=len(kept),
        other_section=_elsewhere_named(old, new, before, after, kept),
        elsewhere=kept[far],
        spacing=spacing,
        median=float(np.median(moved[far])) if far.any() else 0.0,
    )


def _elsewhere_named(
    old: Atlas, new: Atlas, before: NDArray[np.int64], after: NDArray[np.int64],
    kept: NDArray[np.int64],
) -> NDArray[np.int64]:  # fmt: skip
    if len(old.sections) == len(new.sections) == 1:
        # Where a file names no sections its only one is called after the file.
        return np.empty(0, np.int64)
    names = {name: i for i, name in enumerate(dict.fromkeys(s.name for s in old.sections))}
    was = np.array([names[s.name] for s in old.sections])
    now = np.array([names.get(s.name, -1) for s in new.sections])
    other: NDArray[np.bool_] = was[old.section_of(before)] != now[new.section_of(after)]
    return kept[other]
