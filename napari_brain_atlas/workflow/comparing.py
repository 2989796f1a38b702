"""Two states against each other: of one journal, or of two."""

from __future__ import annotations

import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from napari_brain_atlas.compute.comparison import Comparison, compare
from napari_brain_atlas.errors import CommandError, InputError
from napari_brain_atlas.io.fingerprint import difference
from napari_brain_atlas.io.folder import CurationFolder, folder_of
from napari_brain_atlas.io.layout import ReadOptions
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.model.roll import Roll
from napari_brain_atlas.model.wording import count
from napari_brain_atlas.workflow.applying import reading_author
from napari_brain_atlas.workflow.reading import Reader, Reading

Report = dict[str, Any]
_JOURNAL, _FOLDER = ".jsonl", ".nba"


@dataclass(frozen=True, slots=True)
class StatePlace:
    """Where a state is to be found.

    Attributes
    ----------
    text : str
        As it was given: a file or a journal, then perhaps ``@`` and a point.
    path : Path
        The file or the journal.
    point : str
        Name of a snapshot or number of a decision; empty for the present state.
    """

    text: str
    path: Path
    point: str = ""

    @property
    def is_journal(self) -> bool:
        """Whether it names a journal and not a file."""
        return self.path.suffix == _JOURNAL

    @property
    def file(self) -> Path | None:
        """The file whose cells are meant, where the place says it."""
        if not self.is_journal:
            return self.path
        beside = self.path.absolute().parent
        file = beside.with_suffix("")
        return file if beside.suffix == _FOLDER and file.exists() else None


@dataclass(frozen=True, slots=True)
class State:
    """One state of a curation, and which it is."""

    reading: Reading
    point: str
    seq: int
    curation: Curation

    def as_record(self) -> Report:
        """Whose it is, and when it was."""
        contents = self.reading.contents
        return {
            "file": str(self.reading.path),
            "author": self.reading.author,
            "journal": contents.header["journal"] if contents else None,
            "point": self.point or None,
            "seq": self.seq,
            "neighborhoods": len(self.curation.neighborhoods) - 1,
        }


def place_of(text: str) -> StatePlace:
    """Read ``FILE``, ``FILE.nba/AUTHOR.jsonl``, or either with ``@SNAPSHOT`` or ``@SEQ``.

    The longest part that is a path counts as the path, so that names of files
    may hold an @.

    Raises
    ------
    InputError
        If there is no such file, or nothing stands behind the @.
    """
    whole = Path(text)
    if _is_there(whole):
        return StatePlace(text, whole)
    at = text.rfind("@")
    while at > 0:
        path, point = Path(text[:at]), text[at + 1 :]
        if _is_there(path):
            if not point:
                raise InputError(text, ["name a snapshot or the number of a decision behind @"])
            return StatePlace(text, path, point)
        at = text.rfind("@", 0, at)
    raise InputError(text, ["there is no such file"])


def _is_there(path: Path) -> bool:
    # Path.exists raises where a text is no name of a file at all, such as one too long.
    return os.path.exists(path)  # noqa: PTH110


def compare_states(
    one: str,
    two: str,
    *,
    author: str | None = None,
    options: ReadOptions | None = None,
    folder: Path | None = None,
    before_damage: bool = False,
    progress: Progress = silent,
) -> Report:
    """Compare two states of the same cells.

    Parameters
    ----------
    one, two : str
        As `place_of` reads them.
    author : str, optional
        Whose decisions are meant where a place names a file.
    folder : Path, optional
        The curation folder, where it is not beside the file.

    Raises
    ------
    InputError
        If a state is not found, or the two are not of the same cells.
    """
    reader = Reader(options or ReadOptions(), before_damage, progress)
    places = place_of(one), place_of(two)
    file = places[0].file or places[1].file
    if file is None:
        raise InputError(
            one, ["does not lie in the folder FILE.nba beside its file: name the file as one of "
                  "the two states"]
        )  # fmt: skip
    before, after = (_state(reader, place, place.file or file, author, folder) for place in places)
    _require_same_cells(before.reading, after.reading)
    progress("comparing", 0.8)
    found = compare(before.curation, after.curation, _shared_below(before.reading, after.reading))
    progress("compared", 1.0)
    return _report(before, after, found)


def comparison_lines(report: Report) -> list[str]:
    """`compare_states` for a terminal."""
    sides = zip("AB", (report["a"], report["b"]), strict=True)
    lines = [f"{letter}: {_told(side)}" for letter, side in sides]
    lines += [difference["sentence"] for difference in report["differences"]]
    if not report["differences"]:
        lines.append("no neighborhood differs")
    share = 100 * report["cells_agreeing"] / max(report["cells"], 1)
    ari = "–" if report["ari"] is None else f"{report['ari']:.3f}"
    return [
        *lines,
        f"{count(report['unchanged'], 'neighborhood')} unchanged; {share:.1f} % of "
        f"{count(report['cells'], 'cell')} are in the same neighborhood",
        f"ARI {ari} over {count(report['cells_assigned'], 'cell')} assigned in both; variation of "
        f"information {report['split_bits']:.3f} bits split, {report['merged_bits']:.3f} merged",
    ]


def _state(
    reader: Reader, place: StatePlace, file: Path, author: str | None, folder: Path | None
) -> State:
    if place.is_journal:
        kept, name = CurationFolder(place.path.parent), unquote(place.path.stem)
    else:
        kept = folder_of(file, folder)
        name = reading_author(kept, author).name
    reading = reader.read(file, kept, name)
    history = reading.session.history
    if not place.point:
        return State(reading, "", history.seq, history.curation)
    numbered = place.point.isdecimal() and place.point not in history.snapshots
    point = int(place.point) if numbered else place.point
    try:
        curation = history.state_at(point)
    except CommandError as error:
        raise InputError(place.text, [str(error)]) from error
    seq = point if isinstance(point, int) else history.snapshots[point]
    return State(reading, place.point, seq, curation)


def _require_same_cells(one: Reading, two: Reading) -> None:
    differs = difference(two.atlas.fingerprint, one.atlas.fingerprint)
    if differs:
        raise InputError(
            f"{one.path} and {two.path}",
            [f"are not of the same cells: the {differs} differ; carry the decisions over with "
             f"napari-brain-atlas rebase {one.path} {two.path}"],
        )  # fmt: skip


def _shared_below(one: Reading, two: Reading) -> int | None:
    """Ids below it were given before the two journals parted, and mean the same in both."""
    if one is two:
        return None
    if one.base != two.base:
        return 1
    lines = [r.contents.lines if r.contents else () for r in (one, two)]
    n = 0
    for mine, theirs in zip(*lines, strict=False):
        if mine.command != theirs.command:
            break
        n += 1
    return one.session.history.reached[n].next_id


def _report(before: State, after: State, found: Comparison) -> Report:
    names = before.curation.neighborhoods, after.curation.neighborhoods
    return {
        "a": before.as_record(),
        "b": after.as_record(),
        "cells": found.n_cells,
        "cells_agreeing": found.n_agreeing,
        "cells_assigned": found.n_assigned,
        "ari": None if math.isnan(found.ari) else found.ari,
        "split_bits": found.split_bits,
        "merged_bits": found.merged_bits,
        "unchanged": found.unchanged,
        "differences": [
            {
                **asdict(difference),
                "before": _named(difference.before, names[0]),
                "after": _named(difference.after, names[1]),
            }
            for difference in found.differences
        ],
    }


def _named(identities: tuple[int, ...], roll: Roll) -> list[Report]:
    return [{"id": i, "name": roll[i].name} for i in identities]


def _told(side: Report) -> str:
    when = f"after {count(side['seq'], 'decision')}"
    named = f" ({side['point']})" if side["point"] and side["point"] != str(side["seq"]) else ""
    return (
        f"{Path(side['file']).name}, {side['author']} {when}{named}: "
        f"{count(side['neighborhoods'], 'neighborhood')}"
    )
