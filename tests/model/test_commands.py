"""What each command does, case by case, and what it refuses."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
import pytest
from small_atlas import NAMES, bits_of, blob_of, owners_by_row, rows_of

from napari_brain_atlas.errors import BrainAtlasError, CommandError, JournalError
from napari_brain_atlas.model.archive import arrays_to_bytes, bytes_to_arrays
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands import parse_command
from napari_brain_atlas.model.proposal import Proposal, ProposedNeighborhood, proposal_to_bytes


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


# -- proposals ---------------------------------------------------------------


def proposed(
    atlas: Atlas, rows: list[int] | None, labels: list[int], continues: list[int | None]
) -> bytes:
    """A proposal by rows of the file; `rows` is None for all cells."""
    scope = list(range(atlas.n_cells)) if rows is None else rows
    by_cell = sorted(zip(atlas.atlas_positions[scope].tolist(), labels, strict=True))
    proposal = Proposal(
        labels=np.array([label for _, label in by_cell], np.int32),
        confidence=np.full(len(scope), 127, np.uint8),
        neighborhoods=tuple(
            ProposedNeighborhood(name=f"p{i}", color="#abcdef", continues=c)
            for i, c in enumerate(continues)
        ),
        cells=None if rows is None else np.array([c for c, _ in by_cell], np.int64),
        evidence={"seed": 1},
    )
    return proposal_to_bytes(proposal, atlas)


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


# -- refusals ----------------------------------------------------------------

GOOD_BLOB = "0" * 64
EMPTY = base64.b64encode(zlib.compress(b"")).decode()


REFUSED: list[Any] = [
    pytest.param({"op": "merge", "neighborhoods": [1, 9], "into": 1}, "no neighborhood 9"),
    pytest.param({"op": "merge", "neighborhoods": [1], "into": 1}, "at least two"),
    pytest.param({"op": "merge", "neighborhoods": [], "into": 1}, "at least two"),
    pytest.param({"op": "merge", "neighborhoods": [0, 1], "into": 1}, "unassigned cells cannot"),
    pytest.param({"op": "merge", "neighborhoods": [1, 2], "into": 0}, "unassigned cells cannot"),
    pytest.param({"op": "merge", "neighborhoods": [1, 2], "into": 2**70}, "no neighborhood"),
    pytest.param({"op": "split", "neighborhood": 9, "cells": [0]}, "no neighborhood 9"),
    pytest.param({"op": "split", "neighborhood": 1, "cells": []}, "at least one cell"),
    pytest.param({"op": "split", "neighborhood": 1, "parts": []}, "at least one cell"),
    pytest.param({"op": "split", "neighborhood": 1, "cells": [1, 2]}, "1 of the 2 cells are not"),
    pytest.param({"op": "split", "neighborhood": 1, "cells": [9999]}, "outside the file"),
    pytest.param({"op": "split", "neighborhood": 1, "cells": [2**70]}, "outside the file"),
    pytest.param(
        {"op": "split", "neighborhood": 1, "parts": [{"cells": [1]}, {"cells": [1]}]},
        "share cells",
    ),
    pytest.param(
        {"op": "split", "neighborhood": 1, "cells": {"bits": {"77": EMPTY}}}, "number 77"
    ),
    pytest.param({"op": "split", "neighborhood": 1, "cells": {"bits": {"x": ""}}}, "section 'x'"),
    pytest.param({"op": "split", "neighborhood": 1, "cells": {"bits": {"00": ""}}}, "'00'"),
    pytest.param({"op": "split", "neighborhood": 1, "cells": {"bits": {"0": "!"}}}, "cannot be"),
    pytest.param(
        {"op": "split", "neighborhood": 1, "cells": {"bits": {"0": "AA=="}}}, "cannot be"
    ),
    pytest.param({"op": "split", "neighborhood": 1, "cells": {"blob": GOOD_BLOB}}, "hash 0000"),
    pytest.param({"op": "split", "neighborhood": 1, "cells": {"bits": {"0": EMPTY}}}, "not fit"),
    pytest.param({"op": "reassign", "cells": [], "into": 1}, "at least one cell"),
    pytest.param({"op": "reassign", "cells": [0], "into": 8}, "no neighborhood 8"),
    pytest.param({"op": "reassign", "cells": [47], "into": 1}, r"outside the file, which has 47"),
    pytest.param({"op": "annotate", "neighborhood": 1}, "at least one of: name, color"),
    pytest.param({"op": "annotate", "neighborhood": 0, "name": "x"}, "cannot be annotated"),
    pytest.param({"op": "annotate", "neighborhood": 7, "name": "x"}, "no neighborhood 7"),
    pytest.param(
        {"op": "annotate", "neighborhood": 1, "marker_genes": ["Wsf1"]}, "did you mean 'Wfs1'"
    ),
    pytest.param({"op": "repartition", "blob": GOOD_BLOB}, "hash 0000"),
    pytest.param({"op": "undo"}, "nothing to undo"),
    pytest.param({"op": "redo"}, "nothing to redo"),
]


@pytest.mark.parametrize(("command", "message"), REFUSED)
def test_a_refused_command_changes_and_writes_nothing(
    desk: Any, command: dict[str, Any], message: str
) -> None:
    curation, history = desk.session.curation, desk.session.history
    with pytest.raises(BrainAtlasError, match=message):
        desk.do(command)
    assert desk.session.curation is curation
    assert desk.session.history is history
    assert (desk.lines, desk.archive.writes, desk.session.sentences) == ([], 0, [])


def test_a_refused_command_with_many_cells_leaves_no_blob(large_desk: Any) -> None:
    desk = large_desk
    rows = rows_of(desk.session.curation, desk.atlas, 1)
    strangers = rows_of(desk.session.curation, desk.atlas, 2)[:1]
    odd = [r for i, r in enumerate(rows) if hash((i, 7)) % 3 == 0]
    with pytest.raises(CommandError, match="are not in neighborhood 1"):
        desk.do({"op": "split", "neighborhood": 1, "cells": odd + strangers})
    assert desk.archive.writes == 0
    desk.do({"op": "split", "neighborhood": 1, "cells": odd})
    assert desk.archive.writes == 1
    assert set(desk.lines[0]["cells"]) == {"blob"}
    assert rows_of(desk.session.curation, desk.atlas, 5) == odd


@pytest.mark.parametrize("what", ["cells of another file", "a set of cells", "an unknown id"])
def test_a_proposal_that_does_not_fit_is_refused(desk: Any, what: str) -> None:
    rows = list(range(desk.atlas.n_cells))
    if what == "cells of another file":
        blob = desk.archive.write(_shorter(proposed(desk.atlas, None, [0] * len(rows), [None])))
        expected: tuple[type[Exception], str] = (JournalError, "does not fit")
    elif what == "a set of cells":
        blob = blob_of([1, 2], desk.atlas, desk.archive)["blob"]
        expected = (JournalError, "incomplete")
    else:
        blob = desk.archive.write(proposed(desk.atlas, None, [0] * len(rows), [77]))
        expected = (CommandError, "no neighborhood 77")
    curation = desk.session.curation
    with pytest.raises(expected[0], match=expected[1]):
        desk.do({"op": "repartition", "blob": blob})
    assert desk.session.curation is curation
    assert desk.lines == []


def _shorter(content: bytes) -> bytes:
    arrays = bytes_to_arrays(content, "it")
    return arrays_to_bytes(
        {**arrays, "labels": arrays["labels"][:-1], "confidence": arrays["confidence"][:-1]}
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param({"op": "fuse"}, "unknown op 'fuse'; known are: merge", id="op"),
        pytest.param({"op": ["merge"]}, "unknown op", id="op of another type"),
        pytest.param({}, "unknown op None", id="no op"),
        pytest.param([1], "a JSON object with an 'op'", id="list"),
        pytest.param(None, "a JSON object with an 'op'", id="null"),
        pytest.param({"op": "undo", "n": 2}, "n: Extra inputs", id="extra field"),
        pytest.param({"op": "merge", "into": 1}, "neighborhoods: Field required", id="missing"),
        pytest.param({"op": "merge", "neighborhoods": [-1], "into": 1}, "greater than", id="id"),
        pytest.param({"op": "reassign", "cells": [-1], "into": 1}, "greater than", id="cell"),
        pytest.param(
            {"op": "reassign", "cells": [True, False], "into": 1}, "not true or false", id="mask"
        ),
        pytest.param(
            {"op": "merge", "neighborhoods": [True, 2], "into": 2}, "not true", id="true"
        ),
        pytest.param({"op": "reassign", "cells": [0.5], "into": 1}, "integer", id="half a cell"),
        pytest.param(
            {"op": "split", "neighborhood": 1, "cells": [1], "parts": []}, "either", id="both"
        ),
        pytest.param({"op": "split", "neighborhood": 1}, "either cells or parts", id="neither"),
        pytest.param(
            {"op": "split", "neighborhood": 1, "parts": [], "name": "x"}, "to each part", id="name"
        ),
        pytest.param({"op": "annotate", "neighborhood": 1, "name": ""}, "name: ", id="no name"),
        pytest.param({"op": "annotate", "neighborhood": 1, "name": "a\0"}, "NUL", id="NUL"),
        pytest.param({"op": "annotate", "neighborhood": 1, "name": "\ud800"}, "name: ", id="half"),
        pytest.param({"op": "annotate", "neighborhood": 1, "color": "red"}, "color: ", id="red"),
        pytest.param(
            {"op": "annotate", "neighborhood": 1, "color": "#FF0000"}, "color: ", id="case"
        ),
        pytest.param({"op": "annotate", "neighborhood": 1, "status": "ok"}, "status: ", id="word"),
        pytest.param({"op": "repartition", "blob": "../x"}, "blob: ", id="path"),
    ],
)
def test_what_is_no_command_is_told_in_one_line(value: Any, message: str) -> None:
    with pytest.raises(CommandError, match=message) as caught:
        parse_command(value)
    assert "\n" not in str(caught.value)
