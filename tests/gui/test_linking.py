"""What belongs together and what must stay apart is said in the table's menu."""

from __future__ import annotations

import pytest
from conftest_window import largest_here
from hands import CTRL, Key, choose, open_menu, press

from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.links import LinkedPair


def pick(workspace: Workspace, name: str) -> None:
    row = workspace.view.selection[-1]
    menu = open_menu(workspace, row)
    choose(menu, workspace.docks.neighborhoods.menu.entries[name])


@pytest.mark.parametrize(("name", "kind"), [("together", "must"), ("apart", "cannot")])
def test_two_selected_are_linked_and_unlinked(workspace: Workspace, name: str, kind: str) -> None:
    pair = largest_here(workspace, 2)
    workspace.stage.select(tuple(pair))
    pick(workspace, name)
    link = LinkedPair(kind, *sorted(pair))  # type: ignore[arg-type]
    assert workspace.stage.curation.links == {link}
    assert "Linked" in workspace.docks.floating.notice.text()
    open_menu(workspace, pair[0])
    entry = workspace.docks.neighborhoods.menu.entries[name]
    assert not entry.isEnabled() and "already" in entry.toolTip()
    workspace.docks.neighborhoods.menu.close()
    pick(workspace, "unlink")
    assert not workspace.stage.curation.links
    press(workspace, Key.Key_Z, CTRL)
    assert workspace.stage.curation.links == {link}


def test_one_alone_cannot_be_linked(workspace: Workspace) -> None:
    workspace.stage.select(tuple(largest_here(workspace, 1)))
    open_menu(workspace, workspace.view.selection[0])
    entries = workspace.docks.neighborhoods.menu.entries
    for name in ("together", "apart", "unlink"):
        assert not entries[name].isEnabled()
    assert "two or more" in entries["apart"].toolTip()
    workspace.docks.neighborhoods.menu.close()
