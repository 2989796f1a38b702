"""Names of cells, read piece by piece: ten million strings are more memory than all the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import h5py
import numpy as np
import pandas as pd
from anndata.io import read_elem
from numpy.typing import NDArray

from napari_brain_atlas.io.store import Group

_ROWS = 200_000
DIGITS = 20
"""Hexadecimal digits of each hash in a fingerprint."""


@dataclass(frozen=True, slots=True)
class CellNames:
    """What is to be known of the names of the cells of an open file.

    Attributes
    ----------
    n_cells : int
    fingerprint : str
        The first two parts of a fingerprint: number and names, in file order.
    hashes : (n_cells,) uint64
        One for each name.
    """

    n_cells: int
    fingerprint: str
    hashes: NDArray[np.uint64] = field(repr=False)
    _root: Group = field(repr=False)

    @classmethod
    def of(cls, root: Group) -> CellNames:
        """Read all names once."""
        digest = hashlib.sha256()
        hashes = [np.empty(0, np.uint64)]
        for names in _raw_pieces(root):
            digest.update(b"\0".join(names) + b"\0")
            hashes.append(pd.util.hash_array(names, categorize=False))
        together = np.concatenate(hashes)
        fingerprint = f"{len(together)}-{digest.hexdigest()[:DIGITS]}"
        return cls(len(together), fingerprint, together, root)

    def name(self, row: int) -> str:
        """The name of one cell."""
        start = 0
        for names in name_pieces(self._root):
            if row < start + len(names):
                return str(names[row - start])
            start += len(names)
        raise IndexError(row)

    def repeated(self) -> list[str]:
        """Names that more than one cell has, in the order of the file."""
        ranked = np.sort(self.hashes)
        twice = ranked[1:][ranked[1:] == ranked[:-1]]
        if not len(twice):
            return []
        # Different names may share a hash, so the names themselves decide.
        suspects = np.flatnonzero(np.isin(self.hashes, twice))
        names = pd.Index(all_names(self._root)[suspects])
        return [str(name) for name in names[names.duplicated()].unique()]


def all_names(root: Group) -> NDArray[np.object_]:
    """Names of the cells in file order, (n_cells,) object."""
    return np.concatenate([np.empty(0, object), *name_pieces(root)])


def name_pieces(root: Group) -> Iterator[NDArray[np.object_]]:
    """Names of the cells in file order, as texts, piece after piece."""
    for piece in _raw_pieces(root):
        yield np.array([name.decode() for name in piece], dtype=object)


def _raw_pieces(root: Group, rows: int = _ROWS) -> Iterator[NDArray[np.object_]]:
    """The same in UTF-8, which is how HDF5 keeps them."""
    obs = root["obs"]
    names = obs[obs.attrs.get("_index", "_index")]
    as_stored = isinstance(names, h5py.Dataset) and h5py.check_string_dtype(names.dtype)
    if as_stored:
        texts: Any = names
    elif hasattr(names, "keys") or isinstance(names, h5py.Dataset):
        # A categorical, a column that may have gaps, or numbers.
        texts = np.asarray(read_elem(names), dtype=object)
    else:
        texts = names
    n_cells = len(texts) if isinstance(texts, np.ndarray) else int(names.shape[0])
    rows = _whole_chunks(texts, rows)
    for start in range(0, n_cells, rows):
        piece = np.asarray(texts[start : start + rows])
        yield np.asarray(piece, dtype=object) if as_stored else _encoded(piece)


def _whole_chunks(texts: Any, rows: int) -> int:
    """About so many rows; a chunk of which a part is read is decoded whole, each time."""
    chunk = (getattr(texts, "chunks", None) or (1,))[0]
    return max(rows // chunk, 1) * int(chunk)


def _encoded(piece: NDArray[Any]) -> NDArray[np.object_]:
    if piece.dtype.kind == "T" and len(piece):
        try:
            return _ascii(piece)
        except UnicodeEncodeError:
            pass
    return np.array([str(name).encode() for name in piece.tolist()], dtype=object)


def _ascii(piece: NDArray[Any]) -> NDArray[np.object_]:
    """Names without other letters: three times faster than one by one.

    Raises
    ------
    UnicodeEncodeError
        If there are others, or a name ends in zeros, which this way would lose.
    """
    # Zeros at the end do not count unless something follows.
    lengths = np.strings.str_len(piece + ".") - 1
    texts = piece.astype(f"S{max(int(lengths.max()), 1)}")
    if (np.strings.str_len(texts) != lengths).any():
        raise UnicodeEncodeError("ascii", "", 0, 0, "a name ends in zeros")
    return np.asarray(texts.astype(object))
