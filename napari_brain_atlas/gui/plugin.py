"""What napari's menus lead to: the widget, the reader, the sample."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import napari
from napari.utils.notifications import show_error
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from napari_brain_atlas.compute.picture import Painter
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.gui.coloring import Tissue, color_section, look_of
from napari_brain_atlas.gui.drawings import Drawings
from napari_brain_atlas.gui.layers.tissue import layer_options
from napari_brain_atlas.gui.overview import overview_of
from napari_brain_atlas.gui.sample import phantom_path
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.workflow.document import Document, open_document

LayerData = tuple[Any, dict[str, Any], str]
NEXT_STEP = (
    "Open an .h5ad or .zarr with File ▸ Open, or try File ▸ Open Sample ▸ Brain Atlas ▸ "
    "Phantom brain."
)
NOTHING: list[Any] = [(None,)]
"""What napari takes for a file that was read and holds no layer."""


class StartWidget(QWidget):
    """What to do first; the panels come with the file."""

    def __init__(self, viewer: Any = None) -> None:
        super().__init__()
        self._viewer = viewer
        words = QLabel(NEXT_STEP)
        words.setWordWrap(True)
        self.sample = QPushButton("Open the phantom brain")
        self.sample.clicked.connect(self._open_sample)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addWidget(self.sample)
        layout.addStretch(1)

    def _open_sample(self) -> None:
        viewer = self._viewer or napari.current_viewer()
        if viewer is not None:
            _attach(viewer, _phantom_document(lock=True))


def get_reader(path: str | Sequence[str]) -> Callable[[Any], list[Any]] | None:
    """A reader of AnnData files, or None where the path is something else."""
    if not isinstance(path, str | Path) or not is_anndata(Path(path)):
        return None
    return read


def is_anndata(path: Path) -> bool:
    """Whether the path is an .h5ad file, or a zarr store that says that it holds AnnData."""
    if path.suffix == ".h5ad":
        return path.is_file()
    marks = (path / "zarr.json", path / ".zattrs")
    return any(_says_anndata(mark) for mark in marks if mark.is_file())


def read(path: Any) -> list[Any]:
    """Open a file in the current window; without one, give its first section as an image."""
    viewer = napari.current_viewer()
    try:
        document = open_document(Path(path), lock=viewer is not None, program="window")
        if viewer is None:
            with document:
                return [first_section(document)]
        _attach(viewer, document)
    except BrainAtlasError as error:
        if viewer is None:
            raise
        show_error(str(error))
    return NOTHING


def phantom_brain() -> list[LayerData]:
    """The sample: a phantom brain of three animals, made once and kept in the user's cache."""
    viewer = napari.current_viewer()
    document = _phantom_document(lock=viewer is not None)
    if viewer is not None:
        # napari adds the layer first; the workspace then takes it over.
        QTimer.singleShot(0, lambda: _attach(viewer, document))
    return [first_section(document)]


def first_section(document: Document) -> LayerData:
    """The first section, painted, as napari takes it."""
    atlas, tissue = document.session.atlas, Tissue(document.session.curation, 0)
    grid = Drawings(atlas).of(0)
    overview = overview_of(grid)
    coloring, look = color_section(atlas, tissue), look_of(atlas, tissue, grid.spacing)
    picture = Painter().draw(grid, overview, coloring, look)
    return picture, {**layer_options(overview, atlas), "rgb": True}, "image"


def _attach(viewer: Any, document: Document) -> None:
    try:
        Workspace(viewer, document)
    except Exception:
        document.close()
        raise


def _phantom_document(lock: bool) -> Document:
    return open_document(phantom_path(), lock=lock, program="window")


def _says_anndata(mark: Path) -> bool:
    try:
        content = json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    attributes = content.get("attributes", content) if isinstance(content, dict) else {}
    return isinstance(attributes, dict) and attributes.get("encoding-type") == "anndata"
