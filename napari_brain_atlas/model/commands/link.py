"""Link and Unlink: what a later clustering is told about neighborhoods."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Literal

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands.base import EditModel, NeighborhoodId, require_chosen
from napari_brain_atlas.model.commands.lock import require_unlocked
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.lineage import once
from napari_brain_atlas.model.links import LinkedPair, LinkKind, links_between
from napari_brain_atlas.model.wording import names


class Link(EditModel):
    """Cells of these neighborhoods belong together ("must"), or never ("cannot")."""

    op: Literal["link"] = "link"
    kind: LinkKind
    neighborhoods: tuple[NeighborhoodId, ...]

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if there are fewer than two, or the opposite was said."""
        chosen = _linkable(curation, self.neighborhoods, "link")
        opposite: LinkKind = "must" if self.kind == "cannot" else "cannot"
        against = links_between(opposite, chosen) & curation.links
        if against:
            raise _contradiction(curation, min(against), "link")
        fresh = links_between(self.kind, chosen) - curation.links
        if not fresh:
            told = _told(self.kind)
            raise CommandError(f"{names(curation, chosen)} are linked already: they {told}")
        return replace(curation, links=curation.links | fresh)

    def sentence(self, before: Curation, after: Curation) -> str:
        """What was said of which neighborhoods."""
        return f"Linked {names(before, once(self.neighborhoods))}: they {_told(self.kind)}"


class Unlink(EditModel):
    """Nothing is said any more of how these neighborhoods belong to each other."""

    op: Literal["unlink"] = "unlink"
    neighborhoods: tuple[NeighborhoodId, ...]

    def apply(self, curation: Curation, atlas: Atlas, archive: Archive) -> Curation:
        """Raises CommandError if there are fewer than two, or no two of them are linked."""
        chosen = _linkable(curation, self.neighborhoods, "unlink")
        pairs = links_between("must", chosen) | links_between("cannot", chosen)
        if not pairs & curation.links:
            raise CommandError(f"{names(curation, chosen)} are not linked")
        return replace(curation, links=curation.links - pairs)

    def sentence(self, before: Curation, after: Curation) -> str:
        """Which neighborhoods."""
        return f"Unlinked {names(before, once(self.neighborhoods))}"


def require_not_apart(curation: Curation, members: Collection[int], into: int) -> None:
    """Refuse a merge that brings together what a curator said must stay apart, with a remedy.

    They may also be brought together by a third: one that belongs together with
    one of the members and must stay apart from another.

    Raises
    ------
    CommandError
    """
    becomes = dict.fromkeys(members, into)
    together = {_ends(link, becomes) for link in curation.links if link.kind == "must"}
    for link in sorted(curation.links):
        ends = _ends(link, becomes)
        if link.kind == "cannot" and (len(ends) == 1 or ends in together):
            require_unlocked(curation, link.sides, "merge what must stay apart")
            raise _contradiction(curation, link, "merge")


def _ends(link: LinkedPair, becomes: Mapping[int, int]) -> frozenset[int]:
    return frozenset(becomes.get(i, i) for i in link.sides)


def _linkable(curation: Curation, identities: Iterable[int], op: str) -> tuple[int, ...]:
    chosen = tuple(n.id for n in require_chosen(curation, identities, op))
    if len(chosen) < 2:
        raise CommandError(f"{op} needs at least two neighborhoods")
    require_unlocked(curation, chosen, op)
    return chosen


def _told(kind: LinkKind) -> str:
    return "belong together" if kind == "must" else "must stay apart"


def _contradiction(curation: Curation, link: LinkedPair, what: str) -> CommandError:
    return CommandError(
        f"cannot {what}: {names(curation, link.sides)} {_told(link.kind)}; unlink them first",
        remedy=Unlink(neighborhoods=link.sides),
    )
