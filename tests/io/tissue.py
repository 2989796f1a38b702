"""Small AnnData files, as other programs write them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

N = 60
SECTIONS = ("m1_B+0.26", "m1_B-0.04", "m2_B+0.26", "m2_B-0.14")


def grid(n: int = N, step: float = 10.0) -> NDArray[np.float64]:
    """Places on a lattice, as far apart as cells are, each its own."""
    i = np.arange(n)
    return np.stack([i % 8 * step, i // 8 * step], axis=1) + 0.125


def tissue(n: int = N, *, interleaved: bool = True, seed: int = 0, matrix: str = "csr") -> Any:
    """Cells on four sections of two animals, with everything that an AnnData may hold."""
    rng = np.random.default_rng(seed)
    codes = np.arange(n) % 4 if interleaved else np.sort(np.arange(n) % 4)
    x = sparse.csr_matrix(rng.poisson(0.7, (n, 7)).astype(np.float32))
    made = ad.AnnData(
        X={"csr": x, "csc": x.tocsc(), "dense": x.toarray()}[matrix],
        obs=pd.DataFrame(
            {
                "section": pd.Categorical.from_codes(codes, list(SECTIONS)),
                "donor": pd.Categorical.from_codes(codes // 2, ["m1", "m2"]),
                "cell_type": pd.Categorical(np.array(["Ex", "In", "Oligo/x"])[np.arange(n) % 3]),
                "area": rng.gamma(2.0, 30.0, n),
                "n_counts": np.arange(n),
                "flagged": np.arange(n) % 5 == 0,
                "barcode": [f"b{i}" for i in range(n)],
            },
            index=[f"cell-{i}" for i in range(n)],
        ),
        var=pd.DataFrame({"hv": [True] * 7}, index=[f"g{i}" for i in range(7)]),
        obsm={"spatial": grid(n), "X_pca": rng.normal(size=(n, 3)).astype(np.float32)},
        uns={
            "cell_type_colors": np.array(["#ff0000", "#00ff00", "#0000ff"], dtype=object),
            "nested": {"deeper": {"array": np.arange(3), "text": "µm"}},
            "units": "micrometres",
        },
        layers={"raw": x.copy()},
    )
    made.obsp["near"] = sparse.identity(n, format="csr")
    return made


def write(adata: Any, path: Path, **how: Any) -> Path:
    """Write a file of the kind that the name says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if path.suffix == ".zarr":
            adata.write_zarr(path, **how)
        else:
            adata.write_h5ad(path, **how)
    return path


def read(path: Path) -> Any:
    """Read a file as everybody does."""
    return ad.read_zarr(path) if path.suffix == ".zarr" else ad.read_h5ad(path)
