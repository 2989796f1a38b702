"""Which names of a reference are regions, and which say that nobody knows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.model.atlas import Column

MISSING_NAMES = frozenset({"", "-1", "-1.0", "nan", "none", "na", "unassigned", "noise", "<na>"})
"""Names that say that nobody knows the region of a cell."""
LEFT_OUT = ("Unknown",)
"""Regions that are none, besides missing ones."""


def region_codes(reference: Column, left_out: Sequence[str] = ()) -> NDArray[np.int32]:
    """Region of each cell as an index into the names, -1 where there is none, (n_cells,)."""
    named = np.array([not _is_missing(n) and n not in left_out for n in reference.names], np.bool_)
    known = np.append(named, False)[reference.codes]
    return np.where(known, reference.codes, -1).astype(np.int32)


def _is_missing(name: str) -> bool:
    return name.strip().lower() in MISSING_NAMES
