"""A file as it is found at opening: what a save that was cut off left is put right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from napari_brain_atlas.errors import BrainAtlasError, InputError
from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.io.save import Seen, is_torn, see, sweep, sweep_folder


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it was found.

    Attributes
    ----------
    seen : Seen
    torn : bool
        Whether its neighborhoods are of two saves, and what would tell which is
        whole is gone.
    """

    seen: Seen
    torn: bool


class _Savable(Protocol):
    path: Path
    folder: CurationFolder
    author: str
    recovered: str
    read_only: str

    def save(self) -> Path: ...


def find(path: Path, folder: Path, has_state: bool) -> Found:
    """Finish what can be finished, remove what killed writers left, and take the file down.

    Parameters
    ----------
    folder : Path
        The curation folder.
    has_state : bool
        Whether the folder says what the neighborhoods are.

    Raises
    ------
    InputError
        If the file cannot be opened, or holds neighborhoods of two saves and
        nothing says which are right.
    """
    seen = see(path)
    sweep(path.resolve())
    sweep_folder(folder)
    torn = is_torn(path)
    if torn and not has_state:
        raise InputError(
            str(path),
            [f"its neighborhoods are of two saves, one of which was cut off, and there is no "
             f"journal in {folder} to mend them from; put that folder back, or delete the columns "
             "neighborhood, neighborhood_id and neighborhood_confidence of obs to start anew"],
        )  # fmt: skip
    return Found(seen, torn)


def mend(document: _Savable, record: dict[str, Any] | None, journal: str | None) -> None:
    """Write the neighborhoods of a torn file again, from the journal that they came from.

    What was done is added to what the document says that it recovered; where
    it cannot be done now, that is.
    """
    told = "The neighborhoods in the file are of two saves, one of which was cut off"
    theirs = (record or {}).get("journal")
    # Where the record itself is missing, the others may be of anybody who decided here.
    others = theirs is None and set(document.folder.authors()) - {document.author}
    if document.read_only or others or theirs not in (None, journal):
        told += "; whoever saves next mends them"
    else:
        try:
            document.save()
            told += "; they were written again from the journal"
        except BrainAtlasError as error:
            told += f"; they are to be saved again ({error})"
    document.recovered = f"{document.recovered}. {told}" if document.recovered else told
