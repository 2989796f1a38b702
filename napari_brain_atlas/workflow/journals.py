"""What all the journals of a file say, also beside one that is damaged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_brain_atlas.errors import JournalDamagedError, JournalError
from napari_brain_atlas.io.carrying import carried_lines
from napari_brain_atlas.io.configuration import who
from napari_brain_atlas.io.folder import CurationFolder, folder_of
from napari_brain_atlas.io.holding import held_elsewhere
from napari_brain_atlas.io.journal import Contents
from napari_brain_atlas.workflow.document import ReadOptions, open_document

NOT_REPLAYED = "cannot be replayed"


@dataclass(frozen=True, slots=True)
class Log:
    """The lines of one journal or more, by time, and what is wrong with any of them.

    Attributes
    ----------
    lines : tuple of dict
        As they stand in the file; of a damaged journal those before the damage.
    problems : tuple of str
    """

    lines: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]

    def __add__(self, later: Log) -> Log:
        """Both, one after the other."""
        return Log(self.lines + later.lines, self.problems + later.problems)


@dataclass(frozen=True, slots=True)
class JournalState:
    """How one author's journal stands.

    Attributes
    ----------
    decisions : int
        Commands that are whole.
    held : str
        Who writes it now, in words; empty if nobody does.
    damage : str
        What is wrong with it; empty if nothing is.
    """

    decisions: int
    held: str
    damage: str


def read_log(path: Path, author: str | None, folder: Path | None) -> Log:
    """The journal of one author, or those of all, line by line."""
    kept = folder_of(path, folder)
    lines: list[dict[str, Any]] = []
    problems: list[str] = []
    for name in kept.authors() if author is None else (who(author),):
        contents, problem = _whole_lines(kept, name)
        lines += [line.as_json() for line in contents.lines] if contents else []
        problems += [problem] if problem else []
    lines.sort(key=lambda line: (line["time"], line["author"], line["seq"]))
    return Log(tuple(lines), tuple(problems))


def log_sentences(log: Log, path: Path, options: ReadOptions, folder: Path | None) -> Log:
    """The same with a plain English ``sentence`` in each line."""
    sentences: dict[str, list[str]] = {}
    problems = list(log.problems)
    for name in dict.fromkeys(str(line["author"]) for line in log.lines):
        sentences[name], problem = _sentences(path, name, options, folder)
        problems += [problem] if problem and problem not in problems else []
    told = tuple(
        {**line, "sentence": _sentence(sentences[line["author"]], line["seq"])}
        for line in log.lines
    )
    return Log(told, tuple(problems))


def carried_log(path: Path, author: str | None, folder: Path | None) -> Log:
    """What was decided on other files before it was carried over, with sentences and files."""
    kept = folder_of(path, folder)
    lines: list[dict[str, Any]] = []
    problems: list[str] = []
    for name in kept.authors() if author is None else (who(author),):
        contents, _ = _whole_lines(kept, name)
        try:
            lines += carried_lines(kept, contents) if contents else []
        except JournalError as error:
            problems.append(str(error))
    lines.sort(key=lambda line: (line["time"], line["author"], line["seq"]))
    return Log(tuple(lines), tuple(problems))


def log_text(log: Log) -> list[str]:
    """`log_sentences` for a terminal."""
    return [
        f"{line['seq']:>5}  {line['time'][:19].replace('T', ' ')}  {line['author']}  "
        f"{line['sentence']}" + (f" (on {line['file']})" if "file" in line else "")
        for line in log.lines
    ]


def journal_states(folder: CurationFolder) -> dict[str, JournalState]:
    """How the journal of each author stands."""
    return {name: _state(folder, name) for name in folder.authors()}


def _state(folder: CurationFolder, author: str) -> JournalState:
    contents, problem = _whole_lines(folder, author)
    held = held_elsewhere(folder.journal_path(author))
    return JournalState(len(contents.lines) if contents else 0, held, problem)


def _whole_lines(folder: CurationFolder, author: str) -> tuple[Contents | None, str]:
    """What can be read of a journal, and what is wrong with the rest."""
    try:
        return folder.journal(author), ""
    except JournalDamagedError as damage:
        return folder.journal(author, damage.decisions), str(damage)
    except JournalError as error:
        return None, str(error)


def _sentences(
    path: Path, author: str, options: ReadOptions, folder: Path | None
) -> tuple[list[str], str]:
    """The sentences of what can be replayed, and what is wrong with the rest."""
    how: dict[str, Any] = {"author": author, "options": options, "folder": folder}
    try:
        return open_document(path, **how).session.sentences, ""
    except JournalDamagedError as damage:
        return open_document(path, **how, before_damage=True).session.sentences, str(damage)
    except JournalError as error:
        return [], str(error)


def _sentence(sentences: list[str], seq: int) -> str:
    return sentences[seq - 1] if seq <= len(sentences) else NOT_REPLAYED
