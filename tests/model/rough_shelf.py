"""A shelf in memory that refuses where it is told to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray


class RoughShelf:
    """Keeps the bytes only, so that nothing is shared with what rests."""

    def __init__(self) -> None:
        self.puts = self.reads = 0
        self.put_error: OSError | None = None
        self.read_error: OSError | None = None

    def put(self, array: NDArray[Any]) -> Callable[[], NDArray[Any]]:
        if self.put_error is not None:
            raise self.put_error
        self.puts += 1
        kept = array.copy()

        def read() -> NDArray[Any]:
            if self.read_error is not None:
                raise self.read_error
            self.reads += 1
            return kept.copy()

        return read
