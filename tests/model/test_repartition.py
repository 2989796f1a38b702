"""Taking a proposal, whole or for a scope."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_atlas import owners_by_row, proposed, rows_of


def test_a_proposal_for_all_cells_replaces_every_neighborhood_that_it_does_not_continue(
    desk: Any,
) -> None:
    n = desk.atlas.n_cells
    labels = [r % 3 - 1 for r in range(n)]
    blob = desk.archive.write(proposed(desk.atlas, None, labels, [3, None]))
    record = desk.session.curation.neighborhood(3)
    desk.do({"op": "repartition", "blob": blob})
    after = desk.session.curation
    assert owners_by_row(after, desk.atlas) == [{-1: 0, 0: 3, 1: 5}[label] for label in labels]
    assert set(after.neighborhoods) == {0, 3, 5}
    assert after.neighborhood(3) is record
    assert (after.neighborhood(5).name, after.next_id) == ("p1", 6)


def test_a_proposal_changes_only_its_scope(desk: Any) -> None:
    rows = rows_of(desk.session.curation, desk.atlas, 1)
    before = owners_by_row(desk.session.curation, desk.atlas)
    labels = [i % 3 - 1 for i in range(len(rows))]
    blob = desk.archive.write(proposed(desk.atlas, rows, labels, [1, None]))
    desk.do({"op": "repartition", "scope": [1], "blob": blob})
    expected = list(before)
    for row, label in zip(rows, labels, strict=True):
        expected[row] = {-1: 0, 0: 1, 1: 5}[label]
    assert owners_by_row(desk.session.curation, desk.atlas) == expected
    assert set(desk.session.curation.neighborhoods) == {0, 1, 2, 3, 4, 5}


def test_a_proposal_drops_what_it_empties_but_not_what_was_empty_or_continued(desk: Any) -> None:
    four, three = (rows_of(desk.session.curation, desk.atlas, i) for i in (4, 3))
    desk.do({"op": "reassign", "cells": four, "into": 1})
    # 4 is empty before; 3 loses all; 2 loses all in name but is continued by nobody's cells.
    two = rows_of(desk.session.curation, desk.atlas, 2)
    blob = desk.archive.write(
        proposed(desk.atlas, sorted(three + two), [0] * len(three + two), [None, 2])
    )
    desk.do({"op": "repartition", "blob": blob})
    assert set(desk.session.curation.neighborhoods) == {0, 1, 2, 4, 5}
    assert desk.session.curation.n_cells(2) == 0


def test_a_curator_outranks_confidence_and_a_proposal_brings_it_back(desk: Any) -> None:
    row = rows_of(desk.session.curation, desk.atlas, 1)[0]
    cell = int(desk.atlas.atlas_positions[row])
    section = int(desk.atlas.section_of(np.array([cell]))[0])
    local = cell - desk.atlas.sections[section].start
    desk.do({"op": "reassign", "cells": [row], "into": 2})
    assert np.isnan(desk.session.curation.confidence_on(section)[local])
    blob = desk.archive.write(proposed(desk.atlas, [row], [0], [2]))
    desk.do({"op": "repartition", "blob": blob})
    assert desk.session.curation.confidence_on(section)[local] == pytest.approx(0.5)
