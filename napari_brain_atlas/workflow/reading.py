"""Curations that are only read: nothing is locked, mended or written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from napari_brain_atlas.errors import JournalDamagedError, WriteError
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.fingerprint import difference
from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.io.journal import Contents
from napari_brain_atlas.io.layout import Layout, ReadOptions
from napari_brain_atlas.io.shelf import FileShelf
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands import Command
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.model.proposal import base_to_curation
from napari_brain_atlas.model.session import Session
from napari_brain_atlas.workflow.recovering import replayed
from napari_brain_atlas.workflow.starting import find_start, options_for, require_same


@dataclass(frozen=True, slots=True)
class Reading:
    """One author's curation of a file, replayed.

    Attributes
    ----------
    path : Path
        The file.
    folder : CurationFolder
    author : str
    contents : Contents or None
        The journal; None where there is none.
    base : str
        Hash of the base.
    session : Session
        Refuses commands.
    layout : Layout
    """

    path: Path
    folder: CurationFolder
    author: str
    contents: Contents | None
    base: str
    session: Session
    layout: Layout

    @property
    def atlas(self) -> Atlas:
        """The cells."""
        return self.session.atlas

    @property
    def seq(self) -> int:
        """Number of decisions."""
        return self.session.history.seq


class Reader:
    """Reads curations of files, and the cells of each file once.

    Parameters
    ----------
    options : ReadOptions
        What the user says of the files; else as they were read before.
    before_damage : bool
        Read what stands before a damaged line of a journal.
    """

    def __init__(
        self, options: ReadOptions, before_damage: bool = False, progress: Progress = silent
    ) -> None:
        self._options = options
        self._before_damage = before_damage
        self._progress = progress
        self._atlases: dict[tuple[Path, ReadOptions], tuple[Atlas, Layout]] = {}
        self._readings: dict[tuple[Path, Path, str], Reading] = {}

    def read(self, path: Path, folder: CurationFolder, author: str) -> Reading:
        """Replay an author's journal on the cells of a file.

        Raises
        ------
        InputError
            If the file cannot be used.
        JournalDamagedError
            If a line of the journal, or what it names, is damaged.
        JournalError
            If the journal is of a later version, or belongs to other cells.
        """
        key = (path.resolve(), folder.path.resolve(), author)
        if key not in self._readings:
            self._readings[key] = self._whole(path, folder, author)
        return self._readings[key]

    def differs(self, path: Path, folder: CurationFolder, author: str) -> str:
        """How the cells of a file differ from those that the author decided on, in words.

        Empty where they do not, or there is no journal. Raises InputError, JournalError.
        """
        contents = folder.journal(author, 0 if self._before_damage else None)
        if contents is None:
            return ""
        stored = folder.base(str(contents.header["base"]))
        atlas, _ = self._cells(path, options_for(self._options, stored, path))
        return difference(atlas.fingerprint, str(contents.header["fingerprint"]))

    def _whole(self, path: Path, folder: CurationFolder, author: str) -> Reading:
        try:
            return self._replayed(path, folder, author, None)
        except JournalDamagedError as damage:
            if not self._before_damage:
                raise
            return self._replayed(path, folder, author, damage.decisions)

    def _replayed(
        self, path: Path, folder: CurationFolder, author: str, only: int | None
    ) -> Reading:
        contents = folder.journal(author, only)
        stored = folder.base(str(contents.header["base"]) if contents else None)
        atlas, layout = self._cells(path, options_for(self._options, stored, path))
        if contents is not None:
            said = str(contents.header["fingerprint"])
            require_same(folder.journal_path(author), said, atlas, path)
        start = find_start(stored, atlas, layout, path, folder)
        shelf = FileShelf(folder.cache)
        self._progress("replaying the journal", 0.5)
        session = replayed(
            folder.journal_path(author),
            contents.commands() if contents else [],
            lambda commands: Session(
                atlas,
                base_to_curation(start.base, atlas),
                folder.archive,
                _refuse,
                commands,
                shelf,
            ),
        )
        return Reading(path, folder, author, contents, start.digest, session, layout)

    def _cells(self, path: Path, options: ReadOptions) -> tuple[Atlas, Layout]:
        key = (path.resolve(), options)
        if key not in self._atlases:
            self._progress("reading cells", 0.1)
            self._atlases[key] = read_atlas(path, options)
        return self._atlases[key]


def _refuse(command: Command) -> NoReturn:
    raise WriteError(f"{command.op}: this curation is only read")
