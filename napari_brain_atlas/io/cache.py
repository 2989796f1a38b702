"""What can be computed again: embeddings and trees by the hash of what made them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.io.durable import replacing

SIZE_LIMIT = 20 * 2**30
"""Bytes; beyond it what was not used for longest is dropped."""


class Cache:
    """Arrays in a folder, by key. Dropping any of it costs time, never a decision.

    Parameters
    ----------
    folder : Path
        Made when something is kept.
    limit : int, optional
        Bytes to keep at most.
    """

    def __init__(self, folder: Path, limit: int = SIZE_LIMIT) -> None:
        self.folder = folder
        self.limit = limit

    def get(self, key: str) -> dict[str, NDArray[Any]] | None:
        """The arrays kept under a key, or None; what cannot be read counts as not kept."""
        path = self._path(key)
        try:
            # Opened here, since np.load leaves a file open that it cannot read.
            with path.open("rb") as file, np.load(file, allow_pickle=False) as pack:
                arrays = {name: pack[name] for name in pack.files}
            os.utime(path)
        except Exception:
            return None
        return arrays

    def put(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> bool:
        """Keep arrays; returns False where the disk refuses, which is no error."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(self._path(key)) as temporary, temporary.open("wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
            self._drop_oldest()
        except (OSError, WriteError):
            return False
        return True

    def entries(self) -> list[tuple[str, int]]:
        """Keys and sizes in bytes, oldest first."""
        found = [(p, p.stat()) for p in self.folder.glob("*.npz")] if self.folder.is_dir() else []
        found.sort(key=lambda entry: entry[1].st_mtime_ns)
        return [(path.stem, stat.st_size) for path, stat in found]

    def drop(self, key: str) -> None:
        """Forget what is kept under a key; one that is not there is no error."""
        with suppress(OSError):
            self._path(key).unlink(missing_ok=True)

    def _drop_oldest(self) -> None:
        entries = self.entries()
        total = sum(size for _, size in entries)
        # The newest entry stays even where it alone is over the limit.
        for key, size in entries[:-1]:
            if total <= self.limit:
                break
            self.drop(key)
            total -= size

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.npz"
