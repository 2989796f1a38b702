"""Per-cell arrays that rest on disk while no state in view needs them.

A history of whole-brain proposals would fill the memory: each is one array as
long as the brain. Arrays that left the present state go to a shelf, oldest
first, once they are more than a budget together, and are read again when an
undo brings them back. What rests where never changes a result.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, Protocol
from weakref import ref

from numpy.typing import NDArray

from napari_brain_atlas.errors import WriteError

logger = logging.getLogger(__name__)

BUDGET = 128 * 2**20
"""Bytes that arrays of earlier states may keep in memory."""


class Shelf(Protocol):
    """Where arrays rest; what lies on it is needed only as long as the process lives."""

    def put(self, array: NDArray[Any]) -> Callable[[], NDArray[Any]]:
        """Put a copy of an array away, and return what reads it again. Raises OSError."""


class CellArray:
    """One value for each cell of a section; read-only and shared between states.

    Parameters
    ----------
    values : (n_cells,) array
        Frozen by this.
    """

    __slots__ = ("__weakref__", "_read", "_values", "nbytes")

    def __init__(self, values: NDArray[Any]) -> None:
        values.flags.writeable = False
        self._values: NDArray[Any] | None = values
        self._read: Callable[[], NDArray[Any]] | None = None
        self.nbytes = values.nbytes

    @property
    def values(self) -> NDArray[Any]:
        """The values, read from the shelf where they rest there.

        Raises
        ------
        WriteError
            If the shelf cannot be read.
        """
        # Another thread may put them away between two looks.
        values = self._values
        return self._from_shelf() if values is None else values

    @property
    def resting(self) -> bool:
        """Whether the memory holds no copy."""
        return self._values is None

    def wake(self) -> None:
        """Keep the values in memory. Raises WriteError."""
        self._values = self.values

    def rest(self, shelf: Shelf) -> None:
        """Leave the memory. Raises OSError where the shelf takes nothing."""
        if self._values is not None:
            if self._read is None:
                self._read = shelf.put(self._values)
            self._values = None

    def _from_shelf(self) -> NDArray[Any]:
        assert self._read is not None
        try:
            values = self._read()
        except OSError as error:
            raise WriteError(
                f"an earlier state cannot be read back from the disk ({error}); all decisions are "
                "in the journal: close the file and open it again"
            ) from error
        values.flags.writeable = False
        return values


class Resting:
    """Keeps the arrays of earlier states within a budget.

    Parameters
    ----------
    shelf : Shelf or None
        None keeps everything in memory.
    budget : int
        Bytes.
    """

    def __init__(self, shelf: Shelf | None, budget: int = BUDGET) -> None:
        self._shelf = shelf
        self._budget = budget
        # By identity, oldest first; weak, so that what no state holds is gone.
        self._left: dict[int, tuple[ref[CellArray], int]] = {}
        self._bytes = 0

    def moved(self, leaving: Iterable[CellArray], entering: Iterable[CellArray]) -> None:
        """Tell which arrays left the present state and which, awake, are new in it."""
        for array in entering:
            self._bytes -= self._left.pop(id(array), (None, 0))[1]
        for array in leaving:
            # One that was dead may have had the same identity.
            self._bytes -= self._left.pop(id(array), (None, 0))[1]
            self._left[id(array)] = (ref(array), array.nbytes)
            self._bytes += array.nbytes
        if self._shelf is not None and self._bytes > self._budget:
            self._put_away(self._shelf)

    def _put_away(self, shelf: Shelf) -> None:
        for key, (found, size) in list(self._left.items()):
            if self._bytes <= self._budget:
                return
            array = found()
            try:
                if array is not None:
                    array.rest(shelf)
            except OSError as error:
                # Memory is what there is then; the decisions are safe in the journal.
                logger.warning("earlier states stay in memory: %s", error)
                self._shelf = None
                return
            del self._left[key]
            self._bytes -= size
