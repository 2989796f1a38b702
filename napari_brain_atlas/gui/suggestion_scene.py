"""What the panel of suggestions shows. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from napari_brain_atlas.gui.arranging import shortened
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.workflow.suggesting import Suggestion

UNASKED = "Press Look for suggestions: nothing changes until you take one."
NOTHING = "Nothing to suggest: no two that touch come back as one, and none as two."
MISSING = "There are no neighborhoods yet; find some under Cluster."


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What is suggested, as the view holds it.

    Attributes
    ----------
    found : tuple of Suggestion or None
        The best merges, then the best splits; None while nobody has asked.
    shown : str
        Key of the one that is previewed; empty for none.
    share : float or None
        How much of the search is done, 0 to 1; None while none is under way.
    doing : str
        What is being done, in words.
    """

    found: tuple[Suggestion, ...] | None = None
    shown: str = ""
    share: float | None = None
    doing: str = ""

    @property
    def previewed(self) -> Suggestion | None:
        """The suggestion that is previewed."""
        return next((s for s in self.found or () if s.key == self.shown), None)


UNKNOWN = Suggestions()


@dataclass(frozen=True, slots=True)
class SuggestionLine:
    """A suggestion as its list shows it.

    Attributes
    ----------
    key, title, reason : str
    colors : tuple of str
        Of its neighborhoods.
    is_merge : bool
    """

    key: str
    title: str
    reason: str
    colors: tuple[str, ...]
    is_merge: bool


@dataclass(frozen=True, slots=True)
class SuggestionScene:
    """What the panel of suggestions draws.

    Attributes
    ----------
    lines : tuple of SuggestionLine
        Merges, then splits.
    shown : str
        Key of the one that is previewed; empty for none.
    told : str
        Where there is no line: why.
    share : float or None
        How much of the search is done; None while none is under way.
    can_look : bool
    can_take : bool
        Whether the one previewed waits to be taken.
    """

    lines: tuple[SuggestionLine, ...]
    shown: str
    told: str
    share: float | None
    can_look: bool
    can_take: bool


def suggestion_scene(
    curation: Curation, suggestions: Suggestions, staged: bool, busy: bool
) -> SuggestionScene:
    """Compute what the panel of suggestions shows.

    Parameters
    ----------
    staged : bool
        Whether anything waits for Enter.
    busy : bool
        Whether other long work is under way.
    """
    known = len(curation.neighborhoods) > 1
    there = (s for s in suggestions.found or () if _stands(curation, s))
    lines = tuple(_line(curation, suggestion) for suggestion in there)
    return SuggestionScene(
        lines=lines,
        shown=suggestions.shown,
        told=_told(suggestions, known, bool(lines)),
        share=suggestions.share,
        can_look=known and suggestions.share is None and not busy,
        can_take=bool(suggestions.shown) and staged,
    )


def _stands(curation: Curation, suggestion: Suggestion) -> bool:
    """Whether it can still be done: what it is about may be gone before it is looked for anew."""
    return all(i in curation.neighborhoods for i in suggestion.neighborhoods)


def _line(curation: Curation, suggestion: Suggestion) -> SuggestionLine:
    members = [curation.neighborhood(i) for i in suggestion.neighborhoods]
    names = " + ".join(shortened(member.name) for member in members)
    verb = "merge" if suggestion.kind == "merge" else "split"
    return SuggestionLine(
        key=suggestion.key,
        title=f"{verb} {names}",
        reason=suggestion.reason,
        colors=tuple(member.color for member in members),
        is_merge=suggestion.kind == "merge",
    )


def _told(suggestions: Suggestions, known: bool, any_line: bool) -> str:
    if suggestions.share is not None:
        return f"{suggestions.doing} …"
    if not known:
        return MISSING
    if suggestions.found is None:
        return UNASKED
    if not any_line:
        return NOTHING
    return ""
