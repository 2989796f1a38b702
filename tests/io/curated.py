"""A curation of the small tissue, and its columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.columns import CuratedColumns, curated_columns
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.links import LinkedPair
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.proposal import Base, base_to_curation

NAMES = {
    1: "CA1/CA2 border", 2: "CA1", 3: "CA1", 4: "", 5: "nan", 6: "🧠 ünï שלום", 7: "CA1 (3)",
    8: "x" * 300, 9: "unassigned", 12: "(4)",
}  # fmt: skip
SHOWN = [
    "CA1/CA2 border", "CA1 (2)", "CA1 (3) (3)", "(4) (4)", "nan", "🧠 ünï שלום", "CA1 (3)",
    "x" * 300, "unassigned (9)", "(4)", "unassigned (0)",
]  # fmt: skip


def curate(atlas: Atlas, shift: int = 0) -> Curation:
    """Cells in turn to all neighborhoods by their row in the file; 30 is empty."""
    ids = np.array([0, *NAMES], np.int32)
    rows = atlas.file_positions + shift
    neighborhoods = [
        Neighborhood(id=i, name=name, color=f"#{i * 20:02x}a0{i:02x}") for i, name in NAMES.items()
    ]
    neighborhoods.append(Neighborhood(id=30, name="empty", color="#123456", notes="kept"))
    base = Base(
        ids[rows % len(ids)], (rows % 256).astype(np.uint8), tuple(neighborhoods),
        links=frozenset({LinkedPair("must", 2, 30)}), dismissed=frozenset({"merge:2,3"}),
        next_id=44,
    )  # fmt: skip
    return base_to_curation(base, atlas)


def columns_of(
    path: Path, shift: int = 0, **record: Any
) -> tuple[Atlas, Curation, CuratedColumns]:
    atlas, layout = read_atlas(path)
    curation = curate(atlas, shift)
    said = {"journal": "j", "seq": 3, "layout": layout.as_record(), **record}
    return atlas, curation, curated_columns(atlas, curation, said)
