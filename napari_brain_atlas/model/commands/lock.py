"""Lock and Unlock: a locked neighborhood refuses every change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands.base import EditModel, NeighborhoodId, require_chosen
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.lineage import once, subtree
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.wording import count, listed, names, with_ids


class Lock(EditModel):
    """Neighborhoods, and all that is grouped under them, refuse every change from now on."""

    op: Literal["lock"] = "lock"
    neighborhoods: tuple[NeighborhoodId, ...]

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if one does not exist, or all are locked already."""
        return _with_locks(curation, self.neighborhoods, locked=True)

    def sentence(self, before: Curation, after: Curation) -> str:
        """What was locked, and how much with it."""
        chosen = once(self.neighborhoods)
        under = {i for c in chosen for i in subtree(after.neighborhoods, c)} - set(chosen)
        more = f" with {count(len(under), 'neighborhood')} under " if under else ""
        return f"Locked {names(before, chosen)}{more}{_them(chosen) if under else ''}"


class Unlock(EditModel):
    """Neighborhoods take changes again."""

    op: Literal["unlock"] = "unlock"
    neighborhoods: tuple[NeighborhoodId, ...]

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if one does not exist, or none is locked itself."""
        return _with_locks(curation, self.neighborhoods, locked=False)

    def sentence(self, before: Curation, after: Curation) -> str:
        """What was unlocked, and what still holds it."""
        chosen = once(self.neighborhoods)
        locks = once(lock.id for i in chosen for lock in after.locks_on(i))
        still = f"; {names(after, locks)} above {_them(chosen)} stays locked" if locks else ""
        return f"Unlocked {names(before, chosen)}{still}"


def require_unlocked(curation: Curation, identities: Iterable[int], what: str) -> None:
    """Refuse to touch a locked neighborhood, with the remedy to unlock it.

    Parameters
    ----------
    what : str
        The verb that is refused: "merge".

    Raises
    ------
    CommandError
    """
    found = {i: list(curation.locks_on(i)) for i in once(identities)}
    held = {i: by for i, by in found.items() if by}
    if held:
        locks = once(lock.id for by in held.values() for lock in by)
        told = listed(_held(curation.neighborhood(i), by[0]) for i, by in held.items())
        verb = "is" if len(held) == 1 else "are"
        raise CommandError(
            f"cannot {what}: {told} {verb} locked; unlock {with_ids(curation, locks)} first",
            remedy=Unlock(neighborhoods=locks),
        )


def _them(chosen: tuple[int, ...]) -> str:
    return "it" if len(chosen) == 1 else "them"


def _held(neighborhood: Neighborhood, lock: Neighborhood) -> str:
    under = "" if lock.id == neighborhood.id else f", under {lock.name!r}"
    return f"neighborhood {neighborhood.id} ({neighborhood.name}{under})"


def _with_locks(curation: Curation, identities: Iterable[int], *, locked: bool) -> Curation:
    op = "lock" if locked else "unlock"
    chosen = require_chosen(curation, identities, op)
    changed = [n for n in chosen if n.locked != locked]
    if not changed:
        above = None if locked else curation.lock_on(chosen[0].id)
        hint = f"; the lock is on {with_ids(curation, (above.id,))} above it" if above else ""
        raise CommandError(
            f"{names(curation, (n.id for n in chosen))} {'is' if len(chosen) == 1 else 'are'} "
            f"{'already' if locked else 'not'} locked{hint}"
        )
    return curation.with_neighborhoods(*(n.model_copy(update={"locked": locked}) for n in changed))
