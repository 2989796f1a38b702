"""The cells of the golden journals, and a session in words that JSON can hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
from tissue import write

from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.layout import Layout
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.session import Session


def golden_atlas(journals: Path, folder: Path) -> tuple[Atlas, Layout]:
    """Read the atlas of the cells that lie beside the journals, from a file in `folder`."""
    cells = json.loads((journals / "cells.json").read_text(encoding="utf-8"))
    obs = pd.DataFrame({k: v for k, v in cells.items() if k != "names"}, index=cells["names"])
    folder.mkdir(exist_ok=True)
    return read_atlas(write(ad.AnnData(obs=obs), folder / "golden.h5ad"))


def described(session: Session, atlas: Atlas) -> dict[str, Any]:
    """Everything that a journal decides."""
    curation = session.curation
    confidence = np.concatenate([curation.confidence_on(s.index) for s in atlas.sections])
    by_row = confidence[atlas.atlas_positions].tolist()
    return {
        "fingerprint": atlas.fingerprint,
        "owners": curation.owners_of_cells()[atlas.atlas_positions].tolist(),
        "confidence": [None if np.isnan(c) else round(c * 254) for c in by_row],
        "neighborhoods": [
            n.model_dump(mode="json") for _, n in sorted(curation.neighborhoods.items())
        ],
        "next_id": curation.next_id,
        "links": sorted(list(pair) for pair in curation.links),
        "dismissed": sorted(curation.dismissed),
        "snapshots": dict(session.history.snapshots),
        "undoable": len(session.history.past),
        "redoable": len(session.history.future),
    }
