"""The archive on disk: one file for each content, named by its hash."""

from __future__ import annotations

from pathlib import Path

from napari_brain_atlas.errors import JournalError, WriteError
from napari_brain_atlas.io.durable import (
    holds,
    make_folder,
    reason,
    sync_file,
    sync_folder,
    write_durably,
)
from napari_brain_atlas.model.archive import digest_of


class FileArchive:
    """Blobs in a folder; satisfies `model.archive.Archive`.

    Parameters
    ----------
    folder : Path
        Made when the first blob is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Whoever made the folder may have been killed before its name was on disk.
        self._named = False

    def read(self, digest: str) -> bytes:
        """Return the bytes.

        Raises
        ------
        JournalError
            If the blob is missing or its content does not have this hash.
        """
        path = self.folder / digest
        try:
            content = path.read_bytes()
        except OSError as error:
            raise JournalError(f"{path}: cannot be read: {reason(error)}") from error
        if digest_of(content) != digest:
            raise JournalError(f"{path}: is damaged; restore it from a backup")
        return content

    def write(self, content: bytes) -> str:
        """Keep the bytes durably and return their hash. Raises WriteError."""
        digest = digest_of(content)
        keep(self.folder / digest, content)
        if not self._named:
            _sync_names(self.folder.parent)
            self._named = True
        return digest

    def digests(self) -> tuple[str, ...]:
        """Hashes of all blobs."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(p.name for p in self.folder.iterdir() if len(p.name) == 64))


def keep(path: Path, content: bytes) -> None:
    """Have a file hold this, durably. Raises WriteError."""
    if holds(path, content):
        _confirm(path)
    else:
        make_folder(path.parent)
        write_durably(path, content)


def _confirm(path: Path) -> None:
    """Make durable a file that is there already.

    Whoever wrote it may have been killed, or told of a failure, before it was.

    Raises
    ------
    WriteError
        If the disk refuses.
    """
    try:
        sync_file(path)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {reason(error)}") from error
    _sync_names(path.parent)


def _sync_names(folder: Path) -> None:
    try:
        sync_folder(folder)
    except OSError as error:
        raise WriteError(f"{folder}: cannot be written: {reason(error)}") from error
