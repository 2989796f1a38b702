"""The curation folder beside the user's file."""

from __future__ import annotations

import getpass
import hashlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from platformdirs import user_state_path

from napari_brain_atlas.errors import InputError, JournalError, WriteError
from napari_brain_atlas.io.blobs import FileArchive
from napari_brain_atlas.io.durable import reason, write_durably
from napari_brain_atlas.io.journal import Contents, JournalWriter, new_header, read_journal
from napari_brain_atlas.model.archive import digest_of

_AUTHOR_VARIABLE = "NAPARI_BRAIN_ATLAS_AUTHOR"


@dataclass(frozen=True, slots=True)
class CurationFolder:
    """Base, journals, blobs and cache of one file.

    Attributes
    ----------
    path : Path
        ``FILE.nba``, made when something is written.
    """

    path: Path

    @property
    def archive(self) -> FileArchive:
        """The blobs."""
        return FileArchive(self.path / "blobs")

    @property
    def cache(self) -> Path:
        """What can be computed again."""
        return self.path / "cache"

    def authors(self) -> tuple[str, ...]:
        """Everybody who has a journal here."""
        if not self.path.is_dir():
            return ()
        return tuple(sorted(unquote(p.stem) for p in self.path.glob("*.jsonl")))

    def journal_path(self, author: str) -> Path:
        """The journal of one author."""
        return self.path / f"{quote(author, safe=' @+,=')}.jsonl"

    def journal(self, author: str) -> Contents | None:
        """What the author's journal holds, or None. Raises JournalError if it is damaged."""
        return read_journal(self.journal_path(author))

    def has_decisions(self) -> bool:
        """Whether any journal holds a command."""
        found = (self.journal(author) for author in self.authors())
        return any(contents is not None and contents.lines for contents in found)

    def base(self, digest: str | None = None) -> tuple[str, bytes] | None:
        """A base partition and its hash: the one named, or the newest.

        Raises
        ------
        JournalError
            If the base is named but missing, or its content is damaged.
        """
        path = self.path / f"base-{digest}" if digest else self._newest_base()
        if path is None:
            return None
        try:
            content = path.read_bytes()
        except OSError as error:
            raise JournalError(f"{path}: cannot be read: {reason(error)}") from error
        if path.name != f"base-{digest_of(content)}":
            raise JournalError(f"{path}: is damaged; restore it from a backup")
        return digest_of(content), content

    def write_base(self, content: bytes) -> str:
        """Keep a base partition and return its hash. Raises WriteError."""
        digest = digest_of(content)
        path = self.path / f"base-{digest}"
        if not path.exists():
            self.make()
            write_durably(path, content)
        return digest

    def start_anew(self, content: bytes) -> str:
        """Replace the base of a curation in which nobody has decided anything.

        Raises
        ------
        JournalError
            If there are decisions.
        WriteError
        """
        if self.has_decisions():
            raise JournalError(f"{self.path}: holds decisions; its base never changes")
        digest = self.write_base(content)
        for old in self.path.glob("base-*"):
            if old.name != f"base-{digest}":
                old.unlink()
        for author in self.authors():
            self.journal_path(author).unlink()
        return digest

    def writer(
        self, author: str, fingerprint: str, base: str, package: str, contents: Contents | None
    ) -> JournalWriter:
        """The author's journal, to be written by this process alone.

        Raises
        ------
        JournalLockedError
            If another process writes it.
        WriteError
            If the folder cannot be made.
        """
        self.make()
        header: dict[str, Any] = (
            dict(contents.header)
            if contents
            else new_header(uuid.uuid4().hex, author, fingerprint, base, package)
        )
        return JournalWriter(self.journal_path(author), header, contents)

    def make(self) -> None:
        """Make the folder. Raises WriteError."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WriteError(f"{self.path}: cannot be made: {reason(error)}") from error

    def _newest_base(self) -> Path | None:
        bases = self.path.glob("base-*") if self.path.is_dir() else ()
        return max(bases, key=lambda p: p.stat().st_mtime_ns, default=None)


def folder_of(file: Path, chosen: Path | None = None) -> CurationFolder:
    """The curation folder of a file.

    Parameters
    ----------
    file : Path
    chosen : Path, optional
        Where the user wants it. Otherwise it lies beside the file, or in the
        user's state directory where that folder cannot be written.
    """
    if chosen is not None:
        return CurationFolder(chosen)
    real = file.resolve()
    beside = real.with_name(real.name + ".nba")
    if beside.is_dir() or os.access(real.parent, os.W_OK):
        return CurationFolder(beside)
    place = hashlib.sha256(str(real).encode()).hexdigest()[:16]
    return CurationFolder(user_state_path("napari-brain-atlas") / f"{real.name}-{place}.nba")


def who(author: str | None = None) -> str:
    """The author: as given, from the environment, or the login name.

    Raises
    ------
    InputError
        If the name is empty.
    """
    name = author if author is not None else os.environ.get(_AUTHOR_VARIABLE) or getpass.getuser()
    if not name.strip():
        raise InputError("--author", ["the name of an author must not be empty"])
    return name.strip()
