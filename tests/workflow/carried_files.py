"""Files that decisions are carried between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anndata
import numpy as np

from napari_brain_atlas.workflow.document import open_document

Change = Callable[[anndata.AnnData], anndata.AnnData]


def decide(path: Path, *commands, author: str = "tester") -> None:
    with open_document(path, author=author) as document:
        for command in commands:
            document.session.do(command)


def changed(path: Path, change: Change, name: str = "new.h5ad") -> Path:
    new = path.with_name(name)
    change(anndata.read_h5ad(path)).write_h5ad(new)
    return new


def owners_by_name(path: Path, point: str | int | None = None, **how) -> dict[str, int]:
    """The neighborhood of every cell."""
    with open_document(path, **how) as document:
        state = document.session.curation
        if point is not None:
            state = document.session.history.state_at(point)
        owners = state.owners_of_cells()[document.atlas.atlas_positions]
    return dict(zip(anndata.read_h5ad(path).obs_names, owners.tolist(), strict=True))


def filtered(adata: anndata.AnnData) -> anndata.AnnData:
    return adata[np.random.default_rng(3).random(adata.n_obs) < 0.8].copy()


def reordered(adata: anndata.AnnData) -> anndata.AnnData:
    return adata[np.random.default_rng(4).permutation(adata.n_obs)].copy()


def owner_of_row(path: Path, row: int) -> int:
    return int(anndata.read_h5ad(path).obs["neighborhood_id"].iloc[row])
