"""Where a journal starts: the base partition, and how the file was read then."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from napari_brain_atlas.errors import JournalError
from napari_brain_atlas.io import elements
from napari_brain_atlas.io.columns import base_from_columns
from napari_brain_atlas.io.fingerprint import difference
from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.io.layout import Layout, ReadOptions, options_of_record
from napari_brain_atlas.io.store import opened
from napari_brain_atlas.model.archive import digest_of
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.proposal import (
    Base,
    base_to_bytes,
    bytes_to_base,
    record_of_base,
    unassigned_base,
)

PACKAGE_VERSION = version("napari-brain-atlas")


@dataclass(frozen=True, slots=True)
class Start:
    """The base partition, its hash, and its content where it is not kept yet."""

    base: Base
    digest: str
    content: bytes | None

    def keep_in(self, folder: CurationFolder) -> None:
        """Write the base, where it is not kept yet. Raises WriteError."""
        if self.content is not None:
            folder.write_base(self.content)


def options_for(options: ReadOptions, stored: tuple[str, bytes] | None, path: Path) -> ReadOptions:
    """As the user says, else as the curation says, else as the file's own record says."""
    if stored is not None:
        return options_of_record(record_of_base(stored[1]).get("layout", {}), options)
    record = read_record(path) if path.exists() else None
    return options_of_record((record or {}).get("layout", {}), options)


def find_start(
    stored: tuple[str, bytes] | None,
    atlas: Atlas,
    layout: Layout,
    path: Path,
    folder: CurationFolder,
) -> Start:
    """The base in the curation folder, else in the file's own columns, else none.

    Raises
    ------
    JournalError
        If the base is damaged, or of other cells.
    """
    if stored is not None:
        digest, content = stored
        said = str(record_of_base(content).get("fingerprint"))
        require_same(folder.path / f"base-{digest}", said, atlas, path)
        return Start(bytes_to_base(content, atlas), digest, None)
    base = _base_in_file(atlas, layout, path) or unassigned_base(atlas, layout.as_record())
    content = base_to_bytes(base, atlas)
    return Start(base, digest_of(content), content)


def _base_in_file(atlas: Atlas, layout: Layout, path: Path) -> Base | None:
    """The partition in columns that this program wrote into the file before."""
    record = read_record(path)
    measured = atlas.measurements
    if record is None or elements.ID not in measured.column_names:
        return None
    ids = measured.numbers(elements.ID).astype(np.int32)
    confidence = (
        measured.numbers(elements.CONFIDENCE)
        if elements.CONFIDENCE in measured.column_names
        else np.full(atlas.n_cells, np.nan, np.float32)
    )
    return base_from_columns(atlas, ids, confidence, json.dumps(record), layout.as_record())


def read_record(path: Path) -> dict[str, Any] | None:
    """What an earlier save said of itself in uns, or None."""
    with opened(path) as root:
        return elements.said_by(elements.record_of(root)) or None


def record_of(
    atlas: Atlas, layout: Layout, base: str, author: str, journal: str | None, seq: int
) -> dict[str, Any]:
    """What a save says of itself in uns, beside the neighborhoods.

    Parameters
    ----------
    base : str
        Hash of the base partition.
    journal : str or None
        Id of the journal; None where nobody has decided anything.
    seq : int
        Number of its last decision.
    """
    return {
        "package": PACKAGE_VERSION,
        "author": author,
        "journal": journal,
        "seq": seq,
        "base": base,
        "fingerprint": atlas.fingerprint,
        "layout": layout.as_record(),
    }


def version_in(path: Path) -> tuple[str | None, int] | None:
    """Journal and last decision that the file was saved with, or None."""
    record = read_record(path)
    return (record.get("journal"), int(record.get("seq", 0))) if record else None


def require_same(place: Path, said: str, atlas: Atlas, path: Path) -> None:
    """Refuse a base or a journal of other cells, and say what differs. Raises JournalError."""
    differs = difference(atlas.fingerprint, said)
    if differs:
        raise JournalError(
            f"{place}: belongs to another file than {path.name}: the {differs} differ; open the "
            "file that it was made for, or move it away to start anew"
        )
