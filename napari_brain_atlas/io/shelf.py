"""Where arrays of earlier states rest: one nameless file that is gone with the process."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray


class FileShelf:
    """A growing temporary file; satisfies `model.resting.Shelf`.

    It is never synced: what lies on it can be computed again from the journal.

    Parameters
    ----------
    folder : Path
        Where the file is made, if the folder exists by then; else where the
        system keeps temporary files, which may be in memory.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._end = 0
        # Reading moves the one position that the file has.
        self._lock = threading.Lock()

    def put(self, array: NDArray[Any]) -> Callable[[], NDArray[Any]]:
        """Put a copy of an array away, and return what reads it again. Raises OSError."""
        with self._lock:
            file = self._opened()
            start = self._end
            file.seek(start)
            file.write(np.ascontiguousarray(array).data)
            file.flush()
            self._end = start + array.nbytes
        shape, dtype = array.shape, array.dtype
        return lambda: self._read(start, shape, dtype)

    def close(self) -> None:
        """Give the space back; what lies there can be read no more."""
        with self._lock:
            if self._file is not None:
                self._file.close()

    def _read(self, start: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        array = np.empty(shape, dtype)
        with self._lock:
            file = self._opened()
            file.seek(start)
            if file.readinto(array.reshape(-1).view(np.uint8).data) != array.nbytes:  # type: ignore[attr-defined]
                raise OSError("the temporary file is cut short")
        return array

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            folder = self._folder if self._folder.is_dir() else None
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - lives on
        if self._file.closed:
            raise OSError("the document was closed")
        return self._file
