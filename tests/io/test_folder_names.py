"""Names in a curation folder that look like others, or that other programs gave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from napari_brain_atlas.errors import JournalError, JournalLockedError
from napari_brain_atlas.io.blobs import FileArchive
from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.model.commands import Repartition, Undo

COPY = "ann (1)"
"""What a program that syncs folders makes of "ann"."""


@pytest.fixture
def there(folder: CurationFolder) -> CurationFolder:
    """Another curation folder."""
    return CurationFolder(folder.path.with_name("copy.nba"))


def renamed_by_others(folder: CurationFolder, open_writer: Any) -> Path:
    """A journal with a decision under a name that is not in our letters."""
    writer = open_writer()
    writer.write(Undo())
    writer.close()
    return folder.journal_path("ann").rename(folder.path / f"{COPY}.jsonl")


def test_an_author_called_like_a_base_is_none(
    folder: CurationFolder, there: CurationFolder, open_writer: Any
) -> None:
    digest = folder.write_base(b"one")
    writer = open_writer("base-team")
    writer.write(Undo())
    assert folder.base() == (digest, b"one")
    writer.close()
    folder.copy_to(there)
    assert there.base() == (digest, b"one")
    assert len(list(there.path.glob("base-*"))) == 3  # with the journal and its lock


def test_a_journal_that_others_renamed_is_read(
    folder: CurationFolder, there: CurationFolder, open_writer: Any
) -> None:
    path = renamed_by_others(folder, open_writer)
    assert folder.authors() == (COPY,)
    assert folder.journal_path(COPY) == path
    contents = folder.journal(COPY)
    assert contents is not None and len(contents.lines) == 1
    folder.copy_to(there)
    assert there.journal(COPY) == contents


def test_a_journal_that_others_renamed_is_not_removed(
    folder: CurationFolder, open_writer: Any
) -> None:
    path = renamed_by_others(folder, open_writer)
    with pytest.raises(JournalError, match="holds decisions"), folder.starting_anew(b"two"):
        pass
    assert path.exists()


def test_a_copy_names_nothing_that_it_does_not_hold(
    folder: CurationFolder, there: CurationFolder, open_writer: Any, monkeypatch: Any
) -> None:
    writer = open_writer()
    writer.write(Repartition(scope="all", blob=folder.archive.write(b"first")))
    listed = FileArchive.digests

    def and_then_somebody_decides(archive: FileArchive) -> tuple[str, ...]:
        found = listed(archive)
        writer.write(Repartition(scope="all", blob=archive.write(b"second")))
        return found

    monkeypatch.setattr(FileArchive, "digests", and_then_somebody_decides)
    folder.copy_to(there)
    contents = there.journal("ann")
    assert contents is not None
    for line in contents.lines:
        there.archive.read(str(line.command["blob"]))


def test_a_copy_is_written_over_nothing_that_was_decided_there_meanwhile(
    folder: CurationFolder, there: CurationFolder, open_writer: Any
) -> None:
    open_writer().write(Undo())

    def refuse() -> None:
        with pytest.raises(JournalLockedError):
            there.hold("ann")
        raise JournalError("holds other decisions")

    with pytest.raises(JournalError, match="holds other decisions"):
        folder.copy_to(there, refuse)
    assert there.authors() == ()
    folder.copy_to(there)
    assert there.authors() == ("ann",)
