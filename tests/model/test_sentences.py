"""Every command in plain English, as undo, log and the history panel say it."""

from __future__ import annotations

from typing import Any

import pytest
from plain_cases import plain_start, state_bytes
from small_atlas import proposed

MERGE = {"op": "merge", "neighborhoods": [1, 2], "into": 1}
RENAME = {"op": "annotate", "neighborhood": 3, "name": "DGmo"}
ABOUT = {"op": "annotate", "neighborhood": 3}
GROUP = {"op": "group", "neighborhoods": [1, 2], "name": "CA1"}
LOCK = {"op": "lock", "neighborhoods": [1]}
LINK = {"op": "link", "kind": "cannot", "neighborhoods": [1, 3]}


def case(sentence: str, *commands: dict[str, Any]) -> Any:
    """The last of the commands has the sentence."""
    return pytest.param(commands, sentence, id=sentence[:50])


SENTENCES = [
    case("Merged 'CA1so' and 'CA1sp' into 'CA1so' — 20 cells on 4 sections", MERGE),
    case(
        "Merged 'CA1so', 'CA1sp' and 'DG' into 'CA1so' — 30 cells on 4 sections",
        {"op": "merge", "neighborhoods": [1, 2, 3], "into": 1},
    ),
    case(
        "Merged 'CA1so' and 'CA1' into 'CA1' — 20 cells on 4 sections",
        GROUP, {"op": "merge", "neighborhoods": [1], "into": 5},
    ),
    case(
        "Split 'x' (1 cell on 1 section) from 'CA1so'",
        {"op": "split", "neighborhood": 1, "cells": [1], "name": "x"},
    ),
    case(
        "Split 'CA1so.1' (1 cell on 1 section) and 'CA1so.2' (2 cells on 2 sections) from 'CA1so'",
        {"op": "split", "neighborhood": 1, "parts": [{"cells": [1]}, {"cells": [13, 17]}]},
    ),
    case(
        "Split 'new.1' (1 cell on 1 section) from 'unassigned'",
        {"op": "split", "neighborhood": 0, "cells": [0]},
    ),
    case(
        "Moved 2 cells on 2 sections from 'CA1so' and 'DG' to 'CA1sp'",
        {"op": "reassign", "cells": [1, 2, 3], "into": 2},
    ),
    case(
        "Unassigned 2 cells on 1 section of 'CA1so'",
        {"op": "reassign", "cells": [1, 13, 13], "into": 0},
    ),
    case(
        "Moved 1 cell on 1 section from 'unassigned' to 'CA1sp'",
        {"op": "reassign", "cells": [0], "into": 2},
    ),
    case(
        "Placed 2 cells on 1 section in 'CA1so' by hand",
        {"op": "reassign", "cells": [1, 13], "into": 1},
    ),
    case(
        "Moved 1 cell on 1 section from 'CA1sp' to 'CA1so'",
        {"op": "reassign", "cells": [1, 13, 2], "into": 1},
    ),
    case("Created 'CA2' — no cells yet", {"op": "create", "name": "CA2"}),
    case("Created 'new.1' — 2 cells on 2 sections", {"op": "create", "cells": [1, 2]}),
    case("Renamed 'DG' to 'DGmo'", RENAME),
    case(
        "Renamed 'DG' to 'DGmo' and set its term and notes",
        {**RENAME, "notes": "n", "term_id": "x"},
    ),
    case("Set the name of 'DG'", {**ABOUT, "name": "DG"}),
    case("Set the full name of 'DG'", {**ABOUT, "full_name": "Dentate gyrus"}),
    case("Set the certainty of 'DG' to low", {**ABOUT, "certainty": "low"}),
    case("Set the status of 'DG' to reviewed", {**ABOUT, "status": "reviewed"}),
    case("Set the term of 'DG' to UBERON:0001885", {**ABOUT, "term_id": "UBERON:0001885"}),
    case(
        "Set the marker genes and DOIs of 'DG'",
        {**ABOUT, "marker_genes": ["Prox1"], "dois": ["10.1/x"]},
    ),
    case("Cleared the notes of 'DG'", {**ABOUT, "notes": ""}),
    case("Cleared the certainty of 'DG'", {**ABOUT, "certainty": ""}),
    case(
        "Renamed 'DG' to 'DGmo', set its status and cleared its rationale and notes",
        {**RENAME, "status": "draft", "notes": "", "rationale": ""},
    ),
    case("Moved 'DG' under 'VISp'", {**ABOUT, "parent": 4}),
    case("Moved 'CA1so' to the top", GROUP, {"op": "annotate", "neighborhood": 1, "parent": 0}),
    case("Renamed 'DG' to 'DGmo' and moved it under 'VISp'", {**RENAME, "parent": 4}),
    case("Grouped 'CA1so' and 'CA1sp' under 'CA1' — 20 cells on 4 sections", GROUP),
    case(
        "Grouped 'DG' under 'CA1' — 30 cells on 4 sections",
        GROUP, {"op": "group", "neighborhoods": [3], "into": 5},
    ),
    case(
        "Grouped 'DG' under 'group.1' — 10 cells on 4 sections",
        {"op": "group", "neighborhoods": [3]},
    ),
    case(
        "Ungrouped 'CA1' into 'CA1so' and 'CA1sp'", GROUP, {"op": "ungroup", "neighborhood": 5}
    ),
    case("Locked 'CA1so'", LOCK),
    case(
        "Locked 'CA1' with 2 neighborhoods under it",
        GROUP, {"op": "lock", "neighborhoods": [5]},
    ),
    case("Unlocked 'CA1so'", LOCK, {"op": "unlock", "neighborhoods": [1, 1]}),
    case(
        "Unlocked 'CA1so'; 'CA1' above it stays locked",
        GROUP, LOCK, {"op": "lock", "neighborhoods": [5]}, {"op": "unlock", "neighborhoods": [1]},
    ),
    case(
        "Deleted 'CA1so' and 'DG' — 20 cells on 4 sections unassigned",
        {"op": "delete", "neighborhoods": [1, 3]},
    ),
    case(
        "Deleted 'CA1' — no cells; 'CA1so' and 'CA1sp' moved up",
        GROUP, {"op": "delete", "neighborhoods": [5]},
    ),
    case(
        "Deleted 'CA1' and 'CA1so' — 10 cells on 4 sections unassigned; 'CA1sp' moved up",
        GROUP, {"op": "delete", "neighborhoods": [5, 1]},
    ),
    case("Linked 'CA1so' and 'DG': they must stay apart", LINK),
    case("Linked 'CA1so' and 'DG': they belong together", {**LINK, "kind": "must"}),
    case("Unlinked 'CA1so' and 'DG'", LINK, {"op": "unlink", "neighborhoods": [1, 3]}),
    case("Dismissed the suggestion 'merge:1,2'", {"op": "dismiss", "suggestion": "merge:1,2"}),
    case(
        "Dismissed the suggestion 'CA1so looks like CA1sp'",
        {"op": "dismiss", "suggestion": "merge:1,2", "told": "CA1so looks like CA1sp"},
    ),
    case(
        "Did 3 edits in one step — 2 × lock and annotate",
        {"op": "batch", "commands": [LOCK, RENAME, {"op": "lock", "neighborhoods": [2]}]},
    ),
    case(
        "Did 2 edits in one step — layers of CA1",
        {"op": "batch", "name": "layers of CA1", "commands": [MERGE, RENAME]},
    ),
    case("Renamed 'DG' to 'DGmo'", {"op": "batch", "commands": [RENAME]}),
]  # fmt: skip


@pytest.mark.parametrize(("commands", "sentence"), SENTENCES)
def test_sentences(desk: Any, commands: tuple[dict[str, Any], ...], sentence: str) -> None:
    told = [desk.do(command).sentence for command in commands]
    assert told[-1] == sentence
    assert desk.do({"op": "undo"}).sentence == f"Undid: {sentence}"
    assert desk.do({"op": "redo"}).sentence == f"Redid: {sentence}"


def test_sentences_of_whole_states(desk: Any) -> None:
    n = desk.atlas.n_cells
    proposal = desk.archive.write(proposed(desk.atlas, None, [r % 2 for r in range(n)], [1, None]))
    told = [
        desk.do(command).sentence
        for command in (
            {"op": "snapshot", "name": "by layer"},
            {"op": "repartition", "blob": proposal},
            {"op": "restore", "snapshot": "by layer"},
            {"op": "restore", "seq": 2},
            {"op": "restore", "seq": 0},
            {
                "op": "rebase", "kept": 1047, "lost": 12, "found": 3,
                "blob": desk.archive.write(state_bytes(plain_start(desk.atlas), desk.atlas)),
                "origin": {"file": "old.h5ad", "journal": "0", "author": "ann", "seq": 9,
                           "fingerprint": "f"},
            },
        )
    ]  # fmt: skip
    assert told == [
        "Took the snapshot 'by layer'",
        "Took a proposal: 2 neighborhoods now, 4 before",
        "Restored the snapshot 'by layer' — 4 neighborhoods",
        "Restored the state after decision 2 — 2 neighborhoods",
        "Restored the base — 4 neighborhoods",
        "Carried over 9 decisions of ann from old.h5ad — 4 neighborhoods, 1,047 cells kept, "
        "12 lost, 3 new",
    ]


def test_a_sentence_about_many_names_the_first(desk: Any) -> None:
    for _ in range(4):
        desk.do({"op": "create"})
    told = desk.do({"op": "lock", "neighborhoods": [1, 2, 3, 4, 5, 6, 7, 8]}).sentence
    assert told == "Locked 'CA1so', 'CA1sp', 'DG', 'VISp', 'new.1' and 3 others"


@pytest.mark.parametrize("name", ['it\'s "CA1"', "a\nb", "שלום 🧠", "x" * 300])
def test_a_sentence_is_one_line_whatever_the_name(desk: Any, name: str) -> None:
    told = desk.do({"op": "annotate", "neighborhood": 1, "name": name}).sentence
    assert told == f"Renamed 'CA1so' to {name!r}"
    assert len(told.splitlines()) == 1
