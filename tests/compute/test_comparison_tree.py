"""What a comparison says of the tree of neighborhoods."""

from __future__ import annotations

import numpy as np
from labelled import curation_of, neighborhood
from test_comparison import SIZES, kinds, sentences, tissue

from napari_brain_atlas.compute.comparison import compare


def test_another_parent_and_none_any_more() -> None:
    before = curation_of(tissue(), SIZES, neighborhood(1, parent=2))
    other = before.with_neighborhoods(neighborhood(1, parent=3))
    assert sentences(compare(before, other)) == ["'N1' is grouped under 'N3', not 'N2'"]
    alone = before.with_neighborhoods(neighborhood(1))
    assert sentences(compare(before, alone)) == ["'N1' is no longer grouped under 'N2'"]


def test_another_parent_of_the_same_name_has_its_id_beside_it() -> None:
    before = curation_of(
        tissue(), SIZES, neighborhood(1, parent=2), neighborhood(2, name="cortex")
    )
    after = before.with_neighborhoods(
        neighborhood(1, parent=3), neighborhood(3, name="cortex")
    ).without((2,))
    assert "'N1' is grouped under 'cortex' (3), not 'cortex' (2)" in sentences(
        compare(before, after)
    )


def test_groups_of_two_journals_are_told_by_their_names() -> None:
    """They have no cells to go by, and their ids mean nothing in the other journal."""
    one = (neighborhood(1, parent=20), neighborhood(20, name="cortex"), neighborhood(21, name="x"))
    two = (neighborhood(1, parent=22), neighborhood(22, name="cortex", locked=True))
    before, after = curation_of(tissue(), SIZES, *one), curation_of(tissue(), SIZES, *two)
    assert sentences(compare(before, after, shared_below=1)) == [
        "'x' is gone; it had no cells of its own",
        "'cortex' was locked",
    ]
    twice = curation_of(tissue(), SIZES, *two, neighborhood(23, name="cortex"))
    assert kinds(compare(before, twice, shared_below=1)).count("gone") == 2


def test_a_parent_that_got_another_id_is_the_same_parent() -> None:
    before = curation_of(tissue(), SIZES, neighborhood(1, parent=2))
    ids = np.array([0, 1, 12, *range(3, 11)], np.int32)
    more = (neighborhood(1, parent=12), neighborhood(12, name="N2"))
    after = curation_of(ids[tissue()], SIZES, *more)
    assert compare(before, after).differences == ()
