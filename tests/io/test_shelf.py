from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.io.shelf import FileShelf
from napari_brain_atlas.model.resting import CellArray, Resting


def test_what_is_put_away_is_read_back(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path)
    arrays = [np.arange(7, dtype=np.int32), np.empty(0, np.uint8), np.full(9, 200, np.uint8)]
    readers = [shelf.put(array) for array in arrays]
    for array, read in zip(arrays, reversed([r() for r in reversed(readers)]), strict=True):
        assert read.dtype == array.dtype
        assert np.array_equal(read, array)
    # Nothing is left behind, whatever becomes of the process.
    assert not list(tmp_path.iterdir())
    shelf.close()


def test_a_closed_shelf_says_what_to_do(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path / "not there")
    array = CellArray(np.arange(5))
    array.rest(shelf)
    assert array.resting
    assert array.values.tolist() == [0, 1, 2, 3, 4]
    shelf.close()
    with pytest.raises(WriteError, match="all decisions are in the journal"):
        array.wake()


def test_the_oldest_arrays_rest_first_and_wake_when_they_come_back(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path)
    resting = Resting(shelf, budget=100)
    arrays = [CellArray(np.full(50, i, np.uint8)) for i in range(4)]
    for before, after in itertools.pairwise(arrays):
        resting.moved(leaving=[before], entering=[after])
    assert [a.resting for a in arrays] == [True, False, False, False]
    arrays[0].wake()
    resting.moved(leaving=[arrays[3]], entering=[arrays[0]])
    assert [a.resting for a in arrays] == [False, True, False, False]
    assert [int(a.values[0]) for a in arrays] == [0, 1, 2, 3]
    shelf.close()


def test_arrays_that_no_state_holds_are_not_put_away(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path)
    resting = Resting(shelf, budget=0)
    resting.moved(leaving=[], entering=[])
    kept = CellArray(np.zeros(10, np.uint8))
    resting.moved(leaving=[CellArray(np.ones(10, np.uint8)), kept], entering=[])
    assert kept.resting
    shelf.close()
