from __future__ import annotations

import numpy as np
import pytest

from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.gui.remedies import remedy_of
from napari_brain_atlas.model.commands import (
    Annotate,
    Command,
    Link,
    Lock,
    Merge,
    Undo,
)
from napari_brain_atlas.workflow.document import Document


def refused(document: Document, command: Command) -> CommandError:
    with pytest.raises(CommandError) as caught:
        document.session.do(command)
    return caught.value


def test_a_remedy_comes_first_and_is_undone_with_what_it_made_possible(
    document: Document,
) -> None:
    session = document.session
    session.do(Annotate(neighborhood=1, name="CA1"))
    session.do(Lock(neighborhoods=(1,)))
    merge = Merge(neighborhoods=(1, 2), into=1)
    remedy = remedy_of(session.curation, refused(document, merge), merge)
    assert remedy is not None and remedy.text == "Unlock 'CA1' and merge"
    before = session.curation
    session.do(remedy.command)
    assert 2 not in session.curation.neighborhoods
    session.do(Undo())
    np.testing.assert_array_equal(session.curation.owners, before.owners)
    assert session.curation.neighborhood(1).locked


def test_a_remedy_that_is_refused_gets_a_remedy(document: Document) -> None:
    session = document.session
    session.do(Link(kind="cannot", neighborhoods=(1, 2)))
    session.do(Lock(neighborhoods=(1,)))
    command: Command = Merge(neighborhoods=(1, 2), into=1)
    texts = []
    for _ in range(2):
        remedy = remedy_of(session.curation, refused(document, command), command)
        assert remedy is not None
        texts.append(remedy.text)
        command = remedy.command
    assert texts == ["Unlock 'N1' and merge", "Unlock 'N1', unlink 'N1' and 'N2' and merge"]
    session.do(command)
    assert 2 not in session.curation.neighborhoods
    session.do(Undo())
    assert session.curation.neighborhood(1).locked and len(session.curation.links) == 1


def test_an_error_without_a_remedy_offers_none(document: Document) -> None:
    command = Merge(neighborhoods=(1, 99), into=1)
    assert remedy_of(document.session.curation, refused(document, command), command) is None
