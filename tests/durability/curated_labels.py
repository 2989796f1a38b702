"""Digests of a curation and of the columns in a file, to compare them across processes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import anndata
import numpy as np

NONE = "none"


def curation_digest(curation: Any) -> str:
    """Who owns which cell, and what each neighborhood is called."""
    told = hashlib.sha256(np.ascontiguousarray(curation.owners_of_cells(), np.int32).tobytes())
    for i, neighborhood in sorted(curation.neighborhoods.items()):
        told.update(f"{i}{neighborhood.model_dump_json()}".encode())
    return told.hexdigest()


def file_digest(path: Path) -> str:
    """The curated columns as everybody reads them; `NONE` if there are none."""
    adata: Any = (anndata.read_zarr if path.is_dir() else anndata.read_h5ad)(path)
    columns = {"neighborhood", "neighborhood_id", "neighborhood_confidence"} & {*adata.obs}
    if not columns and "neighborhood_colors" not in adata.uns:
        return NONE
    names = adata.obs["neighborhood"]
    colors = [str(c) for c in adata.uns["neighborhood_colors"]]
    assert len(names.cat.categories) == len(colors), f"{path}: categories and colors differ"
    told = hashlib.sha256(adata.obs["neighborhood_id"].to_numpy(np.int32).tobytes())
    told.update(repr((names.astype(str).tolist(), colors)).encode())
    told.update(adata.obs["neighborhood_confidence"].to_numpy(np.float32).tobytes())
    return told.hexdigest()
