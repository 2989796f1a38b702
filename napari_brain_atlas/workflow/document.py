"""An opened file: its session, its journal, and how it is saved."""

from __future__ import annotations

from pathlib import Path

from napari_brain_atlas.errors import JournalDamagedError
from napari_brain_atlas.io import columns
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.cache import Cache
from napari_brain_atlas.io.configuration import Author, author_of, read_configuration
from napari_brain_atlas.io.folder import CurationFolder, folder_of
from napari_brain_atlas.io.holding import Hold
from napari_brain_atlas.io.journal import Contents, JournalWriter
from napari_brain_atlas.io.layout import Layout, ReadOptions
from napari_brain_atlas.io.save import require_target, save_columns
from napari_brain_atlas.io.shelf import FileShelf
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands import Command
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.model.proposal import base_to_curation
from napari_brain_atlas.model.session import Session
from napari_brain_atlas.workflow.mending import Found, find, mend
from napari_brain_atlas.workflow.recovering import (
    Access,
    access,
    go_on_before,
    recovered,
    replayed,
)
from napari_brain_atlas.workflow.saving import bring_curation, require_own
from napari_brain_atlas.workflow.starting import (
    PACKAGE_VERSION,
    Start,
    find_start,
    options_for,
    read_record,
    record_of,
    require_same,
    version_in,
)

__all__ = ["PACKAGE_VERSION", "Document", "ReadOptions", "open_document"]


class Document:
    """A file being curated.

    Made by `open_document`; `close` lets others write the journal.

    Attributes
    ----------
    path : Path
    atlas : Atlas
    layout : Layout
        What was found where in the file.
    session : Session
    author : str
    folder : CurationFolder
    author_source : str
        What named the author: ``--author``, a variable, a file or the login name.
    recovered : str
        What was replayed at opening, in words; empty if nothing was.
    read_only : str
        Why commands are refused, in words; empty where they are not.
    """

    def __init__(
        self, path: Path, atlas: Atlas, layout: Layout, folder: CurationFolder,
        author: Author, start: Start, contents: Contents | None, access: Access, program: str,
        found: Found,
    ) -> None:  # fmt: skip
        self.path = path
        self.atlas = atlas
        self.layout = layout
        self.folder = folder
        self.author = author.name
        self.author_source = author.source
        self._program = program
        self._start = start
        self._contents = contents
        self._writer: JournalWriter | None = None
        self._shelf = FileShelf(folder.cache)
        curation = base_to_curation(start.base, atlas)
        self.session = replayed(
            folder.journal_path(author.name),
            contents.commands() if contents else [],
            lambda commands: Session(
                atlas, curation, folder.archive, self._write, commands, self._shelf
            ),
        )
        self.recovered = recovered(contents, author.name, access.told)
        self.read_only = access.read_only
        if access.hold is not None:
            self._writer = self._make_writer(access.hold)
        self._seen = found.seen
        self._saved = None if found.torn else version_in(path)
        if found.torn:
            mend(self, read_record(path), self._journal_id())

    @property
    def cache(self) -> Cache:
        """What can be computed again."""
        return Cache(self.folder.cache)

    @property
    def seq(self) -> int:
        """Number of the last committed command."""
        return self.session.history.seq

    @property
    def saved(self) -> bool:
        """Whether the file holds every decision that was taken."""
        return self.seq == 0 or self._saved == (self._journal_id(), self.seq)

    def lock(self) -> None:
        """Take the journal for this process alone, where there is a curation already.

        Raises
        ------
        JournalLockedError
            If another process writes it.
        """
        if self._writer is None and self.folder.path.is_dir():
            self._writer = self._make_writer()
            self.read_only = ""

    def save(
        self, out: Path | None = None, progress: Progress = silent, versions: int | None = None
    ) -> Path:
        """Write the curated columns, into the file itself or a copy.

        The first save in place keeps the file as it was beside it, in the
        curation folder; later ones keep as many former `versions` there, by
        default as the configuration says. A copy gets a copy of the curation folder.

        Returns
        -------
        Path
            What was written.

        Raises
        ------
        InputError
            If the target cannot be written, is another file than an earlier
            copy of this one, has a curation of its own, or was changed by
            somebody else in a way that a save would undo.
        WriteError
            If the disk refuses; the target is as it was.
        """
        kept = read_configuration().versions if versions is None else versions
        target = out or self.path
        require_target(target, source=self.path)
        in_place = target.resolve() == self.path.resolve()
        if not in_place:
            require_own(target, self.folder, self.atlas.fingerprint)
        record = record_of(
            self.atlas, self.layout, self._start.digest, self.author, self._journal_id(), self.seq
        )
        made = columns.curated_columns(self.atlas, self.session.curation, record)
        seen = save_columns(
            self.path,
            target,
            made,
            progress,
            seen=self._seen,
            versions=kept,
            keep=self.folder.path if in_place else None,
            before=lambda: self._keep_for(target, in_place),
        )
        if in_place:
            self._seen, self._saved = seen, (record["journal"], record["seq"])
        return target

    def _keep_for(self, target: Path, in_place: bool) -> None:
        """Have beside the target what says how its neighborhoods came about."""
        if not in_place:
            bring_curation(folder_of(target), self.folder, self._start)
        self._start.keep_in(self.folder)

    def close(self) -> None:
        """Let others write the journal; nothing more can be decided."""
        self._shelf.close()
        if self._writer is not None:
            self._writer.close(self.seq)
            self._writer = None

    def __enter__(self) -> Document:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- journal -----------------------------------------------------------

    def _write(self, command: Command) -> None:
        if self._writer is None:
            self._start.keep_in(self.folder)
            self._writer = self._make_writer()
            # Who held it has let go, and left it as it was read here.
            self.read_only = ""
        elif self.seq == 0:
            self._start.keep_in(self.folder)
        self._writer.write(command, after=self.seq)

    def _make_writer(self, hold: Hold | None = None) -> JournalWriter:
        return self.folder.writer(
            self.author, self.atlas.fingerprint, self._start.digest, PACKAGE_VERSION,
            self._contents, hold or self.folder.hold(self.author, self._program),
        )  # fmt: skip

    def _journal_id(self) -> str | None:
        if self._writer is not None:
            return self._writer.journal
        return str(self._contents.header["journal"]) if self._contents else None


def open_document(
    path: Path | str,
    *,
    author: str | None = None,
    options: ReadOptions | None = None,
    folder: Path | None = None,
    progress: Progress = silent,
    lock: bool = False,
    program: str = "program",
    before_damage: bool = False,
) -> Document:
    """Open a file with its curation: read, find the base, replay the journal.

    Parameters
    ----------
    path : Path or str
    author : str, optional
        Whose journal is meant; else the environment, the configuration or the login name says.
    options : ReadOptions, optional
        What the user says of the file; else as it was read before.
    folder : Path, optional
        The curation folder, where it is not beside the file.
    lock : bool
        Take the journal now, so that nobody else writes it meanwhile. Where
        somebody does already, the document is `read_only`. A folder that is
        not there yet is not made, and the first command takes the journal.
    program : str
        What is said to others who find the journal taken.
    before_damage : bool
        Go on from what stands before a damaged line of the journal. With
        `lock` the damaged journal is put aside, whole; else nothing is written.

    Raises
    ------
    InputError
        If the file cannot be used.
    JournalDamagedError
        If a line of the journal, or what it names, is damaged.
    JournalError
        If the journal is of a later version, or belongs to other cells.
    """
    path, named = Path(path), author_of(author)
    kept = folder_of(path, folder)
    how = access(kept, named.name, lock, program)

    def opened() -> Document:
        return _opened(path, named, options or ReadOptions(), kept, progress, how, program)

    try:
        try:
            return opened()
        except JournalDamagedError as damage:
            if not before_damage:
                raise
            how = go_on_before(kept, named.name, damage, how)
            return opened()
    except BaseException:
        how.release()
        raise


def _opened(
    path: Path, author: Author, options: ReadOptions, kept: CurationFolder, progress: Progress,
    how: Access, program: str,
) -> Document:  # fmt: skip
    contents = kept.journal(author.name, how.only)
    stored = kept.base(str(contents.header["base"]) if contents else None)
    options = options_for(options, stored, path)
    found = find(path, kept.path, stored is not None)
    progress("reading cells", 0.1)
    atlas, layout = read_atlas(path, options)
    if contents:
        said = str(contents.header["fingerprint"])
        require_same(kept.journal_path(author.name), said, atlas, path)
    progress("replaying the journal", 0.6)
    start = find_start(stored, atlas, layout, path, kept)
    document = Document(path, atlas, layout, kept, author, start, contents, how, program, found)
    progress("opened", 1.0)
    return document
