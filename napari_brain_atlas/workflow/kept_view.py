"""What of the view is kept beside a file: how its sections are laid. Never journaled."""

from __future__ import annotations

import logging
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.io.durable import write_durably
from napari_brain_atlas.io.folder import CurationFolder

logger = logging.getLogger(__name__)
FILE = "view.json"


class LaidSection(BaseModel):
    """How one section is laid; named, as its index may change with others.

    Attributes
    ----------
    animal, section : str
    quarters : int
        Quarter turns clockwise, 0 to 3.
    flipped : bool
        Whether left and right were exchanged before.
    """

    model_config = ConfigDict(frozen=True)

    animal: str
    section: str
    quarters: int = Field(default=0, ge=0, le=3)
    flipped: bool = False


class KeptView(BaseModel):
    """The content of ``FILE.nba/view.json``.

    Attributes
    ----------
    laid : tuple of LaidSection
        Sections that are turned or flipped.
    sheet : bool
        Whether the contact sheet is unfolded.
    """

    model_config = ConfigDict(frozen=True)

    laid: tuple[LaidSection, ...] = ()
    sheet: bool = True


def read_view(folder: CurationFolder) -> KeptView:
    """What was kept; the default where nothing was, or nothing that can be understood."""
    try:
        return KeptView.model_validate_json(_path(folder).read_bytes())
    except FileNotFoundError:
        return KeptView()
    except (OSError, ValidationError) as error:
        logger.warning("%s is not used: %s", _path(folder), error)
        return KeptView()


def keep_view(folder: CurationFolder, view: KeptView) -> bool:
    """Keep it, where there is a curation folder; False if it was not.

    A view decides nothing: no folder is made for it, and a disk that refuses
    stops nobody.
    """
    if not folder.path.is_dir():
        return False
    try:
        write_durably(_path(folder), view.model_dump_json(indent=1).encode())
    except WriteError as error:
        logger.warning("%s", error)
        return False
    return True


def _path(folder: CurationFolder) -> Path:
    return folder.path / FILE
