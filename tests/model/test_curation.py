"""States: shared where untouched, counted as a recount would."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from small_atlas import owners_by_row, rows_of

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.curation import Curation, owners_of
from napari_brain_atlas.model.partition import bytes_to_confidence, confidence_to_bytes


def assert_counts_are_a_recount(curation: Curation, atlas: Any) -> None:
    owners = curation.owners_of_cells()
    for row, identity in enumerate(curation.ids.tolist()):
        by_section = [int((owners[s.cells] == identity).sum()) for s in atlas.sections]
        assert curation.counts[row].tolist() == by_section
        assert curation.n_cells(identity) == sum(by_section)
        assert curation.n_sections(identity) == sum(n > 0 for n in by_section)
        assert curation.cells_of(identity).tolist() == np.flatnonzero(owners == identity).tolist()
    assert int(curation.counts.sum()) == atlas.n_cells
    assert curation.ids.tolist() == sorted(curation.neighborhoods)


COMMANDS: list[dict[str, Any]] = [
    {"op": "merge", "neighborhoods": [1, 2], "into": 2},
    {"op": "split", "neighborhood": 3, "cells": [3, 11, 15]},
    {"op": "reassign", "cells": list(range(0, 40, 3)), "into": 0},
    {"op": "annotate", "neighborhood": 3, "name": "x"},
    {"op": "undo"},
    {"op": "undo"},
    {"op": "split", "neighborhood": 0, "cells": [0]},
    {"op": "merge", "neighborhoods": [2, 3, 4], "into": 4},
]


def test_counts_are_a_recount_after_every_command(desk: Any) -> None:
    assert_counts_are_a_recount(desk.session.curation, desk.atlas)
    for command in COMMANDS:
        desk.do(command)
        assert_counts_are_a_recount(desk.session.curation, desk.atlas)


def test_untouched_sections_are_the_same_objects(desk: Any) -> None:
    before = desk.session.curation
    section = desk.atlas.sections[1]
    rows = desk.atlas.file_positions[section.cells]
    owners = owners_by_row(before, desk.atlas)
    mine = [int(r) for r in rows if owners[r] == 1]
    after = desk.do({"op": "split", "neighborhood": 1, "cells": mine[:2]}).after
    for i, (old, new) in enumerate(
        zip(before.partition.sections, after.partition.sections, strict=True)
    ):
        assert (old is new) == (i != 1)
        assert old.confidence is new.confidence
    moved = desk.do({"op": "reassign", "cells": mine[:1], "into": 2}).after
    assert sum(
        a is not b
        for a, b in zip(after.partition.sections, moved.partition.sections, strict=True)
    ) == 1  # fmt: skip


def test_states_cannot_be_written_to(desk: Any) -> None:
    desk.do({"op": "split", "neighborhood": 3, "cells": [3]})
    curation = desk.session.curation
    part = curation.partition.sections[0]
    for array in (part.fragments, part.confidence, curation.owners, curation.by_hand):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(TypeError):
        curation.neighborhoods[1] = curation.neighborhoods[2]
    with pytest.raises(AttributeError):
        curation.next_id = 99
    with pytest.raises(ValueError, match="frozen"):
        curation.neighborhoods[1].name = "x"
    for array in (desk.atlas.xy, desk.atlas.file_positions, desk.atlas.atlas_positions):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize("bulk", [[], [5], [0, 20, 46]])
def test_owners_of_some_cells(desk: Any, bulk: list[int]) -> None:
    curation = desk.session.curation
    cells = np.array(bulk, np.int64)
    expected = curation.owners_of_cells()[cells]
    assert owners_of(curation, cells, desk.atlas).tolist() == expected.tolist()


def test_an_unknown_id_names_those_there_are(desk: Any) -> None:
    with pytest.raises(CommandError, match="no neighborhood 12; there are: 1, 2, 3, 4"):
        desk.session.curation.neighborhood(12)


def test_confidence_is_of_cells_that_an_algorithm_placed(desk: Any) -> None:
    curation = desk.session.curation
    unassigned = desk.atlas.atlas_positions[rows_of(curation, desk.atlas, 0)]
    confidence = np.concatenate([curation.confidence_on(s.index) for s in desk.atlas.sections])
    assert confidence.dtype == np.float32
    assert np.flatnonzero(np.isnan(confidence)).tolist() == sorted(unassigned.tolist())


@given(
    hnp.arrays(
        np.float32,
        st.integers(0, 50),
        elements=st.floats(0, 1, width=32) | st.just(float("nan")),
    )
)
def test_confidence_is_kept_to_half_a_step(confidence: Any) -> None:
    stored = confidence_to_bytes(confidence)
    back = bytes_to_confidence(stored)
    assert stored.dtype == np.uint8
    np.testing.assert_allclose(back, confidence, atol=0.5 / 254 + 1e-6)
    assert np.array_equal(confidence_to_bytes(back), stored)
