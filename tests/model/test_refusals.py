"""What commands refuse; then nothing has changed and nothing is written."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import pytest
from small_atlas import blob_of, proposed, rows_of

from napari_brain_atlas.errors import BrainAtlasError, CommandError, JournalError
from napari_brain_atlas.model.archive import arrays_to_bytes, bytes_to_arrays
from napari_brain_atlas.model.commands import parse_command

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
    pytest.param({"op": "create", "cells": []}, "at least one cell, or no cells at all"),
    pytest.param({"op": "create", "cells": [47]}, "outside the file"),
    pytest.param({"op": "create", "marker_genes": ["Prox"]}, "did you mean 'Prox1'"),
    pytest.param({"op": "create", "parent": 5}, "no neighborhood 5"),
    pytest.param({"op": "delete", "neighborhoods": []}, "delete needs at least one"),
    pytest.param({"op": "delete", "neighborhoods": [1, 0]}, "cannot delete unassigned; it is no"),
    pytest.param({"op": "delete", "neighborhoods": [1, 7]}, "no neighborhood 7"),
    pytest.param(
        {
            "op": "rebase",
            "blob": GOOD_BLOB,
            "kept": 1,
            "lost": 0,
            "found": 0,
            "origin": {"file": "f", "journal": "j", "author": "a", "seq": 1, "fingerprint": "x"},
        },
        "hash 0000",
    ),
    pytest.param({"op": "restore", "snapshot": "x"}, "no snapshot 'x'; there are: none yet"),
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
        pytest.param({"op": "fuse"}, "unknown op 'fuse'; known are: repartition, cre", id="op"),
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
        pytest.param({"op": "create", "name": ""}, "name: ", id="create without a name"),
        pytest.param({"op": "create", "locked": True}, "locked: Extra", id="lock by create"),
        pytest.param(
            {"op": "annotate", "neighborhood": 1, "locked": True},
            "locked: Extra",
            id="by annotate",
        ),
        pytest.param(
            {"op": "annotate", "neighborhood": 1, "parent": -1}, "greater than", id="parent"
        ),
        pytest.param(
            {"op": "group", "neighborhoods": [1], "into": 2, "name": "x"}, "either into", id="two"
        ),
        pytest.param({"op": "link", "kind": "may", "neighborhoods": [1]}, "kind: ", id="kind"),
        pytest.param({"op": "dismiss", "suggestion": ""}, "suggestion: ", id="nothing dismissed"),
        pytest.param({"op": "dismiss", "suggestion": "a\0"}, "NUL", id="NUL dismissed"),
        pytest.param({"op": "delete", "neighborhood": 1}, "neighborhoods: Field", id="delete one"),
        pytest.param({"op": "rebase", "blob": GOOD_BLOB}, "origin: Field required", id="origin"),
        pytest.param(
            {"op": "split", "neighborhood": 1, "cells": [-1]},
            r"split: cells.0: Input should be greater than or equal to 0$",
            id="one form of cells",
        ),
        pytest.param(
            {"op": "split", "neighborhood": 1, "cells": {"blob": "x"}},
            r"split: cells.blob: 64 hexadecimal digits name it$",
            id="blob",
        ),
        pytest.param(
            {"op": "split", "neighborhood": 1, "cells": "all"},
            "split: cells: give positions in the file, or an object with bits or blob$",
            id="no form of cells",
        ),
        pytest.param(
            {"op": "annotate", "neighborhood": 1, "color": "#F00"},
            "annotate: color: write it like #1f77b4, in small letters$",
            id="short color",
        ),
        pytest.param(
            {"op": "batch", "commands": [{"op": "undo"}]}, "has the op 'undo'$", id="undo in one"
        ),
        pytest.param({"op": "batch", "commands": []}, "commands: it must not be empty$", id="no"),
    ],
)
def test_what_is_no_command_is_told_in_one_line(value: Any, message: str) -> None:
    with pytest.raises(CommandError, match=message) as caught:
        parse_command(value)
    assert "\n" not in str(caught.value)


def test_a_suggestion_is_dismissed_once(desk: Any) -> None:
    dismiss = {"op": "dismiss", "suggestion": "merge:1,2"}
    desk.do(dismiss)
    with pytest.raises(CommandError, match="'merge:1,2' was dismissed already"):
        desk.do(dismiss)
    desk.do({"op": "undo"})
    assert desk.session.curation.dismissed == frozenset()
    desk.do(dismiss)
