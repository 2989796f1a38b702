"""The curation folder beside the user's file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from platformdirs import user_state_path

from napari_brain_atlas.errors import JournalError, WriteError
from napari_brain_atlas.io.blobs import FileArchive, keep
from napari_brain_atlas.io.durable import make_folder, reason, sync_folder, write_durably
from napari_brain_atlas.io.holding import Hold
from napari_brain_atlas.io.journal import Contents, JournalWriter
from napari_brain_atlas.io.journal_files import ASIDE_MARK, new_header, read_journal, set_aside
from napari_brain_atlas.model.archive import digest_of

CARRIED = "carried"
"""Folder of the journals of other files, see `io.carrying`."""
SENTENCES = ".sentences.json"
"""End of the name of what the commands of such a journal did."""

_BASE = re.compile(r"base-[0-9a-f]{64}")


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
        return tuple(sorted({unquote(name) for name in self._stems("*.jsonl")}))

    def journal_path(self, author: str) -> Path:
        """The journal of one author."""
        name = quote(author, safe=" @+,=")
        # A name that starts with a dot is hidden, and means a temporary file here.
        path = self.path / f"{'%2E' + name[1:] if name.startswith('.') else name}.jsonl"
        # Other programs copy and sync under names that are not in our letters: "alice (1)".
        found = [stem for stem in self._stems("*.jsonl") if unquote(stem) == author]
        return path if path.stem in found or not found else path.with_name(f"{found[0]}.jsonl")

    def journal(self, author: str, only: int | None = None) -> Contents | None:
        """What the author's journal holds, or None.

        With `only` no more than this number of commands is read.

        Raises
        ------
        JournalError
            If it is damaged or cannot be read.
        """
        return read_journal(self.journal_path(author), only)

    def put_aside(self, author: str, decisions: int) -> Path:
        """Go on from the first commands of a damaged journal, and keep it, whole.

        Returns
        -------
        Path
            Where it is kept.

        Raises
        ------
        WriteError
        """
        return set_aside(self.journal_path(author), decisions)

    def has_decisions(self) -> bool:
        """Whether any journal holds a command, or may have held one before it was damaged."""
        return any(self._decided(author) for author in self.authors()) or bool(
            self._stems(f"*{ASIDE_MARK}*")
        )

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
        keep(self.path / f"base-{digest}", content)
        return digest

    @contextmanager
    def starting_anew(self, content: bytes) -> Iterator[str]:
        """Replace the base of a curation in which nobody has decided anything.

        While it is entered nobody else can begin to decide; the base is
        replaced when it is left without an error, and its hash is yielded.

        Raises
        ------
        JournalError
            If there are decisions.
        JournalLockedError
            If somebody has the file open and may decide at any moment.
        WriteError
        """
        with contextlib.ExitStack() as held:
            for stem in {*self._stems("*.jsonl"), *self._stems("*.lock")}:
                held.enter_context(Hold(self.path / f"{stem}.jsonl", "command (discover)"))
            if self.has_decisions():
                raise JournalError(f"{self.path}: holds decisions; its base never changes")
            yield digest_of(content)
            self._remove_starts(but=self.write_base(content))

    def copy_to(self, target: CurationFolder, require: Callable[[], None] | None = None) -> None:
        """Bring everything that decides to another folder, and what saves time if it can be.

        What is named is there before what names it: blobs and bases, then journals.
        `require` is asked, once nobody can decide there any more, whether that may be.

        Raises
        ------
        JournalLockedError
            If somebody writes one of the journals there.
        WriteError
        """
        # Read first: of what others decide meanwhile neither the line nor its blob is copied.
        journals = {a: self.journal_path(a).read_bytes() for a in self.authors()}
        with contextlib.ExitStack() as held:
            for author in journals:
                held.enter_context(target.hold(author, "command (save)"))
            if require is not None:
                require()
            self._copy_what_is_named(target)
            for author, content in journals.items():
                write_durably(target.journal_path(author), content)
        if self.cache.is_dir():
            with contextlib.suppress(OSError):
                shutil.copytree(self.cache, target.cache, dirs_exist_ok=True)

    def _copy_what_is_named(self, target: CurationFolder) -> None:
        for digest in self.archive.digests():
            target.archive.write(self.archive.read(digest))
        for path in self._bases():
            target.write_base(path.read_bytes())
        for path in self.path.glob(f"*{SENTENCES}"):
            write_durably(target.path / path.name, path.read_bytes())
        if (self.path / CARRIED).is_dir():
            CurationFolder(self.path / CARRIED).copy_to(CurationFolder(target.path / CARRIED))

    def _remove_starts(self, but: str) -> None:
        # Journals go first: one that is left must find the base that it names.
        others = [p for p in self._bases() if p.name != f"base-{but}"]
        try:
            for group in ([self.journal_path(author) for author in self.authors()], others):
                for path in group:
                    path.unlink()
                sync_folder(self.path)
        except OSError as error:
            raise WriteError(f"{self.path}: cannot be written: {reason(error)}") from error

    def _decided(self, author: str) -> bool:
        try:
            contents = self.journal(author)
        except JournalError:
            return True
        return contents is not None and bool(contents.lines)

    def _stems(self, pattern: str) -> list[str]:
        found = self.path.glob(pattern) if self.path.is_dir() else ()
        return [p.stem for p in found if not p.name.startswith(".")]

    def hold(self, author: str, program: str = "program") -> Hold:
        """Take the author's journal for this process alone.

        Raises
        ------
        JournalLockedError
            If another process writes it.
        WriteError
            If the disk refuses.
        """
        return Hold(self.journal_path(author), program)

    def writer(
        self, author: str, fingerprint: str, base: str, package: str, contents: Contents | None,
        hold: Hold | None = None,
    ) -> JournalWriter:  # fmt: skip
        """The author's journal, to be written by this process alone.

        With `hold` it is held already, and released with the writer.

        Raises
        ------
        JournalLockedError
            If another process writes it.
        JournalError
            If it is not as `contents` says.
        WriteError
            If the folder cannot be made.
        """
        self.make()
        header: dict[str, Any] = (
            dict(contents.header)
            if contents
            else new_header(uuid.uuid4().hex, author, fingerprint, base, package)
        )
        return JournalWriter(self.journal_path(author), header, contents, hold)

    def make(self) -> None:
        """Make the folder. Raises WriteError."""
        make_folder(self.path)

    def _bases(self) -> list[Path]:
        # Not by their beginning alone: an author may be called so.
        found = self.path.glob("base-*") if self.path.is_dir() else ()
        return [p for p in found if _BASE.fullmatch(p.name)]

    def _newest_base(self) -> Path | None:
        try:
            return max(self._bases(), key=lambda p: p.stat().st_mtime_ns, default=None)
        except OSError as error:
            raise JournalError(f"{self.path}: cannot be read: {reason(error)}") from error


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
    place = hashlib.sha256(os.fsencode(real)).hexdigest()[:16]
    away = user_state_path("napari-brain-atlas") / f"{real.name}-{place}.nba"
    # Decisions are found where they were taken, also when permissions changed since.
    for there in (beside, away):
        if there.is_dir():
            return CurationFolder(there)
    return CurationFolder(beside if os.access(real.parent, os.W_OK) else away)
