"""Where large values of commands are kept; the model only knows their hashes."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.errors import JournalError


class Archive(Protocol):
    """A store of immutable bytes by their SHA-256."""

    def read(self, digest: str) -> bytes:
        """Return the bytes. Raises JournalError if they are missing or damaged."""

    def write(self, content: bytes) -> str:
        """Keep the bytes durably and return their hash. Raises WriteError."""


class MemoryArchive:
    """An archive that lives as long as the process."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def read(self, digest: str) -> bytes:
        """Return the bytes. Raises JournalError if they are missing."""
        if digest not in self._contents:
            raise JournalError(f"no content with the hash {digest}")
        return self._contents[digest]

    def write(self, content: bytes) -> str:
        """Keep the bytes and return their hash."""
        digest = digest_of(content)
        self._contents[digest] = content
        return digest


class StagingArchive:
    """Keeps what is written in memory until `commit`, so that a refusal leaves nothing behind.

    Parameters
    ----------
    archive : Archive
        Where reading goes for everything else, and what `commit` writes to.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._staged: dict[str, bytes] = {}

    def read(self, digest: str) -> bytes:
        """Return the bytes. Raises JournalError if they are missing or damaged."""
        staged = self._staged.get(digest)
        return self._archive.read(digest) if staged is None else staged

    def write(self, content: bytes) -> str:
        """Keep the bytes for `commit` and return their hash."""
        digest = digest_of(content)
        self._staged[digest] = content
        return digest

    def commit(self) -> None:
        """Keep durably what was staged. Raises WriteError."""
        for content in self._staged.values():
            self._archive.write(content)


def digest_of(content: bytes) -> str:
    """SHA-256 of the bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def arrays_to_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Pack arrays into a compressed npz, the container of every blob."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def bytes_to_arrays(content: bytes, what: str) -> dict[str, NDArray[Any]]:
    """Unpack `arrays_to_bytes`.

    Raises
    ------
    JournalError
        If the bytes are not such a container; `what` names them in the message.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as pack:
            return {name: pack[name] for name in pack.files}
    except Exception as error:
        raise JournalError(f"{what} cannot be read: {error}") from error
