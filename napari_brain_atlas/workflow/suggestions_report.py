"""What ``suggest`` says: merges and splits worth a look, as values and as lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.model.wording import with_ids
from napari_brain_atlas.workflow.discovery import (
    Scope,
    hierarchy_request,
    load_hierarchy,
    prepare_hierarchy,
)
from napari_brain_atlas.workflow.document import Document
from napari_brain_atlas.workflow.suggesting import MOST, Ground, Suggestion, suggest

Report = dict[str, Any]
_NONE = "nothing to suggest: no two neighborhoods that touch come back as one, and none as two"


def suggestions(
    document: Document,
    most: int = MOST,
    embedding: str | None = None,
    progress: Progress = silent,
) -> list[Report]:
    """What could be merged or split, read from the hierarchy, which is grown where it is not kept.

    Parameters
    ----------
    most : int
        Of each kind.
    embedding : str, optional
        An obsm array of the file that is used instead of our own.

    Raises
    ------
    CommandError
        If there is no neighborhood yet.
    """
    curation = document.session.curation
    if len(curation.neighborhoods) == 1:
        raise CommandError("there are no neighborhoods yet; find some with discover")
    request = hierarchy_request(document, Scope(), embedding=embedding)
    grown = load_hierarchy(document, prepare_hierarchy(request, progress))
    ground = Ground.of(document.atlas, grown, progress)
    found = suggest(document.atlas, curation, ground, most, progress)
    return [_record(document, suggestion) for suggestion in found]


def suggestions_lines(rows: Sequence[Report]) -> list[str]:
    """`suggestions` for a terminal."""
    if not rows:
        return [_NONE]
    return [f"{row['score']:.3f}  {row['sentence']}\n       {row['reason']}" for row in rows]


def _record(document: Document, found: Suggestion) -> Report:
    named = with_ids(document.session.curation, found.neighborhoods)
    return {
        "kind": found.kind,
        "key": found.key,
        "neighborhoods": list(found.neighborhoods),
        "sentence": f"{found.kind} {named}",
        "score": found.score,
        "reason": found.reason,
        "figures": dict(found.figures),
    }
