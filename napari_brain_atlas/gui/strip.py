"""What waits for Enter, in words and swatches."""

from __future__ import annotations

from dataclasses import dataclass

from napari_brain_atlas.gui.view_state import Merging, Suggested
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.wording import count
from napari_brain_atlas.workflow.discovery import Scope

SHOWN_SWATCHES = 8
SHOWN_NAMES = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """Words, with a swatch before them where there is a colour."""

    text: str
    color: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """A proposal as its strip shows it.

    Attributes
    ----------
    pieces : tuple of Piece
        What would change.
    details : str
        How large the outcome is.
    """

    pieces: tuple[Piece, ...]
    details: str


def strip_of(curation: Curation, staged: Merging | Suggested | None) -> Strip | None:
    """The strip of what waits for Enter, or None."""
    if isinstance(staged, Merging):
        return _merge_strip(curation, staged)
    return _proposal_strip(curation, staged) if staged is not None else None


def noise_text(staged: Suggested) -> str:
    """``23 found, 4 % placed by their neighbors (noise of HDBSCAN)``."""
    found = f"{len(staged.proposal.neighborhoods):,} found"
    share = staged.proposal.evidence.get("noise_share")
    if share is None:
        return found
    return f"{found}, {float(share):.0%} placed by their neighbors".replace("%", " %")


def scope_words(curation: Curation, scope: Scope) -> str:
    """What is clustered, in few words."""
    if len(scope.neighborhoods) > SHOWN_NAMES:
        return f"inside {len(scope.neighborhoods):,} neighborhoods"
    return scope.title(curation)


def _merge_strip(curation: Curation, staged: Merging) -> Strip:
    members = [curation.neighborhood(i) for i in staged.members]
    counts = curation.counts[[_row(curation, n) for n in members]]
    cells, sections = int(counts.sum()), int((counts.sum(axis=0) > 0).sum())
    pieces = [Piece("merge"), *(_swatch(n) for n in members[:SHOWN_NAMES])]
    if len(members) > SHOWN_NAMES:
        pieces.append(Piece(f"and {len(members) - SHOWN_NAMES} more"))
    # With many, its name has been said and the swatch is enough.
    outcome = _swatch(members[0]) if len(members) == 2 else Piece("", members[0].color)
    pieces += [Piece("→"), outcome]
    return Strip(tuple(pieces), f"{count(cells, 'cell')} · {count(sections, 'section')}")


def _proposal_strip(curation: Curation, staged: Suggested) -> Strip:
    found = staged.proposal.neighborhoods
    swatches = [Piece("", n.color) for n in found[:SHOWN_SWATCHES]]
    more = f"{len(found)} parts" if staged.splits else count(len(found), "neighborhood")
    if staged.splits:
        start = [Piece("split"), _swatch(curation.neighborhood(staged.splits)), Piece("→")]
    else:
        start = [Piece(f"propose for {scope_words(curation, staged.scope)} →")]
    cells = count(len(staged.proposal.labels), "cell")
    return Strip((*start, *swatches, Piece(more)), f"{cells} · {noise_text(staged)}")


def _swatch(neighborhood: Neighborhood) -> Piece:
    return Piece(neighborhood.name, neighborhood.color)


def _row(curation: Curation, neighborhood: Neighborhood) -> int:
    return int(curation.ids.searchsorted(neighborhood.id))
