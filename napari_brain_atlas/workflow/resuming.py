"""Sections that are encoded already, kept on disk until all are, for who has to begin again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.encoders import MapSections
from napari_brain_atlas.compute.encoders.composition import CompositionEncoder
from napari_brain_atlas.io.cache import Cache
from napari_brain_atlas.model.atlas import Section

WORTH_KEEPING = 200_000
"""With fewer cells beginning again takes seconds."""
_BLOCK = "block"


class EncodedSections:
    """Blocks of an embedding in the cache, one for each section.

    Parameters
    ----------
    cache : Cache
    embedding_key : str
        What is encoded.
    encoder : CompositionEncoder
        With what; blocks of an encoder that differs by one bit are not used.
    """

    def __init__(self, cache: Cache, embedding_key: str, encoder: CompositionEncoder) -> None:
        self.cache = cache
        digest = hashlib.sha256(embedding_key.encode())
        features = encoder.surroundings.features
        for array in (encoder.mean, encoder.loadings, features.axes, features.type_centers):
            digest.update(np.ascontiguousarray(array).tobytes())
        self._prefix = f"part-{digest.hexdigest()[:40]}-"

    def kept(self, over: MapSections) -> MapSections:
        """A map that computes only what is not here yet, and keeps what it computes."""

        def mapped(
            function: Callable[[Section], NDArray[np.float32]], sections: Iterable[Section]
        ) -> Iterator[NDArray[np.float32]]:
            wanted = list(sections)
            there = self._there()
            fresh = iter(over(function, [s for s in wanted if self._key(s) not in there]))
            for section in wanted:
                if self._key(section) in there:
                    yield self._read(section, function)
                else:
                    block = next(fresh)
                    self.cache.put(self._key(section), {_BLOCK: block})
                    yield block

        return mapped

    def drop(self) -> None:
        """Forget the blocks, once the whole is kept."""
        for key in self._there():
            self.cache.drop(key)

    def _read(self, section: Section, function: Callable[[Section], Any]) -> NDArray[np.float32]:
        kept = self.cache.get(self._key(section))
        block = kept.get(_BLOCK) if kept else None
        # Damaged, or dropped meanwhile by another window.
        return function(section) if block is None or len(block) != section.n_cells else block

    def _there(self) -> set[str]:
        return {key for key, _ in self.cache.entries() if key.startswith(self._prefix)}

    def _key(self, section: Section) -> str:
        return f"{self._prefix}{section.start}"
