"""Where the selected neighborhoods are, on whichever section. No Qt."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.gui.arranging import with_members
from napari_brain_atlas.model.curation import Curation


def largest_section(curation: Curation, identities: Collection[int]) -> int | None:
    """Index of the section with most cells of these neighborhoods and all under them.

    Returns
    -------
    int or None
        The first of equal ones; None if no section has any.
    """
    known = [i for i in identities if i in curation.neighborhoods]
    under = np.array(with_members(curation, known), np.int64)
    here = curation.counts[curation.ids.searchsorted(under)].sum(axis=0)
    return int(here.argmax()) if here.any() else None


def cells_on(curation: Curation, section: int, identities: Collection[int]) -> NDArray[np.bool_]:
    """Which cells of a section are of these neighborhoods or of one under them, (n_cells,)."""
    return np.isin(curation.owners_on(section), with_members(curation, identities))
