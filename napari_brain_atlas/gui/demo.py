"""A tour through the window, driven by real mouse and key events, that leaves pictures."""

from __future__ import annotations

from pathlib import Path

from napari_brain_atlas.gui.application import show
from napari_brain_atlas.gui.guide import Guide
from napari_brain_atlas.gui.screen import virtual_screen
from napari_brain_atlas.workflow.document import Document, open_document


def tour_headless(
    path: Path, folder: Path, *, author: str | None = None
) -> tuple[tuple[Path, ...], Path]:
    """Curate a copy of a file in a real window, on a virtual display where there is no other.

    Parameters
    ----------
    path : Path
        A file with neighborhoods; stays as it is.
    folder : Path
        Where the pictures and the curated copy go.

    Returns
    -------
    pictures : tuple of Path
    curated : Path

    Raises
    ------
    BrainAtlasError
        If there is no display and none can be made, or the window fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open_document(path, author=author) as document:
        curated = document.save(_free_name(folder / f"curated{path.suffix}"))
    with virtual_screen():
        return tour(open_document(curated, author=author), folder), curated


def tour(document: Document, folder: Path) -> tuple[Path, ...]:
    """Open the window on a document, curate a little, and save.

    Parameters
    ----------
    document : Document
        Must have two neighborhoods at least; closed at the end.
    folder : Path
        Where the pictures go.

    Returns
    -------
    tuple of Path
        The pictures, in the order in which they were taken.

    Raises
    ------
    BrainAtlasError
        If the window does not do what it was told.
    """
    folder.mkdir(parents=True, exist_ok=True)
    guide = Guide(show(document), folder)
    try:
        guide.walk()
    finally:
        guide.leave()
    return tuple(guide.pictures)


def _free_name(path: Path) -> Path:
    """The path, or one with a number: a visit never goes over the decisions of another."""
    number = 1
    free = path
    while free.exists() or free.with_name(f"{free.name}.nba").exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free
