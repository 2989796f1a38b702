"""Commands from a file or the command line, each committed before the next is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_brain_atlas.errors import CommandError, InputError
from napari_brain_atlas.io.configuration import who
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
) -> Document:
    """Open a file to report on it, as the author whose decisions are meant.

    Without `author` that is the login name where it has decisions, else the
    only one who has.

    Raises
    ------
    InputError
        If several have decisions and none is named.
    """
    return open_document(
        path, author=_reading_author(folder_of(path, folder), author), options=options,
        folder=folder,
    )  # fmt: skip


def log_lines(path: Path, author: str | None, folder: Path | None) -> list[dict[str, Any]]:
    """The journal lines of one author, or of all by time, as JSON objects.

    Raises
    ------
    JournalError
        If a journal is damaged.
    """
    kept = folder_of(path, folder)
    authors = kept.authors() if author is None else (who(author),)
    journals = (kept.journal(name) for name in authors)
    lines = [line.as_json() for found in journals if found for line in found.lines]
    return sorted(lines, key=lambda line: (line["time"], line["author"], line["seq"]))


def log_sentences(
    path: Path, author: str | None, options: ReadOptions, folder: Path | None
) -> list[str]:
    """The journal in plain English, line by line."""
    lines = log_lines(path, author, folder)
    sentences: dict[tuple[str, int], str] = {}
    for name in dict.fromkeys(str(line["author"]) for line in lines):
        document = open_document(path, author=name, options=options, folder=folder)
        for seq, sentence in enumerate(document.session.sentences, 1):
            sentences[name, seq] = sentence
    return [
        f"{line['seq']:>5}  {line['time'][:19].replace('T', ' ')}  {line['author']}  "
        f"{sentences[line['author'], line['seq']]}"
        for line in lines
    ]


def _reading_author(folder: CurationFolder, author: str | None) -> str:
    name = who(author)
    authors = folder.authors()
    if author is not None or name in authors or not authors:
        return name
    if len(authors) > 1:
        raise InputError(
            str(folder.path), [f"{', '.join(authors)} decided here: say whom with --author"]
        )
    return authors[0]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise CommandError(f"is not JSON: {error}") from error
