"""A lock refuses every change of a neighborhood and of all under it, and says how to go on."""

from __future__ import annotations

from typing import Any

import pytest
from small_atlas import proposed, rows_of

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.commands import Unlock, command_to_json, parse_command

# 3 is what every command touches; it lies under 5 and above 2.
TREE: list[dict[str, Any]] = [
    {"op": "create", "name": "HPF"},
    {"op": "annotate", "neighborhood": 3, "parent": 5},
    {"op": "annotate", "neighborhood": 2, "parent": 3},
    {"op": "create", "name": "elsewhere"},
    {"op": "link", "kind": "must", "neighborhoods": [3, 4]},
]
WHERE = {"itself": 3, "above": 5, "below": 2, "elsewhere": 6}
ALWAYS = {"itself", "above"}
TOUCHING: dict[str, tuple[dict[str, Any], set[str]]] = {
    "merge away": ({"op": "merge", "neighborhoods": [3], "into": 1}, {*ALWAYS, "below"}),
    "merge into it": ({"op": "merge", "neighborhoods": [1], "into": 3}, ALWAYS),
    "split": ({"op": "split", "neighborhood": 3, "cells": [3]}, ALWAYS),
    "reassign from it": ({"op": "reassign", "cells": [3], "into": 1}, ALWAYS),
    "reassign to it": ({"op": "reassign", "cells": [1], "into": 3}, ALWAYS),
    "unassign from it": ({"op": "reassign", "cells": [1, 3], "into": 0}, ALWAYS),
    "reassign within": ({"op": "reassign", "cells": [3], "into": 3}, ALWAYS),
    "create of its cells": ({"op": "create", "cells": [3]}, ALWAYS),
    "create under it": ({"op": "create", "parent": 3}, ALWAYS),
    "annotate": ({"op": "annotate", "neighborhood": 3, "notes": "n"}, ALWAYS),
    "move away": ({"op": "annotate", "neighborhood": 3, "parent": 0}, ALWAYS),
    "move under it": ({"op": "annotate", "neighborhood": 1, "parent": 3}, ALWAYS),
    "group": ({"op": "group", "neighborhoods": [3, 1]}, ALWAYS),
    "group under it": ({"op": "group", "neighborhoods": [1], "into": 3}, ALWAYS),
    "ungroup": ({"op": "ungroup", "neighborhood": 3}, {*ALWAYS, "below"}),
    "ungroup above": ({"op": "ungroup", "neighborhood": 5}, ALWAYS),
    "delete": ({"op": "delete", "neighborhoods": [3]}, {*ALWAYS, "below"}),
    "delete above": ({"op": "delete", "neighborhoods": [5]}, ALWAYS),
    "link": ({"op": "link", "kind": "cannot", "neighborhoods": [3, 1]}, ALWAYS),
    "unlink": ({"op": "unlink", "neighborhoods": [3, 4]}, ALWAYS),
    "batch": (
        {"op": "batch", "commands": [{"op": "create"}, {"op": "delete", "neighborhoods": [3]}]},
        {*ALWAYS, "below"},
    ),
}
MATRIX = [
    pytest.param(command, where, where in refused, id=f"{name}, locked {where}")
    for name, (command, refused) in TOUCHING.items()
    for where in WHERE
]


@pytest.fixture
def grouped(desk: Any) -> Any:
    for command in TREE:
        desk.do(command)
    assert desk.session.curation.neighborhood(2).parent == 3
    return desk


@pytest.mark.parametrize(("command", "where", "refused"), MATRIX)
def test_the_lock_matrix(grouped: Any, command: dict[str, Any], where: str, refused: bool) -> None:
    desk, locked = grouped, WHERE[where]
    desk.do({"op": "lock", "neighborhoods": [locked]})
    before = desk.session.history
    if refused:
        with pytest.raises(CommandError, match=r"locked; unlock .* first") as caught:
            desk.do(command)
        assert desk.session.history is before
        assert caught.value.remedy == Unlock(neighborhoods=(locked,))
        desk.do(command_to_json(caught.value.remedy))
    assert desk.do(command).command.op == command["op"]


def _with_other_cells(desk: Any, follow: bool) -> str:
    """A proposal that continues 2 and 3 with all their cells, or 3 with one more."""
    three, two = (rows_of(desk.session.curation, desk.atlas, i) for i in (3, 2))
    more = three if follow else [*three, 1]
    labels = [0 if r in more else 1 if r in two else 2 for r in range(desk.atlas.n_cells)]
    return desk.archive.write(proposed(desk.atlas, None, labels, [3, 2, None]))


@pytest.mark.parametrize("where", ["itself", "above"])
def test_a_proposal_may_not_move_the_borders_of_what_is_locked(grouped: Any, where: str) -> None:
    desk = grouped
    desk.do({"op": "lock", "neighborhoods": [WHERE[where]]})
    with pytest.raises(CommandError, match=r"cannot take the proposal: .*\(DG") as caught:
        desk.do({"op": "repartition", "blob": _with_other_cells(desk, follow=False)})
    assert caught.value.remedy == Unlock(neighborhoods=(WHERE[where],))
    record = desk.session.curation.neighborhood(3)
    desk.do({"op": "repartition", "blob": _with_other_cells(desk, follow=True)})
    assert desk.session.curation.neighborhood(3) is record


def test_all_locks_are_named_and_opened_at_once(grouped: Any) -> None:
    desk = grouped
    for locked in (5, 3, 1):
        desk.do({"op": "lock", "neighborhoods": [locked]})
    with pytest.raises(CommandError) as caught:
        desk.do({"op": "merge", "neighborhoods": [2, 1], "into": 2})
    assert str(caught.value) == (
        "cannot merge: neighborhood 2 (CA1sp, under 'DG') and neighborhood 1 (CA1so) are locked; "
        "unlock 'DG' (3), 'HPF' (5) and 'CA1so' (1) first"
    )
    assert caught.value.remedy == Unlock(neighborhoods=(3, 5, 1))
    desk.do(command_to_json(caught.value.remedy))
    desk.do({"op": "merge", "neighborhoods": [2, 1], "into": 2})


@pytest.mark.parametrize(
    ("commands", "message"),
    [
        pytest.param([("lock", [0])], "cannot lock unassigned", id="unassigned"),
        pytest.param([("lock", [])], "at least one", id="nothing"),
        pytest.param([("lock", [9])], "no neighborhood 9", id="nobody"),
        pytest.param([("lock", [1]), ("lock", [1])], "'CA1so' is already locked", id="twice"),
        pytest.param([("unlock", [1, 4])], "'CA1so' and 'VISp' are not locked", id="not locked"),
        pytest.param(
            [("lock", [5]), ("unlock", [2])],
            r"'CA1sp' is not locked; the lock is on 'HPF' \(5\) above it",
            id="locked above",
        ),
    ],
)
def test_locks_that_are_refused(
    grouped: Any, commands: list[tuple[str, list[int]]], message: str
) -> None:
    *before, last = [{"op": op, "neighborhoods": ids} for op, ids in commands]
    for command in before:
        grouped.do(command)
    with pytest.raises(CommandError, match=message) as caught:
        grouped.do(last)
    assert caught.value.remedy is None


def test_some_of_several_may_be_locked_already(desk: Any) -> None:
    desk.do({"op": "lock", "neighborhoods": [1]})
    desk.do({"op": "lock", "neighborhoods": [1, 2]})
    desk.do({"op": "unlock", "neighborhoods": [2, 3]})
    roll = desk.session.curation.neighborhoods
    assert [i for i in roll if roll[i].locked] == [1]


def test_undo_goes_through_a_lock(desk: Any) -> None:
    desk.do({"op": "annotate", "neighborhood": 1, "name": "x"})
    desk.do({"op": "lock", "neighborhoods": [1]})
    desk.do({"op": "undo"})
    desk.do({"op": "undo"})
    assert desk.session.curation.neighborhood(1).name == "CA1so"
    desk.do({"op": "redo"})
    desk.do({"op": "redo"})
    assert desk.session.curation.lock_on(1) is not None


def test_what_a_split_leaves_behind_a_lock_of_the_group(grouped: Any) -> None:
    made = grouped.do({"op": "split", "neighborhood": 3, "cells": [3]}).after
    assert made.neighborhood(7).parent == 5
    locked = grouped.do({"op": "lock", "neighborhoods": [5]}).after
    assert [n.id for n in locked.locks_on(7)] == [5]
    assert parse_command(command_to_json(Unlock(neighborhoods=(5,)))) == Unlock(neighborhoods=(5,))
