"""The archive on disk: one file for each content, named by its hash."""

from __future__ import annotations

from pathlib import Path

from napari_brain_atlas.errors import JournalError
from napari_brain_atlas.io.durable import holds, make_folder, reason, write_durably
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
        if not holds(self.folder / digest, content):
            make_folder(self.folder)
            write_durably(self.folder / digest, content)
        return digest

    def digests(self) -> tuple[str, ...]:
        """Hashes of all blobs."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(p.name for p in self.folder.iterdir() if len(p.name) == 64))
