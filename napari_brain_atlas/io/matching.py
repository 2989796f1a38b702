"""Which cell of one file is which of another: by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.names import all_names, name_pieces
from napari_brain_atlas.io.store import opened


def match_cells(old: Path, new: Path) -> NDArray[np.int64]:
    """Find the cells of one file in another by their names in obs.

    Parameters
    ----------
    old, new : Path
        Files whose names are unique.

    Returns
    -------
    (n_new,) int64
        For each row of `new` the row of `old` that has its name, -1 where none has.

    Raises
    ------
    InputError
        If no name is in both.
    """
    with opened(old) as root:
        names = pd.Index(all_names(root))
    found = [np.empty(0, np.int64)]
    first = None
    with opened(new) as root:
        # Piece after piece: ten million names are a gigabyte.
        for piece in name_pieces(root):
            first = piece[0] if first is None else first
            found.append(names.get_indexer(pd.Index(piece)).astype(np.int64))
    rows = np.concatenate(found)
    if not np.any(rows >= 0):
        raise InputError(
            str(new), [f"has no cell of {old}: cells are matched by their names in obs, which are "
                       f"like {first!r} here and like {names[0]!r} there"]
        )  # fmt: skip
    return rows
