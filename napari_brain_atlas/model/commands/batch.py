"""Batch: several edits that are one step of history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from pydantic import Field

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands.annotate import Annotate
from napari_brain_atlas.model.commands.base import EditModel
from napari_brain_atlas.model.commands.create import Create
from napari_brain_atlas.model.commands.delete import Delete
from napari_brain_atlas.model.commands.dismiss import Dismiss
from napari_brain_atlas.model.commands.group import Group, Ungroup
from napari_brain_atlas.model.commands.link import Link, Unlink
from napari_brain_atlas.model.commands.lock import Lock, Unlock
from napari_brain_atlas.model.commands.merge import Merge
from napari_brain_atlas.model.commands.reassign import Reassign
from napari_brain_atlas.model.commands.repartition import Repartition
from napari_brain_atlas.model.commands.split import Split
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import Name
from napari_brain_atlas.model.wording import count, listed

Single = (
    Repartition | Create | Merge | Split | Reassign | Annotate | Group | Ungroup
    | Lock | Unlock | Delete | Link | Unlink | Dismiss
)  # fmt: skip
"""An edit that is not made of others."""


class Batch(EditModel):
    """Edits that are done in order, all or none, and undone together."""

    op: Literal["batch"] = "batch"
    commands: Annotated[
        tuple[Annotated[Single, Field(discriminator="op")], ...], Field(min_length=1)
    ]
    name: Name = ""

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError naming the edit that is refused; then none is done."""
        after = curation
        for number, command in enumerate(self.commands, 1):
            with _numbered(number, command, (curation, atlas, archive)):
                after = command.apply(after, atlas, archive)
        return after

    def stored(self, curation: Curation, atlas: Atlas, archive: Archive) -> Batch:
        """The same with every edit as it is written."""
        stored: list[Single] = []
        after = curation
        for number, command in enumerate(self.commands, 1):
            with _numbered(number, command, (curation, atlas, archive)):
                stored.append(command.stored(after, atlas, archive))
                after = stored[-1].apply(after, atlas, archive)
        return self.model_copy(update={"commands": tuple(stored)})

    def check(self, atlas: Atlas) -> None:
        """Refuse what any of the edits says against the measurements."""
        for number, command in enumerate(self.commands, 1):
            with _numbered(number, command):
                command.check(atlas)

    def sentence(self, before: Curation, after: Curation) -> str:
        """Its name, or what it is made of."""
        if len(self.commands) == 1 and not self.name:
            return self.commands[0].sentence(before, after)
        ops = Counter(c.op for c in self.commands)
        told = self.name or listed(f"{n} × {op}" if n > 1 else op for op, n in ops.items())
        return f"Did {count(len(self.commands), 'edit')} in one step — {told}"


_Given = tuple[Curation, Atlas, Archive]


@contextmanager
def _numbered(number: int, command: Single, given: _Given | None = None) -> Iterator[None]:
    """Name the edit of the batch in what it refuses."""
    try:
        yield
    except CommandError as error:
        told = f"edit {number} of the batch ({command.op}): {error}"
        raise CommandError(told, remedy=_remedy(error, given)) from error


def _remedy(error: CommandError, given: _Given | None) -> Any:
    """What helps, if it can be done to the state before the batch, too."""
    if error.remedy is None or given is None:
        return None
    try:
        error.remedy.apply(*given)
    except CommandError:
        return None
    return error.remedy
