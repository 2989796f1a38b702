"""The neighborhoods of a proposal, each of which may be left out. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from napari_brain_atlas.gui.view_state import Suggested
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.workflow.parts import changes, part_of


@dataclass(frozen=True, slots=True)
class Part:
    """A neighborhood of a proposal as its list shows it.

    Attributes
    ----------
    index : int
        In the proposal.
    name, color : str
    n_cells : int
    is_new : bool
        False where it continues a present neighborhood.
    taken : bool
    """

    index: int
    name: str
    color: str
    n_cells: int
    is_new: bool
    taken: bool


def parts_of(staged: Suggested) -> tuple[Part, ...]:
    """All that was found, the largest first."""
    found = staged.found
    # Label -1, what would be unassigned, comes first.
    sizes = np.bincount(found.labels + 1, minlength=len(found.neighborhoods) + 1)[1:].tolist()
    parts = [
        Part(i, n.name, n.color, sizes[i], n.continues is None, i not in staged.left_out)
        for i, n in enumerate(found.neighborhoods)
    ]
    return tuple(sorted(parts, key=lambda part: (-part.n_cells, part.index)))


def leaving_out(staged: Suggested, left_out: Iterable[int], atlas: Atlas) -> Suggested:
    """The same proposal without some of its neighborhoods."""
    left, found = frozenset(left_out), staged.found
    if not left:
        return Suggested(found, staged.scope)
    taken = [i for i in range(len(found.neighborhoods)) if i not in left]
    return Suggested(part_of(found, taken, atlas), staged.scope, found, left)


def rest_of(staged: Suggested, atlas: Atlas, curation: Curation) -> Suggested | None:
    """What still waits when a part has been taken; None where nothing would change by it."""
    if not staged.left_out:
        return None
    rest = Suggested(part_of(staged.found, staged.left_out, atlas), staged.scope)
    return rest if changes(rest.proposal, atlas, curation) else None


def part_at(staged: Suggested, cell: int) -> int | None:
    """The neighborhood that is found for a cell, given by its place in the atlas."""
    found = staged.found
    row = cell
    if found.cells is not None:
        row = int(np.searchsorted(found.cells, cell))
        if row == len(found.cells) or found.cells[row] != cell:
            return None
    label = int(found.labels[row])
    return label if label >= 0 else None


def section_of_part(staged: Suggested, index: int, atlas: Atlas) -> int:
    """The section on which a found neighborhood has most cells."""
    rows = np.flatnonzero(staged.found.labels == index)
    cells = rows if staged.found.cells is None else staged.found.cells[rows]
    sections = np.searchsorted(atlas.section_starts, cells, side="right") - 1
    return int(np.bincount(sections).argmax())
