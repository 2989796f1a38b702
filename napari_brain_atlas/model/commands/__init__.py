"""Commands: one curator's intent as a JSON value.

Each command has ``apply``, a pure step from one curation to the next that may
raise, and ``sentence``, what it did in plain English. A command records the
outcome, never the procedure; how the cells were chosen travels beside it as
``evidence``. The meaning of a released op never changes.
"""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter, ValidationError

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.commands.annotate import Annotate
from napari_brain_atlas.model.commands.batch import Batch, Single
from napari_brain_atlas.model.commands.create import Create
from napari_brain_atlas.model.commands.delete import Delete
from napari_brain_atlas.model.commands.dismiss import Dismiss
from napari_brain_atlas.model.commands.group import Group, Ungroup
from napari_brain_atlas.model.commands.link import Link, Unlink
from napari_brain_atlas.model.commands.lock import Lock, Unlock
from napari_brain_atlas.model.commands.merge import Merge
from napari_brain_atlas.model.commands.reassign import Reassign
from napari_brain_atlas.model.commands.rebase import Origin, Rebase
from napari_brain_atlas.model.commands.repartition import Repartition
from napari_brain_atlas.model.commands.split import Split, SplitPart
from napari_brain_atlas.model.commands.steps import Redo, Restore, Snapshot, Undo

__all__ = [
    "OPS",
    "Annotate",
    "Batch",
    "Command",
    "Create",
    "Delete",
    "Dismiss",
    "Edit",
    "Group",
    "Link",
    "Lock",
    "Merge",
    "Origin",
    "Reassign",
    "Rebase",
    "Redo",
    "Repartition",
    "Restore",
    "Snapshot",
    "Split",
    "SplitPart",
    "Undo",
    "Ungroup",
    "Unlink",
    "Unlock",
    "command_to_json",
    "parse_command",
]

Edit = Single | Batch | Rebase
"""A command that makes a new curation out of one."""
Command = Edit | Restore | Snapshot | Undo | Redo
"""Everything that a journal holds."""
OPS = tuple(str(kind.model_fields["op"].default) for kind in get_args(Command))
"""The names of all commands, as the journal has them."""

_adapter: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="op")])


def parse_command(value: Any) -> Command:
    """Make a command of a JSON object.

    Raises
    ------
    CommandError
        With every problem of the value in one line.
    """
    try:
        return _adapter.validate_python(value)
    except ValidationError as error:
        raise CommandError(_validation_message(value, error)) from error


def command_to_json(command: Command) -> dict[str, Any]:
    """The JSON object of a command, without what was not given."""
    return command.model_dump(mode="json", exclude_none=True)


def _validation_message(value: Any, error: ValidationError) -> str:
    if not isinstance(value, dict):
        return f"a command is a JSON object with an 'op', not {value!r:.60}"
    told = []
    for problem in error.errors():
        place, form = _place(problem["loc"][1:])
        if problem["type"].startswith("union_tag"):
            op = problem["input"].get("op") if isinstance(problem["input"], dict) else None
            if not place:
                return f"unknown op {op!r}; known are: {', '.join(OPS)}"
            problem["msg"] = f"no edit that can be part of a batch has the op {op!r}"
        # What is wrong in a list makes the list too short as well.
        echo = problem["type"] == "too_short" and problem["input"]
        if not echo and not (form and problem["type"] in _OTHER_FORM):
            told.append(f"{place or 'the command'}: {_plain(problem)}")
    told = told or ["cells: give positions in the file, or an object with bits or blob"]
    return f"{value.get('op')}: " + "; ".join(dict.fromkeys(told))


_OTHER_FORM = {"tuple_type", "model_type", "missing", "extra_forbidden"}
"""Problems that only say that a set of cells has not this one of its three forms."""
_EMPTY = "it must not be empty"
_PLAIN = {"string_too_short": _EMPTY, "too_short": _EMPTY, "tuple_type": "a list was expected"}


def _place(steps: tuple[int | str, ...]) -> tuple[str, bool]:
    """Where a problem is, as the curator wrote it, and whether it is about one form of cells."""
    forms = [s for s in steps if str(s).startswith(("tuple[", "CellBits", "CellBlob"))]
    return ".".join(str(s) for s in steps if s not in forms), bool(forms)


def _plain(problem: Any) -> str:
    """What is wrong, without the words of the program that checks it."""
    if problem["type"] == "string_pattern_mismatch":
        color = problem["ctx"]["pattern"].startswith("^#")
        return (
            "write it like #1f77b4, in small letters" if color else "64 hexadecimal digits name it"
        )
    told = _PLAIN.get(problem["type"], problem["msg"])
    return str(told).removeprefix("Value error, ")
