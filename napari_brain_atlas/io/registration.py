"""Coordinates of cells in the Common Coordinate Framework (CCF), where a file has them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.model.atlas import Measurements

COLUMNS = (("x_ccf", "y_ccf", "z_ccf"), ("ccf_x", "ccf_y", "ccf_z"))
"""As the ABC Atlas calls them when they are joined to its cells, and the other way round."""
ARRAYS = ("ccf", "X_ccf", "spatial_ccf")
LARGEST_MM = 100.0
"""A brain that is larger is told in µm."""
_UM_PER_MM = 1000.0


def read_ccf(measurements: Measurements) -> NDArray[np.float32] | None:
    """Read the coordinates, from obs or else from obsm.

    Returns
    -------
    (n_cells, 3) float32 or None
        In µm, in atlas order: anterior to posterior, dorsal to ventral, left to
        right, as the Allen CCFv3 has its axes; NaN for cells without. None where
        the file has none.
    """
    known = measurements.column_names
    for names in COLUMNS:
        if all(name in known for name in names):
            return _in_um(np.stack([measurements.numbers(name) for name in names], axis=1))
    for key in ARRAYS:
        try:
            found = measurements.embedding(key)
        except InputError:
            continue
        if found.ndim == 2 and found.shape[1] >= 3:
            return _in_um(found[:, :3].astype(np.float32))
    return None


def _in_um(found: NDArray[np.float32]) -> NDArray[np.float32] | None:
    # The ABC Atlas leaves cells at the origin that it could not register.
    found[~np.isfinite(found).all(axis=1) | (found == 0).all(axis=1)] = np.nan
    if np.isnan(found).all():
        return None
    largest = float(np.nanmax(np.abs(found)))
    return found * np.float32(_UM_PER_MM) if largest <= LARGEST_MM else found
