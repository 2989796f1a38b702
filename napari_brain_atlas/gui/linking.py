"""Saying that neighborhoods belong together, or must stay apart, in what is proposed. No Qt."""

from __future__ import annotations

from collections.abc import Callable

from napari_brain_atlas.gui.curator import Curator
from napari_brain_atlas.gui.stage import Stage
from napari_brain_atlas.model.commands import Command, Link, Unlink
from napari_brain_atlas.model.neighborhood import UNASSIGNED


def link_acts(stage: Stage, curator: Curator) -> dict[str, Callable[[], None]]:
    """What the entries of the table's menu do to the selected neighborhoods."""

    def act(name: str, command: Callable[[tuple[int, ...]], Command]) -> Callable[[], None]:
        def do() -> None:
            if stage.can(name):
                chosen = tuple(i for i in stage.view.selection if i != UNASSIGNED)
                curator.announce(command(chosen))

        return do

    return {
        "together": act("together", lambda chosen: Link(kind="must", neighborhoods=chosen)),
        "apart": act("apart", lambda chosen: Link(kind="cannot", neighborhoods=chosen)),
        "unlink": act("unlink", lambda chosen: Unlink(neighborhoods=chosen)),
    }
