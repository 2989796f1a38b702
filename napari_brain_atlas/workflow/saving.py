"""A saved copy and the decisions beside it: what may be replaced, and in which order."""

from __future__ import annotations

from pathlib import Path

from napari_brain_atlas.errors import InputError, JournalError
from napari_brain_atlas.io.durable import holds
from napari_brain_atlas.io.fingerprint import difference
from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.workflow.starting import Start, read_record


def require_own(out: Path, folder: CurationFolder, fingerprint: str) -> None:
    """Refuse to replace a file that is no earlier copy of this curation.

    Parameters
    ----------
    out : Path
        Where the copy goes.
    folder : CurationFolder
        The curation that is saved.
    fingerprint : str
        Of its cells.

    Raises
    ------
    InputError
        If the file holds other cells, nothing of this program's, or
        neighborhoods that a journal which is not in `folder` led to.
    """
    # An empty folder is what zarr leaves of a store that was never written.
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    record = read_record(out)
    if record is None:
        what = "is there already and was not saved from this curation"
    elif difference(fingerprint, str(record.get("fingerprint"))):
        what = "is there already and holds other cells"
    elif record.get("journal") not in (None, *_journals(folder)):
        what = f"is there already and holds neighborhoods of {record.get('author') or 'others'!r}"
    else:
        return
    raise InputError(
        str(out), [f"{what}, which would be lost; name another output, or remove it first"]
    )


def bring_curation(there: CurationFolder, folder: CurationFolder, start: Start) -> None:
    """Copy a curation folder to where a copy of its file will be.

    Raises
    ------
    InputError
        If there are decisions that this would overwrite.
    JournalLockedError
        If somebody writes one of the journals there.
    WriteError
    """
    require_no_others(there, folder)
    # Again under the locks there: somebody may decide in between.
    folder.copy_to(there, lambda: require_no_others(there, folder))
    start.keep_in(there)


def require_no_others(target: CurationFolder, source: CurationFolder) -> None:
    """Refuse to copy a curation to where other decisions would be lost by it.

    Raises
    ------
    InputError
    """
    for author in target.authors():
        if not _is_start_of(target, source, author):
            raise InputError(
                str(target.path), [f"holds other decisions of {author!r}; save under another name"]
            )


def _journals(folder: CurationFolder) -> set[str]:
    """The ids of the journals that can be read."""
    found = set()
    for author in folder.authors():
        try:
            contents = folder.journal(author, 0)
        except JournalError:
            continue
        if contents is not None:
            found.add(str(contents.header["journal"]))
    return found


def _is_start_of(target: CurationFolder, source: CurationFolder, author: str) -> bool:
    """Whether all that an author decided there stands here, too."""
    try:
        theirs, ours = target.journal(author), source.journal(author)
    except JournalError:
        # What cannot be read is the same where its bytes are.
        path = target.journal_path(author)
        return holds(source.journal_path(author), path.read_bytes())
    if theirs is None or not theirs.lines:
        return True
    if ours is None or theirs.header.get("journal") != ours.header.get("journal"):
        return False
    return theirs.lines == ours.lines[: len(theirs.lines)]
