"""What can be done now, and if not, what has to happen first."""

from __future__ import annotations

from dataclasses import dataclass

from napari_brain_atlas.gui.view_state import ViewState
from napari_brain_atlas.model.commands import Annotate
from napari_brain_atlas.model.history import History, Step
from napari_brain_atlas.model.neighborhood import UNASSIGNED

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


@dataclass(frozen=True, slots=True)
class Actions:
    """Everything that buttons and keys do."""

    merge: Availability
    split: Availability
    rename: Availability
    undo: Availability
    redo: Availability
    save: Availability


def actions_of(history: History, view: ViewState) -> Actions:
    """What can be done in this state."""
    chosen = [i for i in view.selection if i != UNASSIGNED]
    return Actions(
        merge=_merge(len(chosen)),
        split=_split(history, chosen, view),
        rename=_rename(chosen),
        undo=_step("Undo", history.past[-1] if history.past else None),
        redo=_step("Redo", history.future[0] if history.future else None),
        save=_save(view),
    )


def _merge(n_chosen: int) -> Availability:
    if n_chosen < 2:
        return Availability(
            False,
            "Merge (G): select two or more neighborhoods first, with Shift-click on the tissue "
            "or Ctrl-click in the table",
            "Merge",
        )
    return Availability(
        True,
        f"Merge (G): shows what {n_chosen} neighborhoods would become; the one selected first "
        "keeps its name and color",
        f"Merge {n_chosen}",
    )


def _split(history: History, chosen: list[int], view: ViewState) -> Availability:
    if view.work is not None:
        return Availability(False, f"Split (K): {BUSY}", "Split")
    if len(chosen) != 1:
        return Availability(
            False, "Split (K): select one neighborhood first, by a click on the tissue", "Split"
        )
    name = history.curation.neighborhood(chosen[0]).name
    return Availability(
        True, f"Split (K): looks for parts inside {name!r} and shows them", "Split"
    )


def _rename(chosen: list[int]) -> Availability:
    if len(chosen) != 1:
        return Availability(False, "Rename (F2 or L): select one neighborhood first", "Rename")
    return Availability(True, "Rename (F2 or L): type a name in the table", "Rename")


def _step(verb: str, step: Step | None) -> Availability:
    key = "Ctrl+Z" if verb == "Undo" else "Ctrl+Shift+Z or Ctrl+Y"
    if step is None:
        return Availability(False, f"{verb} ({key}): there is nothing to {verb.lower()}", verb)
    return Availability(True, f"{verb} ({key}): {step.sentence}", f"{verb} {_noun(step)}")


def _noun(step: Step) -> str:
    command = step.command
    if isinstance(command, Annotate):
        return "rename" if command.name is not None else "note"
    nouns = {"repartition": "proposal", "reassign": "move"}
    return nouns.get(command.op, command.op)


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
