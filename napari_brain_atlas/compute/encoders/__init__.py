"""Encoders: what surrounds each cell, as a vector."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.model.progress import Progress, silent


class Encoder(Protocol):
    """Turns a section into one vector per cell. Sections are independent of each other."""

    @property
    def n_dimensions(self) -> int:
        """Length of the vectors."""

    def encode(self, section: Section) -> NDArray[np.float32]:
        """Encode the cells of one section, (section.n_cells, n_dimensions) float32."""


def encode_atlas(
    atlas: Atlas, encoder: Encoder, progress: Progress = silent
) -> NDArray[np.float32]:
    """Encode every section in turn.

    Returns
    -------
    (n_cells, n_dimensions) float32
        In atlas order.
    """
    embedding = np.zeros((atlas.n_cells, encoder.n_dimensions), np.float32)
    for section in atlas:
        progress("Encoding sections", section.start / max(atlas.n_cells, 1))
        embedding[section.cells] = encoder.encode(section)
    progress("Encoding sections", 1.0)
    return embedding
