"""What a split needs: that the cells can leave, and what they become."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation, owners_of
from napari_brain_atlas.model.neighborhood import UNASSIGNED, Neighborhood
from napari_brain_atlas.model.palette import new_color


def require_separable(
    curation: Curation,
    atlas: Atlas,
    origin: Neighborhood,
    parts: Sequence[NDArray[np.int64]],
    leaving: NDArray[np.int64],
) -> None:
    """Refuse parts that are empty, overlap, or are not all in `origin`, or leave nothing of it.

    Parameters
    ----------
    parts : sequence of (n,) int64
        Cells that leave, in atlas order.
    leaving : (n,) int64
        All of them, sorted.

    Raises
    ------
    CommandError
    """
    if not parts or not all(len(part) for part in parts):
        raise CommandError("every part of a split needs at least one cell")
    if np.any(np.diff(leaving) == 0):
        raise CommandError("the parts of a split share cells")
    strangers = int(np.count_nonzero(owners_of(curation, leaving, atlas) != origin.id))
    if strangers:
        raise CommandError(
            f"{strangers:,} of the {len(leaving):,} cells are not in neighborhood "
            f"{origin.id} ({origin.name})"
        )
    if origin.id != UNASSIGNED and len(leaving) == curation.n_cells(origin.id):
        raise CommandError(
            f"nothing would stay in neighborhood {origin.id} ({origin.name}); leave some of its "
            f"{len(leaving):,} cells out"
        )


def child_of(
    origin: Neighborhood, curation: Curation, name: str | None, color: str | None
) -> Neighborhood:
    """The neighborhood that cells leaving `origin` become.

    Without a name it is called after its origin (``CA1.1``), without a colour
    it gets one that looks least like those in use. It is grouped where its
    origin is.
    """
    stem = "new" if origin.id == UNASSIGNED else origin.name
    return Neighborhood(
        id=curation.next_id,
        name=name or free_name(curation, stem),
        color=color or free_color(curation),
        parent=origin.parent,
    )


def free_name(curation: Curation, stem: str) -> str:
    """A name that nobody has: ``CA1.1``."""
    names = {n.name for n in curation.neighborhoods.values()}
    free = (f"{stem}.{i}" for i in range(1, len(names) + 2))
    return next(candidate for candidate in free if candidate not in names)


def free_color(curation: Curation) -> str:
    """A colour that looks least like those in use."""
    return new_color([n.color for n in curation.neighborhoods.values()])
