"""Work on a picture in horizontal bands, side by side on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from napari_brain_atlas.compute.cores import Elsewhere

WORKERS = min(os.cpu_count() or 1, 8)
_LEAST_ROWS = 16
_elsewhere = Elsewhere()


class Buffers:
    """Arrays that are used again for every frame: fresh memory costs more than filling it."""

    def __init__(self) -> None:
        self._kept: dict[str, NDArray[Any]] = {}

    def take(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """An array with any content; the next one of this name has the same memory."""
        size = int(np.prod(shape))
        kept = self._kept.get(name)
        if kept is None or kept.dtype != dtype or not size <= kept.size <= 4 * size + 1024:
            kept = self._kept[name] = np.empty(size, dtype)
        return kept[:size].reshape(shape)


def bands_of(height: int) -> list[tuple[int, int]]:
    """First row of each band, and the row after its last."""
    # Tissue is not everywhere: more bands than cores, so that none waits long.
    n = max(1, min(2 * WORKERS, height // _LEAST_ROWS))
    edges = [round(i * height / n) for i in range(n + 1)]
    return list(pairwise(edges))


def in_bands(work: Callable[[int, int], None], height: int) -> None:
    """Call ``work(first, stop)`` for all bands; it must let go of the interpreter lock."""
    bands = iter(bands_of(height))

    def drain() -> None:
        for first, stop in bands:
            work(first, stop)

    # This thread works too: another one that sleeps takes a while to wake.
    _elsewhere.make_room()
    others = [_pool().submit(drain) for _ in range(WORKERS - 1)]
    try:
        drain()
    finally:
        for other in others:
            # What another painter keeps from beginning is not waited for: nothing is left to do.
            if not other.cancel():
                other.result()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(
        max(WORKERS - 1, 1), thread_name_prefix="bands", initializer=_elsewhere.enter
    )
