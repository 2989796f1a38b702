from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_brain_atlas.compute.ballots import majority, poll


def counted(ballots: list[int]) -> tuple[int, float]:
    """The same by hand."""
    votes = [b for b in ballots if b >= 0]
    if not votes:
        return -1, 1.0
    winner = max(votes, key=lambda b: (votes.count(b), -votes.index(b)))
    return winner, votes.count(winner) / len(votes)


@given(st.integers(0, 2**31), st.integers(0, 30), st.integers(0, 6), st.integers(1, 5))
def test_votes_are_counted(seed: int, n: int, k: int, n_labels: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, n_labels, n).astype(np.int32)
    # Rows of a section that starts at 7; 6 stands for none.
    nearest = rng.integers(6, 7 + n, (n, k)).astype(np.int32)
    winner, share = poll(labels, nearest, 7)
    lists = [[labels[i], *(labels[j - 7] if j >= 7 else -1 for j in nearest[i])] for i in range(n)]
    by_hand = [counted(each) for each in lists]
    assert winner.tolist() == [w for w, _ in by_hand]
    assert share.tolist() == pytest.approx([s for _, s in by_hand])
    if n:
        winner, share = majority(np.array(lists, np.int32).reshape(n, k + 1))
        assert winner.tolist() == [w for w, _ in by_hand]
        assert share.tolist() == pytest.approx([s for _, s in by_hand])
