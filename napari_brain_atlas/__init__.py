"""Curate brain neighborhoods in spatial transcriptomics, as a napari plugin.

The names below are public; they are imported when they are first used, so
that ``import napari_brain_atlas`` stays quick and needs neither Qt nor anndata.

>>> from napari_brain_atlas import Merge, open_document
>>> with open_document("brain.h5ad") as document:  # doctest: +SKIP
...     document.session.do(Merge(neighborhoods=(3, 7), into=3))
...     document.save()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_brain_atlas.errors import BrainAtlasError
    from napari_brain_atlas.model.atlas import Atlas
    from napari_brain_atlas.model.commands import (
        Annotate,
        Merge,
        Reassign,
        Redo,
        Repartition,
        Split,
        Undo,
    )
    from napari_brain_atlas.model.curation import Curation
    from napari_brain_atlas.model.session import Session
    from napari_brain_atlas.workflow.discover import DiscoveryParameters, discover
    from napari_brain_atlas.workflow.document import Document, ReadOptions, open_document

_HOMES = {
    "errors": ("BrainAtlasError",),
    "model.atlas": ("Atlas",),
    "model.commands": (
        "Annotate",
        "Merge",
        "Reassign",
        "Redo",
        "Repartition",
        "Split",
        "Undo",
    ),
    "model.curation": ("Curation",),
    "model.session": ("Session",),
    "workflow.discover": ("DiscoveryParameters", "discover"),
    "workflow.document": ("Document", "ReadOptions", "open_document"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Annotate",
    "Atlas",
    "BrainAtlasError",
    "Curation",
    "DiscoveryParameters",
    "Document",
    "Merge",
    "ReadOptions",
    "Reassign",
    "Redo",
    "Repartition",
    "Session",
    "Split",
    "Undo",
    "discover",
    "open_document",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
