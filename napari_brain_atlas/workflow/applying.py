"""Commands from a file or the command line, each committed before the next is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_brain_atlas.errors import CommandError, InputError
from napari_brain_atlas.io.configuration import Author, author_of
from napari_brain_atlas.io.folder import CurationFolder, folder_of
from napari_brain_atlas.model.commands import Redo, Undo, parse_command
from napari_brain_atlas.workflow.document import Document, ReadOptions, open_document


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line of commands.

    Attributes
    ----------
    line : int
        Its number in the file.
    sentence : str
        What was done, or why it was refused.
    refused : bool
    """

    line: int
    sentence: str
    refused: bool = False


def apply_lines(
    document: Document, lines: Iterable[str], *, keep_going: bool = False
) -> Iterator[Outcome]:
    """Do the commands of JSON lines, yielding each outcome as soon as it is committed.

    The first refused command ends it, unless `keep_going`. A disk that fails
    ends it in any case.
    """
    document.lock()
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            change = document.session.do(parse_command(_parsed(text)))
            yield Outcome(number, change.sentence)
        except (CommandError, InputError) as error:
            yield Outcome(number, str(error), refused=True)
            if not keep_going:
                return


def step(document: Document, op: str) -> str:
    """Undo or redo one command; returns the sentence.

    Raises
    ------
    CommandError
        If there is nothing to undo or redo; other authors with decisions are named.
    """
    document.lock()
    try:
        return document.session.do(Undo() if op == "undo" else Redo()).sentence
    except CommandError as error:
        others = [a for a in document.folder.authors() if a != document.author]
        if document.seq or not others:
            raise
        raise CommandError(
            f"{error} for {document.author!r}; {', '.join(others)} decided here: give --author"
        ) from error


def open_reading(
    path: Path,
    author: str | None,
    options: ReadOptions,
    folder: Path | None,
    **how: Any,
) -> Document:
    """Open a file to report on it, as the author whose decisions are meant.

    Without `author` that is the one that `author_of` says where it has
    decisions, else the only one who has. `how` is handed to `open_document`.

    Raises
    ------
    InputError
        If several have decisions and none is named.
    """
    named = reading_author(folder_of(path, folder), author)
    document = open_document(path, author=named.name, options=options, folder=folder, **how)
    document.author_source = named.source
    return document


def reading_author(folder: CurationFolder, given: str | None) -> Author:
    """Whose decisions are meant where something is only read. Raises InputError."""
    author, authors = author_of(given), folder.authors()
    if given is not None or author.name in authors or not authors:
        return author
    if len(authors) > 1:
        raise InputError(
            str(folder.path), [f"{', '.join(authors)} decided here: say whom with --author"]
        )
    return Author(authors[0], "the only journal here")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"is not JSON: {error}") from error
