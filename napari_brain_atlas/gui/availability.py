"""What can be done now, and if not, what has to happen first."""

from __future__ import annotations

from dataclasses import dataclass

from napari_brain_atlas.gui.arranging import (
    group_takes,
    groups_of,
    lock_command,
    owners_among,
    short_names,
    ungroup_command,
    with_members,
)
from napari_brain_atlas.gui.finding import largest_section
from napari_brain_atlas.gui.view_state import ViewState
from napari_brain_atlas.model.commands import Annotate, Batch, Command, Unlock
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.history import History, Step
from napari_brain_atlas.model.links import LinkKind, links_between
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.wording import count, listed

_NOUNS = {
    "create": "new one",
    "dismiss": "dismissal",
    "reassign": "move",
    "rebase": "carry-over",
    "repartition": "proposal",
}
LINK_TEXTS: dict[LinkKind, str] = {"must": "Belong together", "cannot": "Must stay apart"}
BUSY = "Wait until the work under way has finished, or cancel it"


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether something can be done.

    Attributes
    ----------
    enabled : bool
    tip : str
        What it would do, or what it needs.
    text : str
        What the button says.
    """

    enabled: bool
    tip: str
    text: str


KEYS = {
    "merge": "G",
    "split": "K",
    "rename": "F2",
    "group": "Shift+G",
    "ungroup": "Shift+U",
    "lock": "Ctrl+Shift+L",
    "delete": "Del",
    "visit": "J",
}
"""What menus tell of keys."""


@dataclass(frozen=True, slots=True)
class Actions:
    """Everything that buttons and keys do."""

    merge: Availability
    split: Availability
    rename: Availability
    color: Availability
    group: Availability
    ungroup: Availability
    lock: Availability
    delete: Availability
    together: Availability
    apart: Availability
    unlink: Availability
    visit: Availability
    undo: Availability
    redo: Availability
    save: Availability


def actions_of(history: History, view: ViewState) -> Actions:
    """What can be done in this state."""
    curation = history.curation
    chosen = [i for i in view.selection if i != UNASSIGNED and i in curation.neighborhoods]
    return Actions(
        merge=_merge(curation, chosen),
        split=_split(history, chosen, view),
        rename=_of_one(chosen, "Rename", "F2 or L", "type a name in the table"),
        color=_of_one(chosen, "Color", "", "choose a color for it"),
        group=_group(curation, chosen),
        ungroup=_ungroup(curation, chosen),
        lock=_lock(curation, chosen),
        delete=_delete(curation, chosen),
        together=_link(curation, chosen, "must"),
        apart=_link(curation, chosen, "cannot"),
        unlink=_unlink(curation, chosen),
        visit=_visit(curation, view.selection),
        undo=_step("Undo", history.past[-1] if history.past else None),
        redo=_step("Redo", history.future[0] if history.future else None),
        save=_save(view),
    )


def _merge(curation: Curation, chosen: list[int]) -> Availability:
    n = len(owners_among(curation, chosen))
    if len(with_members(curation, chosen)) < 2:
        return Availability(
            False,
            "Merge (G): select two or more neighborhoods first, with Shift-click on the tissue "
            "or Ctrl-click in the table",
            "Merge",
        )
    if len(chosen) == 1:
        name = short_names(curation, chosen)
        tip = f"Merge (G): shows {name} and all that is grouped under it as one neighborhood"
        return Availability(True, tip, f"Merge {n}")
    return Availability(
        True,
        f"Merge (G): shows what {n} neighborhoods would become; the one selected first "
        "keeps its name and color",
        f"Merge {n}",
    )


def _split(history: History, chosen: list[int], view: ViewState) -> Availability:
    if view.work is not None:
        return Availability(False, f"Split (K): {BUSY}", "Split")
    if len(chosen) != 1:
        return Availability(
            False, "Split (K): select one neighborhood first, by a click on the tissue", "Split"
        )
    curation = history.curation
    name = curation.neighborhood(chosen[0]).name
    if chosen[0] in groups_of(curation) and not curation.n_cells(chosen[0]):
        tip = f"Split (K): {name!r} is a group; select one neighborhood under it first"
        return Availability(False, tip, "Split")
    return Availability(
        True, f"Split (K): looks for parts inside {name!r} and shows them", "Split"
    )


def _of_one(chosen: list[int], verb: str, key: str, what: str) -> Availability:
    told = f"{verb} ({key})" if key else verb
    if len(chosen) != 1:
        return Availability(False, f"{told}: select one neighborhood first", verb)
    return Availability(True, f"{told}: {what}", verb)


def _group(curation: Curation, chosen: list[int]) -> Availability:
    if group_takes(curation, chosen):
        into, rest = short_names(curation, chosen[:1]), short_names(curation, chosen[1:])
        tip = f"Group (Shift+G): puts {rest} under {into}, the group selected first"
        return Availability(True, tip, "Group")
    if len(chosen) < 2:
        return Availability(
            False,
            "Group (Shift+G): select two or more neighborhoods first; where the first one "
            "selected is a group, the others go under it",
            "Group",
        )
    return Availability(
        True,
        f"Group (Shift+G): puts {short_names(curation, chosen)} under a new group, whose name "
        "it asks; no cell changes",
        "Group",
    )


def _ungroup(curation: Curation, chosen: list[int]) -> Availability:
    if ungroup_command(curation, chosen) is None:
        tip = "Ungroup (Shift+U): select a group, or what lies under one, first"
        return Availability(False, tip, "Ungroup")
    groups = [i for i in groups_of(curation) if i in chosen]
    if groups:
        tip = f"Ungroup (Shift+U): dissolves {short_names(curation, groups)}; no cell changes"
        return Availability(True, tip, "Ungroup")
    tip = f"Ungroup (Shift+U): takes {short_names(curation, chosen)} out of the group"
    return Availability(True, tip, "Ungroup")


def _lock(curation: Curation, chosen: list[int]) -> Availability:
    key = "Ctrl+Shift+L"
    if not chosen:
        return Availability(False, f"Lock ({key}): select a neighborhood first", "Lock")
    command = lock_command(curation, chosen)
    if command is None:
        above = next(curation.locks_on(chosen[0])).name
        tip = f"Unlock ({key}): the lock is on {above!r} above it; select that first"
        return Availability(False, tip, "Unlock")
    names = short_names(curation, command.neighborhoods)
    if isinstance(command, Unlock):
        return Availability(True, f"Unlock ({key}): {names} can be changed again", "Unlock")
    under = len(with_members(curation, command.neighborhoods)) > len(command.neighborhoods)
    more = ", and all that is grouped under it," if under else ""
    refuses = "refuses" if len(command.neighborhoods) == 1 else "refuse"
    tip = f"Lock ({key}): {names}{more} {refuses} every change until unlocked"
    return Availability(True, tip, "Lock")


def _delete(curation: Curation, chosen: list[int]) -> Availability:
    if not chosen:
        return Availability(False, "Delete (Del): select a neighborhood first", "Delete")
    names, cells = short_names(curation, chosen), curation.n_cells(*chosen)
    told = [f"{count(cells, 'cell')} will be unassigned"] if cells else []
    if not groups_of(curation).keys().isdisjoint(chosen):
        told.append("what is grouped under it stays")
    return Availability(
        True, f"Delete (Del): gives up {names}: {listed([*told, 'undo brings it back'])}", "Delete"
    )


def _link(curation: Curation, chosen: list[int], kind: LinkKind) -> Availability:
    text = LINK_TEXTS[kind]
    if len(chosen) < 2:
        return Availability(False, f"{text}: select two or more neighborhoods first", text)
    said = "together" if kind == "must" else "apart"
    tip = f"{text}: proposals made from now on keep {short_names(curation, chosen)} {said}"
    fresh = links_between(kind, chosen) - curation.links
    return Availability(bool(fresh), tip if fresh else f"{text}: that is said already", text)


def _unlink(curation: Curation, chosen: list[int]) -> Availability:
    pairs = links_between("must", chosen) | links_between("cannot", chosen)
    if not pairs & curation.links:
        tip = "Unlink: select two or more of which was said that they belong together, or apart"
        return Availability(False, tip, "Unlink")
    return Availability(True, "Unlink: says nothing any more of how these belong", "Unlink")


def _visit(curation: Curation, chosen: tuple[int, ...]) -> Availability:
    text = "Go to largest section"
    if not chosen:
        return Availability(False, f"{text} (J): select a neighborhood first", text)
    names = short_names(curation, [i for i in chosen if i in curation.neighborhoods])
    if largest_section(curation, chosen) is None:
        return Availability(False, f"{text} (J): {names} has no cell", text)
    return Availability(True, f"{text} (J): shows {names} where it has most cells", text)


def _step(verb: str, step: Step | None) -> Availability:
    key = "Ctrl+Z" if verb == "Undo" else "Ctrl+Shift+Z or Ctrl+Y"
    if step is None:
        return Availability(False, f"{verb} ({key}): there is nothing to {verb.lower()}", verb)
    return Availability(True, f"{verb} ({key}): {step.sentence}", f"{verb} {_noun(step.command)}")


def _noun(command: Command) -> str:
    if isinstance(command, Annotate):
        nouns = {"name": "rename", "color": "color", "parent": "move"}
        said = command.said()
        return next((noun for field, noun in nouns.items() if field in said), "note")
    if isinstance(command, Batch):
        n = len(command.commands)
        return f"{n} edits" if n > 1 else _noun(command.commands[0])
    return _NOUNS.get(command.op, command.op)


def _save(view: ViewState) -> Availability:
    if view.work is not None:
        return Availability(False, f"Save (Ctrl+S): {BUSY}", "Save")
    if view.saved:
        return Availability(False, "Save (Ctrl+S): the file holds the present state", "Saved ✓")
    return Availability(
        True,
        "Save (Ctrl+S): writes names and cells of all neighborhoods into the file; every decision "
        "is already kept in the journal",
        "Save",
    )
