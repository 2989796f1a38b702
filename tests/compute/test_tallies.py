from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_brain_atlas.compute.tallies import cross_tally, tally

PAIRS = st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 6)), max_size=40)


@given(PAIRS)
def test_counts_are_those_of_going_through_the_cells(pairs: list[tuple[int, int]]) -> None:
    rows, columns = np.array(pairs, np.int32).reshape(-1, 2).T
    expected = np.zeros((5, 7), np.int64)
    for row, column in pairs:
        expected[row, column] += row >= 0 and column >= 0
    np.testing.assert_array_equal(cross_tally(rows, columns, (5, 7)), expected)
    alone = [sum(row == label for row, _ in pairs) for label in range(5)]
    np.testing.assert_array_equal(tally(rows, 5), alone)


@pytest.mark.parametrize("writeable", [True, False])
def test_what_is_counted_may_be_read_only(writeable: bool) -> None:
    labels = np.array([1, 1, -1, 0], np.int32)
    labels.flags.writeable = writeable
    np.testing.assert_array_equal(tally(labels, 2), [1, 2])
    np.testing.assert_array_equal(cross_tally(labels, labels, (2, 2)), [[1, 0], [0, 2]])


def test_no_labels_at_all() -> None:
    assert tally(np.zeros(0, np.int32), 0).shape == (0,)
    assert cross_tally(np.zeros(0, np.int32), np.zeros(0, np.int32), (0, 3)).shape == (0, 3)
