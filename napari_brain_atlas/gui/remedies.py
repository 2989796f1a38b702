"""A refused command made possible: the remedy first, then the command, as one step. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.gui.arranging import short_names
from napari_brain_atlas.model.commands import Annotate, Batch, Command, Unlink, Unlock
from napari_brain_atlas.model.commands.batch import Single
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.wording import listed
from napari_brain_atlas.workflow.discovery import Scope

_VERBS = {
    "create": "create it",
    "delete": "delete",
    "group": "group",
    "link": "link",
    "merge": "merge",
    "reassign": "move the cells",
    "repartition": "take the proposal",
    "split": "split",
    "ungroup": "ungroup",
}


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a notice offers to do about a refusal.

    Attributes
    ----------
    text : str
        ``Unlock 'CA1' and merge``.
    command : Command
        The remedy and what was refused, as one step.
    scope : Scope or None
        What was to be searched for parts, where that was refused: it is searched then.
    """

    text: str
    command: Command
    scope: Scope | None = None


def remedy_of(curation: Curation, error: BrainAtlasError, refused: Command) -> Remedy | None:
    """The remedy that an error carries, followed by what it refused; None if it has none."""
    remedy = getattr(error, "remedy", None)
    after = _singles(refused)
    if not isinstance(remedy, get_args(Single)) or not after:
        return None
    commands = (remedy, *after)
    text = _told(curation, commands)
    return Remedy(text, Batch(commands=commands, name=text[0].lower() + text[1:]))


def remedy_of_search(curation: Curation, error: BrainAtlasError, scope: Scope) -> Remedy | None:
    """The same for a search for parts, which is no command."""
    remedy = getattr(error, "remedy", None)
    if not isinstance(remedy, get_args(Single)):
        return None
    return Remedy(f"{_helped(curation, remedy)} and look for parts", remedy, scope)


def _singles(command: Command) -> tuple[Any, ...]:
    if isinstance(command, Batch):
        return command.commands
    return (command,) if isinstance(command, get_args(Single)) else ()


def _told(curation: Curation, commands: tuple[Any, ...]) -> str:
    helps = [c for c in commands if isinstance(c, Unlock | Unlink)]
    verbs = dict.fromkeys(_verb(c) for c in commands if c not in helps)
    told = listed([*(_helped(curation, c) for c in helps), *verbs])
    return told[0].upper() + told[1:]


def _helped(curation: Curation, command: Any) -> str:
    return f"{command.op.capitalize()} {short_names(curation, command.neighborhoods)}"


def _verb(command: Any) -> str:
    if isinstance(command, Annotate):
        said = command.said()
        verbs = {"name": "rename", "color": "change the color", "parent": "move it"}
        return next((verb for field, verb in verbs.items() if field in said), "annotate")
    return _VERBS.get(command.op, str(command.op))
