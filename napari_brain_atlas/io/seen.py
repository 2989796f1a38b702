"""What a process has seen of a file, and whether somebody else changed it since."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.elements import Elements, record_of, said_by
from napari_brain_atlas.io.fingerprint import difference
from napari_brain_atlas.io.identity import identity_of
from napari_brain_atlas.io.store import is_zarr, opened


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was when it was opened, or when this process saved it last.

    Attributes
    ----------
    identity : str
        Device, inode, size and time of change; for a store those of every file
        under obs and obsm that a save does not write.
    record : str or None
        Hash of the record in uns.
    """

    identity: str
    record: str | None


def see(path: Path) -> Seen:
    """Take down a file before it is read.

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    with opened(path):
        # Opening mends a store first, which changes it.
        identity = identity_of(path)
    return Seen(identity, digest_of_record(record_in_file(path)))


def require_unchanged(
    source: Path, target: Path, elements: Elements, fingerprint: str, seen: Seen | None
) -> None:
    """Refuse to write labels onto other cells, or over what another curator saved meanwhile.

    Columns that others added do not matter: a save starts from the file as it
    is now, so they stay.

    Parameters
    ----------
    source : Path
        What will be copied.
    target : Path
        What will be replaced; the same as `source` when saving in place.
    seen : Seen, optional
        What is known of `source`. Without it the cells are always compared.

    Raises
    ------
    InputError
    """
    if seen is not None and identity_of(source) == seen.identity:
        # A store's record lies in a file that its identity leaves out.
        if is_zarr(source) and source == target:
            _require_same_record(target, elements, seen)
        return
    _require_same_cells(source, elements, fingerprint)
    if seen is not None and source == target:
        _require_same_record(target, elements, seen)


def changed_while_saving(target: Path) -> InputError:
    """The refusal where a file changed between the copy and the replace."""
    return InputError(
        str(target),
        ["was changed by another program while it was being saved; nothing was written, all "
         "decisions are in the journal; save again when the other program is done"],
    )  # fmt: skip


def _require_same_cells(source: Path, elements: Elements, fingerprint: str) -> None:
    # Only here: they bring in anndata, which takes longer than a small save.
    from napari_brain_atlas.io.anndata_io import read_atlas
    from napari_brain_atlas.io.layout import ReadOptions, options_of_record

    layout = elements.said.get("layout") or {}
    try:
        atlas, _ = read_atlas(source, options_of_record(layout, ReadOptions()))
        differs = difference(atlas.fingerprint, fingerprint)
    except InputError as error:
        differs = f"file as a whole ({'; '.join(error.problems)})"
    if differs:
        raise InputError(
            str(source),
            ["its cells were changed or reordered by another program since it was opened (the "
             f"{differs}); nothing was written, all decisions are in the journal; put the file "
             "back as it was"],
        )  # fmt: skip


def _require_same_record(target: Path, elements: Elements, seen: Seen) -> None:
    """Refuse where the neighborhoods in the file are newer than what we know of them."""
    now = record_in_file(target)
    if now is None or digest_of_record(now) == seen.record or _is_older(now, elements):
        return
    said = said_by(now)
    raise InputError(
        str(target),
        [f"{said.get('author') or 'somebody'} saved other neighborhoods into it since it was "
         "opened here; nothing was written, all decisions are in the journal; save to another "
         "file with --out, or open it again and then save"],
    )  # fmt: skip


def _is_older(record: str, elements: Elements) -> bool:
    """Whether our journal holds all that a record speaks of."""
    theirs, ours = said_by(record), elements.said
    if theirs.get("journal") is None or theirs.get("journal") != ours.get("journal"):
        return False
    return int(theirs.get("seq") or 0) <= int(ours.get("seq") or 0)


def record_in_file(path: Path) -> str | None:
    """The record that an earlier save left in a file, or None. Raises InputError."""
    with opened(path) as root:
        return record_of(root)


def digest_of_record(record: str | None) -> str | None:
    """Hash of a record."""
    return None if record is None else hashlib.sha256(record.encode()).hexdigest()
