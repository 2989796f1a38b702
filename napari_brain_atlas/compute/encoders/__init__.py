"""Encoders: what surrounds each cell, as a vector."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.model.progress import Progress, silent

MapSections = Callable[[Callable[[Section], Any], Iterable[Section]], Iterable[Any]]
"""``map``, or the ordered map of a pool: sections are independent of each other."""


class Encoder(Protocol):
    """Turns a section into one vector per cell. Sections are independent of each other."""

    @property
    def n_dimensions(self) -> int:
        """Length of the vectors."""

    def encode(self, section: Section) -> NDArray[np.float32]:
        """Encode the cells of one section, (section.n_cells, n_dimensions) float32."""


def encode_atlas(
    atlas: Atlas,
    encoder: Encoder,
    progress: Progress = silent,
    map_sections: MapSections = map,
) -> NDArray[np.float32]:
    """Encode every section.

    Parameters
    ----------
    map_sections : callable
        ``map``, or the ordered map of a pool.

    Returns
    -------
    (n_cells, n_dimensions) float32
        In atlas order.
    """
    embedding = np.zeros((atlas.n_cells, encoder.n_dimensions), np.float32)
    for section, block in zip(atlas, map_sections(encoder.encode, atlas), strict=True):
        embedding[section.cells] = block
        progress("Encoding sections", section.stop / max(atlas.n_cells, 1))
    progress("Encoding sections", 1.0)
    return embedding
