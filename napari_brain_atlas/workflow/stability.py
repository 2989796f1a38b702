"""How surely each neighborhood comes back where half of the tissue is left out."""

from __future__ import annotations

import numpy as np

from napari_brain_atlas.compute.tree_groups import TreeGroups
from napari_brain_atlas.errors import InputError
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.workflow.discovery import (
    Scope,
    hierarchy_request,
    load_hierarchy,
    prepare_hierarchy,
)
from napari_brain_atlas.workflow.document import Document


def stability(document: Document, progress: Progress = silent) -> dict[int, float]:
    """Stability of every neighborhood, 0 to 1 (:meth:`TreeGroups.hold`).

    Read from the hierarchy over all cells, which is grown where it is not kept. Nothing is
    told of a file in which there is nothing to grow one from.
    """
    curation = document.session.curation
    try:
        key = prepare_hierarchy(hierarchy_request(document, Scope()), progress)
    except InputError:
        return {}
    codes = np.searchsorted(curation.ids, curation.owners_of_cells())
    tree = TreeGroups.of(load_hierarchy(document, key).hierarchy, codes, len(curation.ids))
    return {
        int(known): tree.hold(tree.counts[:, column])
        for column, known in enumerate(curation.ids)
        if known != UNASSIGNED
    }
