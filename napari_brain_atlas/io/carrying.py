"""Journals of other files that a curation was carried over from, kept for the record.

They lie in the folder ``carried`` of the curation folder, which is one itself:
journals by their id instead of an author, bases, and the blobs that they name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from napari_brain_atlas.errors import JournalDamagedError, JournalError
from napari_brain_atlas.io.durable import reason, write_durably
from napari_brain_atlas.io.folder import CARRIED, SENTENCES, CurationFolder
from napari_brain_atlas.io.journal_lines import Contents, command_line, record_to_line
from napari_brain_atlas.model.commands import Command


def carried_folder(folder: CurationFolder) -> CurationFolder:
    """Where journals of other files are kept beside those of this one."""
    return CurationFolder(folder.path / CARRIED)


def keep_carried(
    source: CurationFolder, name: str, contents: Contents, sentences: Sequence[str] | None,
    target: CurationFolder,
) -> None:  # fmt: skip
    """Keep a journal of another file, with all that it needs to be read again.

    What is named is there before what names it, and journals that it was
    carried over from itself before it.

    Parameters
    ----------
    source : CurationFolder
    name : str
        The author, or the id of the journal where `source` holds carried ones.
    contents : Contents
    sentences : sequence of str or None
        What its commands did, which only the other file can tell; None where
        `source` has them written down.
    target : CurationFolder
        Of the file that it is carried to.

    Raises
    ------
    JournalError
        If what it names is missing or damaged.
    WriteError
    """
    kept = carried_folder(target)
    # Carried journals lie side by side, however long the chain is.
    beside = source if source.path.name == CARRIED else carried_folder(source)
    for journal_id in origins(contents):
        earlier = _whole_lines(beside, journal_id)
        if earlier is not None:
            keep_carried(beside, journal_id, earlier, None, target)
    for digest in _blobs_in([line.command for line in contents.lines]):
        kept.archive.write(source.archive.read(digest))
    found = source.base(str(contents.header["base"]))
    if found is not None:
        kept.write_base(found[1])
    journal = kept.journal_path(str(contents.header["journal"]))
    text = json.dumps(_sentences(source, name) if sentences is None else list(sentences))
    write_durably(_told_path(journal), text.encode())
    try:
        raw = source.journal_path(name).read_bytes()
    except OSError as error:
        raise JournalError(
            f"{source.journal_path(name)}: cannot be read: {reason(error)}"
        ) from error
    write_durably(journal, raw)


def carried_lines(folder: CurationFolder, contents: Contents) -> list[dict[str, Any]]:
    """The lines of all journals that one was carried over from, oldest file first.

    Each has a ``sentence`` and the ``file`` that it was decided on. Of a
    damaged journal there are those before the damage. Raises JournalError if one
    cannot be read.
    """
    kept = carried_folder(folder)
    lines: list[dict[str, Any]] = []
    for journal, file in origins(contents).items():
        earlier = _whole_lines(kept, journal)
        if earlier is None:
            continue
        # All carried journals lie in one folder, however far back.
        lines += carried_lines(folder, earlier)
        told = _sentences(kept, journal)
        lines += [
            {**line.as_json(), "file": file, "sentence": told[i] if i < len(told) else ""}
            for i, line in enumerate(earlier.lines)
        ]
    return lines


def origins(contents: Contents) -> dict[str, str]:
    """Ids of the journals that a journal was carried over from, and their files."""
    found = [line.command["origin"] for line in contents.lines if line.command["op"] == "rebase"]
    return {str(origin["journal"]): str(origin["file"]) for origin in found}


def write_journal(path: Path, header: Mapping[str, Any], commands: Sequence[Command]) -> None:
    """Write a whole journal at once: after a crash all of it is there, or nothing.

    The caller holds it. Raises CommandError and WriteError.
    """
    author = str(header["author"])
    lines = [command_line(seq, author, command) for seq, command in enumerate(commands, 1)]
    write_durably(path, b"".join([record_to_line(header), *lines]))


def _whole_lines(folder: CurationFolder, journal: str) -> Contents | None:
    """A carried journal as far as it is whole: it may have been carried from before a damage."""
    try:
        return folder.journal(journal)
    except JournalDamagedError as damage:
        return folder.journal(journal, damage.decisions)


def _sentences(folder: CurationFolder, journal: str) -> list[str]:
    path = _told_path(folder.journal_path(journal))
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    return [str(sentence) for sentence in told] if isinstance(told, list) else []


def _told_path(journal: Path) -> Path:
    return journal.with_name(journal.stem + SENTENCES)


def _blobs_in(value: Any) -> set[str]:
    """Hashes of all blobs that commands name, at any depth; evidence names none."""
    if isinstance(value, Mapping):
        own = {str(value["blob"])} if isinstance(value.get("blob"), str) else set()
        return own.union(*_nested(v for k, v in value.items() if k != "evidence"))
    if isinstance(value, list | tuple):
        return set().union(*_nested(iter(value)))
    return set()


def _nested(values: Iterator[Any]) -> list[set[str]]:
    return [_blobs_in(value) for value in values]
