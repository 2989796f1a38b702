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
_HELPS = (Unlock, Unlink)


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
    commands = _helped_by(_carried(error), error.__cause__, _singles(refused))
    if not commands:
        return None
    text = _told(curation, commands)
    return Remedy(text, Batch(commands=commands, name=text[0].lower() + text[1:]))


def remedy_of_search(curation: Curation, error: BrainAtlasError, scope: Scope) -> Remedy | None:
    """The same for a search for parts, which is no command."""
    remedy = _carried(error)
    if remedy is None:
        return None
    told = _helped(curation, remedy)
    return Remedy(f"{told[0].upper()}{told[1:]} and look for parts", remedy, scope)


def _helped_by(
    remedy: Any, cause: BaseException | None, refused: tuple[Any, ...]
) -> tuple[Any, ...]:
    """The commands that were refused, with their remedy among them; none without a remedy."""
    if not refused:
        return ()
    if remedy is not None:
        return (remedy, *refused)
    # What can only be done once the first remedies of a batch are done comes after them.
    later = _carried(cause)
    first = next((i for i, c in enumerate(refused) if not isinstance(c, _HELPS)), 0)
    return (*refused[:first], later, *refused[first:]) if later is not None else ()


def _carried(error: BaseException | None) -> Any:
    remedy = getattr(error, "remedy", None)
    return remedy if isinstance(remedy, get_args(Single)) else None


def _singles(command: Command) -> tuple[Any, ...]:
    if isinstance(command, Batch):
        return command.commands
    return (command,) if isinstance(command, get_args(Single)) else ()


def _told(curation: Curation, commands: tuple[Any, ...]) -> str:
    helps = [_helped(curation, c) for c in commands if isinstance(c, _HELPS)]
    verbs = dict.fromkeys(_verb(c) for c in commands if not isinstance(c, _HELPS))
    told = listed([*helps, *verbs])
    return told[0].upper() + told[1:]


def _helped(curation: Curation, command: Any) -> str:
    return f"{command.op} {short_names(curation, command.neighborhoods)}"


def _verb(command: Any) -> str:
    if isinstance(command, Annotate):
        said = command.said()
        verbs = {"name": "rename", "color": "change the color", "parent": "move it"}
        return next((verb for field, verb in verbs.items() if field in said), "annotate")
    return _VERBS.get(command.op, str(command.op))
