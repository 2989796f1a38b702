"""Carrying decisions over to a file whose cells were filtered, reordered or extended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.displacement import displacement
from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.carrying import keep_carried, write_journal
from napari_brain_atlas.io.configuration import who
from napari_brain_atlas.io.folder import CurationFolder, folder_of
from napari_brain_atlas.io.journal_files import new_header
from napari_brain_atlas.io.layout import Layout, ReadOptions, options_of_record
from napari_brain_atlas.io.matching import match_cells
from napari_brain_atlas.io.shelf import FileShelf
from napari_brain_atlas.model.archive import StagingArchive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands import Command, Origin, Rebase, Snapshot
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.model.proposal import base_to_curation
from napari_brain_atlas.model.session import Session
from napari_brain_atlas.model.state import state_to_bytes
from napari_brain_atlas.model.wording import count
from napari_brain_atlas.workflow.document import PACKAGE_VERSION
from napari_brain_atlas.workflow.reading import Reader, Reading
from napari_brain_atlas.workflow.rebase_report import (
    Report,
    author_report,
    rebase_lines,
    warnings_of,
)
from napari_brain_atlas.workflow.starting import (
    Start,
    find_start,
    options_for,
    read_record,
)

__all__ = ["rebase", "rebase_lines"]

_BY_USER = "given by the user"


@dataclass(frozen=True, slots=True)
class Target:
    """The file that decisions are carried to.

    Attributes
    ----------
    rows : (n_cells,) int64
        Row of each cell in the other file, -1 for cells that are only here; in
        the order of this file.
    """

    path: Path
    folder: CurationFolder
    atlas: Atlas
    start: Start
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Carried:
    """One author's journal for the other file, not yet written."""

    reading: Reading
    commands: tuple[Command, ...]
    archive: StagingArchive
    sentence: str


def rebase(
    old: Path,
    new: Path,
    *,
    author: str | None = None,
    options: ReadOptions | None = None,
    old_folder: Path | None = None,
    new_folder: Path | None = None,
    before_damage: bool = False,
    progress: Progress = silent,
) -> Report:
    """Carry the decisions on one file over to another by the names of the cells.

    The journals of `new` begin with the state that those of `old` have led to,
    snapshots first. The journals of `old` are kept beside them for the record.
    Each journal is written whole: an interruption leaves it out or in.

    Parameters
    ----------
    old : Path
        The file as it was curated.
    new : Path
        The file to go on with.
    author : str, optional
        Whose decisions are carried over; those of all without it.
    options : ReadOptions, optional
        What the user says of `new`; else as it, or `old`, was read before.
    old_folder, new_folder : Path, optional
        The curation folders, where they are not beside the files.

    Raises
    ------
    InputError
        If there is nothing to carry over, `old` is not as it was curated, no
        cell is in both, or the author has decided on `new` already.
    JournalError
        If a journal cannot be read.
    WriteError
    """
    source, kept = folder_of(old, old_folder), folder_of(new, new_folder)
    _require_apart(old, new, source, kept)
    readings = _readings(old, source, author, Reader(ReadOptions(), before_damage, progress))
    for reading in readings:
        _require_undecided(kept, reading.author, new)
    progress("matching cells", 0.3)
    target = _target(old, new, kept, readings[0].layout, options or ReadOptions())
    progress("carrying over", 0.6)
    carried = [_carried(reading, target) for reading in readings]
    for one in carried:
        _publish(one, target)
    progress("carried over", 1.0)
    return _report(carried, target)


def _require_apart(old: Path, new: Path, source: CurationFolder, kept: CurationFolder) -> None:
    for path in (old, new):
        if not path.exists():
            raise InputError(str(path), ["there is no such file"])
    if old.resolve() == new.resolve():
        raise InputError(str(new), ["is OLD and NEW at once; OLD is the file as it was curated"])
    if source.path.resolve() == kept.path.resolve():
        raise InputError(
            str(source.path),
            [f"is the curation folder of both files: rename it, and say --journal for {old.name}"],
        )


def _readings(
    old: Path, source: CurationFolder, author: str | None, reader: Reader
) -> list[Reading]:
    named = source.authors() if author is None else (who(author),)
    for name in named:
        _require_as_curated(old, source, name, reader)
    found = [r for r in (reader.read(old, source, name) for name in named) if r.seq]
    if not found:
        whose = "anybody" if author is None else named[0]
        others = ", ".join(source.authors()) or "nobody"
        raise InputError(
            str(source.path), [f"holds no decisions of {whose} to carry over; {others} decided "
                               "here; --journal names another curation folder"]
        )  # fmt: skip
    return found


def _require_as_curated(old: Path, source: CurationFolder, author: str, reader: Reader) -> None:
    differs = reader.differs(old, source, author)
    if differs:
        raise InputError(
            str(old), [f"is not as {author} curated it: the {differs} differ; give a copy of the "
                       f"file as it was then, and --journal {source.path}"]
        )  # fmt: skip


def _require_undecided(kept: CurationFolder, author: str, new: Path) -> None:
    contents = kept.journal(author)
    if contents is not None and contents.lines:
        decisions = count(len(contents.lines), "decision")
        raise InputError(
            str(kept.journal_path(author)),
            [f"holds {decisions} of {author} on {new.name} already, and "
             "nothing may overwrite them; move it away, carry over to a copy of the file, "
             "or name another author with --author"],
        )  # fmt: skip


def _target(
    old: Path, new: Path, kept: CurationFolder, layout: Layout, options: ReadOptions
) -> Target:
    stored = kept.base()
    if stored is not None or read_record(new) is not None:
        options = options_for(options, stored, new)
    else:
        options = _as_before(layout, options)
    atlas, found = read_atlas(new, options)
    start = find_start(stored, atlas, found, new, kept)
    return Target(new, kept, atlas, start, match_cells(old, new))


def _as_before(layout: Layout, options: ReadOptions) -> ReadOptions:
    """How the other file was read, as far as that says which cells lie where."""
    wanted = ["x", "y", "section", "animal"]
    if layout.unit_evidence == _BY_USER:
        wanted.append("unit")
    record = layout.as_record()
    return options_of_record({name: record[name] for name in wanted}, options)


def _carried(reading: Reading, target: Target) -> Carried:
    """The decisions as a journal of the other file; nothing is written yet."""
    commands: list[Command] = []
    archive = StagingArchive(target.folder.archive)
    curation = base_to_curation(target.start.base, target.atlas)
    shelf = FileShelf(target.folder.cache)
    session = Session(target.atlas, curation, archive, commands.append, shelf=shelf)
    history = reading.session.history
    last: Curation | None = None
    sentence = ""
    points = sorted((seq, name) for name, seq in history.snapshots.items())
    for seq, name in [*points, (history.seq, "")]:
        state = history.state_at(seq)
        if state is not last:
            sentence = session.do(_rebase(reading, state, seq, target, archive)).sentence
        if name:
            session.do(Snapshot(name=name))
        last = state
    return Carried(reading, tuple(commands), archive, sentence)


def _rebase(
    reading: Reading, state: Curation, seq: int, target: Target, archive: StagingArchive
) -> Rebase:
    order = reading.atlas.atlas_positions
    labels = state.owners_of_cells()[order]
    confidence = np.concatenate([state.confidence_on(s.index) for s in reading.atlas.sections])
    here = target.rows >= 0
    content = state_to_bytes(
        state,
        np.where(here, labels[target.rows], UNASSIGNED).astype(np.int32),
        np.where(here, confidence[order][target.rows], np.nan).astype(np.float32),
        target.atlas.fingerprint,
    )
    kept = int(here.sum())
    contents = reading.contents
    assert contents is not None
    return Rebase(
        blob=archive.write(content),
        origin=Origin(
            file=reading.path.name, journal=str(contents.header["journal"]),
            author=reading.author, seq=seq, fingerprint=reading.atlas.fingerprint,
        ),
        kept=kept, lost=reading.atlas.n_cells - kept, found=target.atlas.n_cells - kept,
    )  # fmt: skip


def _publish(carried: Carried, target: Target) -> None:
    """Write a journal whole, behind all that it names."""
    reading, folder = carried.reading, target.folder
    assert reading.contents is not None
    with folder.hold(reading.author, "command (rebase)"):
        _require_undecided(folder, reading.author, target.path)
        carried.archive.commit()
        if target.start.content is not None:
            folder.write_base(target.start.content)
        sentences = reading.session.sentences
        keep_carried(reading.folder, reading.author, reading.contents, sentences, folder)
        header = new_header(
            uuid4().hex, reading.author, target.atlas.fingerprint, target.start.digest,
            PACKAGE_VERSION,
        )  # fmt: skip
        write_journal(folder.journal_path(reading.author), header, carried.commands)


def _report(carried: list[Carried], target: Target) -> Report:
    reading = carried[0].reading
    kept = int(np.sum(target.rows >= 0))
    moved = displacement(reading.atlas, target.atlas, target.rows)
    same = reading.atlas.fingerprint == target.atlas.fingerprint
    return {
        "old": str(reading.path),
        "new": str(target.path),
        "curation_folder": str(target.folder.path),
        "kept": kept,
        "lost": reading.atlas.n_cells - kept,
        "found": target.atlas.n_cells - kept,
        "warnings": warnings_of(moved, target.atlas, same, reading.folder.path),
        "authors": [author_report(c.reading, c.sentence, target.rows) for c in carried],
    }
