"""The window as a program of its own."""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait

import napari
import vispy

from napari_brain_atlas.compute import borders, clustering, resolve, tallies
from napari_brain_atlas.gui import window
from napari_brain_atlas.gui.warming import warm
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.workflow.document import Document

SMALLEST = (1280, 800)
SOON_S = 1.0


def run(document: Document) -> None:
    """Show a document in a window and stay until it is closed; closes the document."""
    show(document)
    napari.run()


def run_when_read(coming: Future[Document]) -> None:
    """The same for a document that another thread reads."""
    show_when_read(coming)
    napari.run()


def show(document: Document, size: tuple[int, int] = SMALLEST) -> Workspace:
    """Show a document in a new window, arranged for curation.

    Returns
    -------
    Workspace
        Its window is shown, but the caller runs the event loop.
    """
    return _arranged(_bare_viewer(), document, size)


def show_when_read(coming: Future[Document], size: tuple[int, int] = SMALLEST) -> Workspace:
    """The same for a document that another thread reads; the window is built meanwhile.

    Raises
    ------
    BrainAtlasError
        What reading it has raised; then no window is shown.
    """
    # What is wrong with a file is mostly found at once: then no window is built.
    wait([coming], timeout=SOON_S)
    if coming.done():
        coming.result()
    viewer = _bare_viewer()
    try:
        document = coming.result()
    except BaseException:
        viewer.close()
        raise
    return _arranged(viewer, document, size)


def _bare_viewer() -> napari.Viewer:
    """A window that is not shown yet, with everything compiled that it needs."""
    warm()
    # On a display without a size vispy warns of an unknown DPI, which changes nothing here.
    vispy.set_log_level("error")
    return napari.Viewer(title="Brain Atlas", show=False)


def _arranged(viewer: napari.Viewer, document: Document, size: tuple[int, int]) -> Workspace:
    viewer.title = f"{document.path.name} — Brain Atlas"
    workspace = Workspace(viewer, document)
    main = workspace.docks.window
    window.show_napari_docks(main, False)
    window.hide_status_bar(main)
    main.resize(*size)
    viewer.window.show()
    workspace.docks.canvas.setFocus()
    # Compiled beside the user's first look, so that nothing is under the first slider move.
    for module in (clustering, resolve, borders, tallies):
        threading.Thread(target=module.warm, daemon=True).start()
    return workspace
