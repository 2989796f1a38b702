"""What waits for Enter, in words and swatches."""

from __future__ import annotations

from dataclasses import dataclass

from napari_brain_atlas.gui.arranging import short_names, shortened
from napari_brain_atlas.gui.chosen import Chosen
from napari_brain_atlas.gui.view_state import Merging, Suggested
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import UNASSIGNED, Neighborhood
from napari_brain_atlas.model.wording import count, listed
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
    other : str
        What else could become of chosen cells: ``M  move into 'CA1'``; empty if nothing.
    """

    pieces: tuple[Piece, ...]
    details: str
    other: str = ""


def strip_of(
    curation: Curation, staged: Merging | Suggested | Chosen | None,
    selection: tuple[int, ...] = (), section: int | None = None,
) -> Strip | None:  # fmt: skip
    """The strip of what waits for Enter, or None; `section` is the one shown."""
    if isinstance(staged, Merging):
        return _merge_strip(curation, staged)
    if isinstance(staged, Chosen):
        return _chosen_strip(curation, staged, selection, section)
    return _proposal_strip(curation, staged) if staged is not None else None


def noise_text(staged: Suggested) -> str:
    """``23 found, 4 % placed by their neighbors``."""
    found = f"{len(staged.found.neighborhoods):,} found"
    share = staged.found.evidence.get("noise_share")
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
    whole = staged.found.neighborhoods
    more = f"{len(whole)} parts" if staged.splits else count(len(whole), "neighborhood")
    if staged.left_out:
        more = f"{len(found):,} of {more}"
    if staged.splits:
        start = [Piece("split"), _swatch(curation.neighborhood(staged.splits)), Piece("→")]
    else:
        start = [Piece(f"propose for {scope_words(curation, staged.scope)} →")]
    cells = count(len(staged.proposal.labels), "cell")
    return Strip((*start, *swatches, Piece(more)), f"{cells} · {noise_text(staged)}")


def _chosen_strip(
    curation: Curation, staged: Chosen, selection: tuple[int, ...], section: int | None
) -> Strip:
    losing = [curation.neighborhood(i) for i in staged.owners if i != staged.becomes.id]
    moves = staged.becomes.id in curation.neighborhoods
    verb = "move" if moves else "split" if staged.splits else "new from"
    # Of several the swatches are enough: the line below names them.
    shown = [Piece(n.name if len(losing) == 1 else "", n.color) for n in losing[:SHOWN_SWATCHES]]
    pieces = [Piece(verb), *shown]
    cells = f"{count(len(staged.cells), 'cell')} of {_few_names(curation, staged.owners)}"
    sections = {s for s, _ in staged.strokes}
    where = "this section" if sections == {section} else count(len(sections), "section")
    into = target_of(staged, selection)
    other = f"M  into {short_names(curation, [into])}" if into is not None else ""
    if moves:
        other = "M  into a new one"
    pieces += [Piece("→"), _swatch(staged.becomes)]
    return Strip(tuple(pieces), f"{cells} · on {where}", other)


def target_of(staged: Chosen, selection: tuple[int, ...]) -> int | None:
    """The one selected neighborhood that chosen cells could go to; None if there is none."""
    if len(selection) != 1 or selection[0] in (UNASSIGNED, staged.splits):
        return None
    return selection[0]


def _few_names(curation: Curation, identities: tuple[int, ...]) -> str:
    """``CA1``, ``CA1 and CA3``, ``CA1 and 4 others``."""
    told = [shortened(curation.neighborhood(i).name) for i in identities[:2]]
    if len(identities) > 2:
        told[1:] = [f"{len(identities) - 1:,} others"]
    return listed(told)


def _swatch(neighborhood: Neighborhood) -> Piece:
    return Piece(neighborhood.name, neighborhood.color)


def _row(curation: Curation, neighborhood: Neighborhood) -> int:
    return int(curation.ids.searchsorted(neighborhood.id))
