"""What each command does, case by case, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_atlas import NAMES, bits_of, blob_of, owners_by_row, rows_of


def names(desk: Any) -> dict[int, str]:
    return {i: n.name for i, n in desk.session.curation.neighborhoods.items() if i}


def test_the_start_is_as_the_tables_assume(desk: Any) -> None:
    owners = owners_by_row(desk.session.curation, desk.atlas)
    assert names(desk) == NAMES
    assert {owners[r] for r in range(desk.atlas.n_cells)} == {0, 1, 2, 3, 4}
    assert desk.session.curation.next_id == 5
    # Sections are not contiguous in the file, or nothing below would test their order.
    assert not np.array_equal(np.sort(desk.atlas.file_positions[:9]), np.arange(9))


@pytest.mark.parametrize(
    ("members", "into", "gone"),
    [
        pytest.param([1, 2], 1, {2}, id="two"),
        pytest.param([1, 2], 2, {1}, id="into the second"),
        pytest.param([1, 2], 3, {1, 2}, id="into a third"),
        pytest.param([1, 1, 2, 2], 1, {2}, id="repeated"),
        pytest.param([4, 3, 2, 1], 4, {1, 2, 3}, id="all"),
        pytest.param([1], 2, {1}, id="one into another"),
    ],
)
def test_merge(desk: Any, members: list[int], into: int, gone: set[int]) -> None:
    before = owners_by_row(desk.session.curation, desk.atlas)
    record = desk.session.curation.neighborhood(into)
    desk.do({"op": "merge", "neighborhoods": members, "into": into})
    after = desk.session.curation
    assert owners_by_row(after, desk.atlas) == [into if o in gone else o for o in before]
    assert set(after.neighborhoods) == {0, 1, 2, 3, 4} - gone
    assert after.neighborhood(into) is record
    assert after.next_id == 5


@pytest.mark.parametrize("form", ["list", "bits", "blob"])
@pytest.mark.parametrize("origin", [0, 1, 4])
def test_split_by_cells(desk: Any, origin: int, form: str) -> None:
    atlas, before = desk.atlas, owners_by_row(desk.session.curation, desk.atlas)
    leaving = rows_of(desk.session.curation, atlas, origin)[::2]
    record = desk.session.curation.neighborhood(origin)
    cells = {
        "list": lambda: leaving[::-1],
        "bits": lambda: bits_of(leaving, atlas),
        "blob": lambda: blob_of(leaving, atlas, desk.archive),
    }[form]()
    desk.do({"op": "split", "neighborhood": origin, "cells": cells, "name": "x"})
    expected = [5 if row in leaving else owner for row, owner in enumerate(before)]
    after = desk.session.curation
    assert owners_by_row(after, atlas) == expected
    assert after.neighborhood(origin) is record
    assert (after.neighborhood(5).name, after.next_id) == ("x", 6)


def test_split_into_parts(desk: Any) -> None:
    rows = rows_of(desk.session.curation, desk.atlas, 1)
    parts = [
        {"cells": rows[:2], "name": "outer", "color": "#123456"},
        {"cells": rows[2:3]},
        {"cells": rows[4:6]},
    ]
    before = owners_by_row(desk.session.curation, desk.atlas)
    desk.do({"op": "split", "neighborhood": 1, "parts": parts})
    after = desk.session.curation
    expected = list(before)
    for identity, part in enumerate(parts, 5):
        for row in part["cells"]:
            expected[row] = identity
    assert owners_by_row(after, desk.atlas) == expected
    assert names(desk) == {**NAMES, 5: "outer", 6: "CA1so.1", 7: "CA1so.2"}
    assert after.neighborhood(5).color == "#123456"
    colors = [n.color for n in after.neighborhoods.values()]
    assert len(set(colors)) == len(colors)
    # What was chosen for the user is written, so that replay does not choose again.
    assert [p["name"] for p in desk.lines[0]["parts"]] == ["outer", "CA1so.1", "CA1so.2"]
    assert all(p["color"] for p in desk.lines[0]["parts"])


def test_everything_may_leave_unassigned(desk: Any) -> None:
    rows = rows_of(desk.session.curation, desk.atlas, 0)
    desk.do({"op": "split", "neighborhood": 0, "cells": rows})
    assert rows_of(desk.session.curation, desk.atlas, 5) == rows
    assert desk.session.curation.n_cells(0) == 0
    assert desk.session.curation.neighborhood(5).name == "new.1"


@pytest.mark.parametrize("into", [0, 2, 4])
def test_reassign(desk: Any, into: int) -> None:
    cells = [0, 5, 9, 5, 20]
    before = owners_by_row(desk.session.curation, desk.atlas)
    desk.do({"op": "reassign", "cells": cells, "into": into})
    after = desk.session.curation
    expected = [into if r in cells else o for r, o in enumerate(before)]
    assert owners_by_row(after, desk.atlas) == expected
    confidence = np.concatenate([after.confidence_on(s.index) for s in desk.atlas.sections])
    by_row = confidence[desk.atlas.atlas_positions]
    assert np.isnan(by_row[cells]).all()
    untouched = [r for r in range(desk.atlas.n_cells) if r not in cells and before[r]]
    np.testing.assert_allclose(
        by_row[untouched], np.array([r * 5 % 255 / 254 for r in untouched]), atol=1e-6
    )


def test_a_neighborhood_that_loses_its_last_cell_by_reassign_stays(desk: Any) -> None:
    desk.do({"op": "reassign", "cells": rows_of(desk.session.curation, desk.atlas, 4), "into": 1})
    assert desk.session.curation.n_cells(4) == 0
    assert 4 in desk.session.curation.neighborhoods
    desk.do({"op": "merge", "neighborhoods": [4, 1], "into": 1})
    assert 4 not in desk.session.curation.neighborhoods


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"name": "CA1/CA2 border"}, id="slash"),
        pytest.param({"name": "ℵ 🧠 " + "x" * 300}, id="long"),
        pytest.param({"name": "שלום", "full_name": "nan"}, id="right to left"),
        pytest.param({"color": "#00ff7f"}, id="colour"),
        pytest.param({"term_id": "UBERON:0003881", "term_label": "CA1"}, id="term"),
        pytest.param({"marker_genes": ["Wfs1"], "dois": ["10.1/x"]}, id="lists"),
        pytest.param({"certainty": "low", "status": "disputed", "notes": "?"}, id="judgement"),
        pytest.param({"rationale": ""}, id="cleared"),
        pytest.param({"parent": 4}, id="parent"),
    ],
)
def test_annotate(desk: Any, fields: dict[str, Any]) -> None:
    before = desk.session.curation
    desk.do({"op": "annotate", "neighborhood": 3, **fields})
    after = desk.session.curation
    expected = {**before.neighborhood(3).model_dump(mode="json"), **fields}
    assert after.neighborhood(3).model_dump(mode="json") == expected
    assert after.partition is before.partition
    assert after.owners is before.owners
    assert {i for i in NAMES if after.neighborhood(i) is not before.neighborhood(i)} == {3}


def test_what_was_said_is_cleared(desk: Any) -> None:
    said = {"certainty": "low", "notes": "n", "dois": ["10.1/x"], "parent": 4}
    desk.do({"op": "annotate", "neighborhood": 3, **said})
    cleared = {"certainty": "", "notes": "", "dois": [], "parent": 0}
    after = desk.do({"op": "annotate", "neighborhood": 3, **cleared}).after.neighborhood(3)
    assert (after.certainty, after.notes, after.dois, after.parent) == (None, "", (), None)


@pytest.mark.parametrize("form", ["list", "bits", "blob"])
def test_create_of_cells_takes_them_from_wherever_they_are(desk: Any, form: str) -> None:
    rows, atlas = [0, 1, 2, 3, 5, 20], desk.atlas
    before = owners_by_row(desk.session.curation, atlas)
    cells = {
        "list": rows,
        "bits": bits_of(rows, atlas),
        "blob": blob_of(rows, atlas, desk.archive),
    }[form]
    after = desk.do(
        {"op": "create", "cells": cells, "name": "CA2", "parent": 4, "certainty": "high"}
    ).after
    assert owners_by_row(after, atlas) == [5 if r in rows else o for r, o in enumerate(before)]
    made = after.neighborhood(5)
    assert (made.name, made.parent, made.certainty, after.next_id) == ("CA2", 4, "high", 6)
    assert desk.lines[0]["color"] == made.color
    assert made.color not in {after.neighborhood(i).color for i in range(5)}


def test_create_without_cells_is_empty_and_chooses_a_name(desk: Any) -> None:
    desk.do({"op": "create"})
    after = desk.do({"op": "create", "parent": 0, "certainty": ""}).after
    assert [after.neighborhood(i).name for i in (5, 6)] == ["new.1", "new.2"]
    assert (after.n_cells(5), after.n_cells(6)) == (0, 0)
    assert [line["name"] for line in desk.lines] == ["new.1", "new.2"]


def test_delete_unassigns_and_keeps_what_the_algorithm_said_of_the_others(desk: Any) -> None:
    before = desk.session.curation
    after = desk.do({"op": "delete", "neighborhoods": [2, 4, 2]}).after
    expected = [0 if o in (2, 4) else o for o in owners_by_row(before, desk.atlas)]
    assert owners_by_row(after, desk.atlas) == expected
    assert set(after.neighborhoods) == {0, 1, 3}
    for section in desk.atlas.sections:
        gone = np.isin(before.owners_on(section.index), [2, 4])
        shown, was = (c.confidence_on(section.index) for c in (after, before))
        np.testing.assert_array_equal(shown, np.where(gone, np.nan, was))
