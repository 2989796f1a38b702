"""What is in a file: all of it, and what is not ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

OURS = ("neighborhood", "neighborhood_id", "neighborhood_confidence")


def _hdf5(path: Path) -> dict[str, Any]:
    """Every dataset and attribute, chunks as they lie on disk."""
    found: dict[str, Any] = {}

    def visit(name: str, item: Any) -> None:
        found[f"{name} attributes"] = {
            k: (v.tolist() if hasattr(v, "tolist") else v) for k, v in item.attrs.items()
        }
        if isinstance(item, h5py.Dataset):
            chunks = []
            if item.chunks:
                item.id.chunk_iter(lambda chunk: chunks.append(chunk.chunk_offset))
            raw = [item.id.read_direct_chunk(c)[1] for c in chunks]
            plain = None if item.dtype.hasobject and chunks else item[()]
            found[name] = (str(item.dtype), item.shape, item.chunks, raw if not
                           item.dtype.hasobject else None,
                           plain.tobytes() if isinstance(plain, np.ndarray) and not
                           item.dtype.hasobject else np.asarray(item[()]).tolist())  # fmt: skip

    with h5py.File(path) as file:
        file.visititems(visit)
        found["root"] = dict(file.attrs)
    return found


def _zarr(path: Path) -> dict[str, Any]:
    return {
        str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()
    }  # fmt: skip


def content(path: Path) -> dict[str, Any]:
    """All of a file or of a store."""
    return _zarr(path) if path.is_dir() else _hdf5(path)


def foreign(path: Path) -> dict[str, Any]:
    """All of a file but what we write into it."""
    everything = content(path)
    ours = (*(f"obs/{name}" for name in OURS), "uns/neighborhood_colors", "uns/napari_brain_atlas")
    orders = ("obs attributes", "obs/zarr.json", "obs/.zattrs", "zarr.json", ".zmetadata")
    return {
        k: v for k, v in everything.items()
        if not k.startswith(ours) and k not in orders
    }  # fmt: skip
