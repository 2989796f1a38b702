from __future__ import annotations

import numpy as np
import pytest
from painted_cells import cell_colors

from napari_brain_atlas.gui.arranging import (
    group_command,
    lock_command,
    owners_among,
    ungroup_command,
    with_members,
)
from napari_brain_atlas.gui.cell_colors import FADED
from napari_brain_atlas.gui.coloring import Tissue
from napari_brain_atlas.gui.scene import Scene, present
from napari_brain_atlas.gui.view_state import ViewState
from napari_brain_atlas.model.commands import (
    Annotate,
    Batch,
    Command,
    Create,
    Delete,
    Group,
    Link,
    Lock,
    Restore,
    Undo,
    Ungroup,
    Unlock,
)
from napari_brain_atlas.workflow.discovery import Scope
from napari_brain_atlas.workflow.document import Document


@pytest.fixture
def grouped(document: Document) -> Document:
    """1, 2 and 3 under 'HPF', which is 9, and 4 and 9 under 'brain', which is 10."""
    document.session.do(Group(neighborhoods=(1, 2, 3), name="HPF"))
    document.session.do(Group(neighborhoods=(9, 4), name="brain"))
    return document


def scene_of(document: Document, **view: object) -> Scene:
    return present(document.atlas, document.session.history, ViewState(**view))  # type: ignore[arg-type]


# -- what is shown -----------------------------------------------------------


def test_a_group_shows_the_sum_of_what_is_under_it(grouped: Document) -> None:
    curation = grouped.session.curation
    rows = {r.id: r for r in scene_of(grouped, section=1).rows}
    for group, under in ((9, (1, 2, 3)), (10, (1, 2, 3, 4))):
        counts = curation.counts[np.isin(curation.ids, under)]
        assert rows[group].n_cells == int(counts.sum())
        assert rows[group].n_sections == int((counts.sum(axis=0) > 0).sum())
        assert rows[group].here == int(counts[:, 1].sum())
        assert rows[group].own == 0 and rows[group].is_hollow
    assert (rows[9].members, rows[10].members) == (3, 5)
    assert rows[1].n_cells == curation.n_cells(1) and not rows[1].is_hollow


def test_a_group_is_not_in_the_legend_and_colors_no_cell(grouped: Document) -> None:
    scene = scene_of(grouped, section=1)
    curation = grouped.session.curation
    here = {curation.neighborhood(i).name for i in set(curation.owners_on(1).tolist())}
    assert {line.name for line in scene.legend.whole} == here
    before, _ = cell_colors(grouped.atlas, Tissue(grouped.session.history.reached[0], 1))
    after, _ = cell_colors(grouped.atlas, scene.tissue)
    np.testing.assert_array_equal(after, before)


def test_a_selected_group_lights_all_under_it(grouped: Document) -> None:
    owners = grouped.session.curation.owners_on(1)
    colors, _ = cell_colors(grouped.atlas, scene_of(grouped, section=1, selection=(9,)).tissue)
    lit = np.isin(owners, (1, 2, 3))
    assert (colors[lit, 3] == 255).all() and (colors[~lit, 3] == FADED).all()
    assert lit.any() and not lit.all()


def test_what_is_selected_twice_is_counted_once(grouped: Document) -> None:
    cells = f"{grouped.session.curation.n_cells(1, 2, 3):,} cells"
    assert f"HPF · 3 neighborhoods · {cells} on" in scene_of(grouped, selection=(9,)).summary
    assert cells in scene_of(grouped, selection=(9, 1)).summary


def test_locks_are_told_where_they_are_and_below(grouped: Document) -> None:
    grouped.session.do(Lock(neighborhoods=(10,)))
    grouped.session.do(Lock(neighborhoods=(2,)))
    rows = {r.id: r for r in scene_of(grouped).rows}
    assert [i for i, r in rows.items() if r.locked] == [10, 2]
    held = {i for i, r in rows.items() if r.lock_above}
    assert held == {1, 2, 3, 4, 9} and {rows[i].lock_above for i in held} == {"brain"}


def test_the_scope_of_a_group_is_what_has_cells_under_it(grouped: Document) -> None:
    scopes = scene_of(grouped, selection=(9,)).cluster.scopes
    assert scopes[1] == ("inside HPF", Scope((1, 2, 3)))


# -- what it would do --------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        pytest.param((5, 6), Group(neighborhoods=(5, 6), name="new"), id="a new one"),
        pytest.param((9, 5, 6), Group(neighborhoods=(5, 6), into=9), id="under the first"),
        pytest.param((5, 9, 1), Group(neighborhoods=(5, 9), name="new"), id="a group moves whole"),
    ],
)
def test_grouping_goes_under_the_first_where_that_is_a_group(
    grouped: Document, chosen: tuple[int, ...], expected: Command
) -> None:
    assert group_command(grouped.session.curation, chosen, "new") == expected


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        pytest.param((9,), Ungroup(neighborhood=9), id="a group"),
        pytest.param((1,), Annotate(neighborhood=1, parent=10), id="a member moves up"),
        pytest.param((4,), Annotate(neighborhood=4, parent=0), id="a member moves to the top"),
        pytest.param((5,), None, id="neither"),
        pytest.param((), None, id="nothing"),
    ],
)
def test_ungrouping(grouped: Document, chosen: tuple[int, ...], expected: Command | None) -> None:
    assert ungroup_command(grouped.session.curation, chosen) == expected


def test_several_are_ungrouped_in_one_step(grouped: Document) -> None:
    command = ungroup_command(grouped.session.curation, (10, 9))
    assert isinstance(command, Batch)
    grouped.session.do(command)
    assert {n.parent for n in grouped.session.curation.neighborhoods.values()} == {None}
    assert len(grouped.session.history.past) == 3


def test_locking_is_a_toggle(grouped: Document) -> None:
    session = grouped.session
    assert lock_command(session.curation, (1, 5)) == Lock(neighborhoods=(1, 5))
    session.do(Lock(neighborhoods=(10, 5)))
    assert lock_command(session.curation, (10, 5)) == Unlock(neighborhoods=(10, 5))
    assert lock_command(session.curation, (1, 6)) == Lock(neighborhoods=(6,))
    assert lock_command(session.curation, (1,)) is None
    lock = scene_of(grouped, selection=(1,)).actions.lock
    assert not lock.enabled and "the lock is on 'brain' above it" in lock.tip


def test_a_group_stands_for_what_is_under_it(grouped: Document) -> None:
    curation = grouped.session.curation
    assert with_members(curation, (9, 1)) == (9, 1, 2, 3)
    assert owners_among(curation, (10,)) == (4, 1, 2, 3) or set(owners_among(curation, (10,))) == {
        1,
        2,
        3,
        4,
    }
    actions = scene_of(grouped, selection=(9,)).actions
    assert actions.merge.text == "Merge 3" and actions.merge.enabled
    assert not actions.split.enabled and "is a group" in actions.split.tip


@pytest.mark.parametrize(
    ("commands", "noun"),
    [
        pytest.param([Lock(neighborhoods=(1,))], "lock", id="lock"),
        pytest.param(
            [Lock(neighborhoods=(1,)), Unlock(neighborhoods=(1,))], "unlock", id="unlock"
        ),
        pytest.param([Group(neighborhoods=(1, 2))], "group", id="group"),
        pytest.param([Delete(neighborhoods=(1,))], "delete", id="delete"),
        pytest.param([Create(name="x")], "new one", id="create"),
        pytest.param([Annotate(neighborhood=1, color="#123456")], "color", id="color"),
        pytest.param([Annotate(neighborhood=1, name="x")], "rename", id="rename"),
        pytest.param([Link(kind="must", neighborhoods=(1, 2))], "link", id="link"),
        pytest.param(
            [Batch(commands=(Lock(neighborhoods=(1,)), Lock(neighborhoods=(2,))))],
            "2 edits", id="batch",
        ),
        pytest.param([Delete(neighborhoods=(1,)), Restore(seq=0)], "restore", id="restore"),
    ],
)  # fmt: skip
def test_undo_is_said_with_a_plain_noun(
    document: Document, commands: list[Command], noun: str
) -> None:
    for command in commands:
        document.session.do(command)
    assert scene_of(document).actions.undo.text == f"Undo {noun}"
    document.session.do(Undo())
    assert scene_of(document).actions.redo.text == f"Redo {noun}"
