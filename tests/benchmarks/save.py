"""How long a save takes, beside what else one could do with the same file.

Run by hand; nothing here is a test::

    python tests/benchmarks/save.py --cells 1000000 --json out.json
    python tests/benchmarks/save.py --cells 10400000 --stored 4 --kind zarr

The floor is copying the file and waiting for the disk. `partial` writes our
columns into the file in place with anndata's `write_elem`, as cap-anndata does:
fast, and a file that is half written when it is cut off. `whole` reads the file,
adds the columns and writes it again, as everybody does.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anndata as ad
import h5py
import numpy as np
import zarr
from anndata.io import write_elem
from scipy import sparse

from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.columns import CuratedColumns, curated_columns
from napari_brain_atlas.io.durable import files_under, sync_all, sync_file
from napari_brain_atlas.io.save import save_columns, see
from napari_brain_atlas.io.section_writer import Categories, SectionRows, write_sections
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.proposal import Base, base_to_curation

CELLS_ON_SECTION = 65_536
N_GENES = 500
N_NEIGHBORHOODS = 1_300


def sections(n_cells: int, stored: int) -> Iterator[SectionRows]:
    """Tissue of random places and counts; `stored` values of X for each cell."""
    rng = np.random.default_rng(0)
    names = tuple(f"B{i}" for i in range(-(-n_cells // CELLS_ON_SECTION)))
    for section, start in enumerate(range(0, n_cells, CELLS_ON_SECTION)):
        n = min(CELLS_ON_SECTION, n_cells - start)
        genes = np.sort(rng.integers(0, N_GENES, (n, stored), np.int32), axis=1).ravel()
        counts = rng.gamma(2.0, 1.0, n * stored).astype(np.float32)
        pointers = np.arange(0, n * stored + 1, stored, dtype=np.int64)
        yield SectionRows(
            cells=np.char.add("cell-", np.arange(start, start + n).astype(str)),
            obs={
                "section": Categories(np.full(n, section, np.int16), names),
                "cell_type": Categories(rng.integers(0, 30, n).astype(np.int8),
                                        tuple(f"type {i}" for i in range(30))),
            },
            spatial=rng.uniform(0, 10_000, (n, 2)).astype(np.float32),
            expression=sparse.csr_matrix((counts, genes, pointers), shape=(n, N_GENES)),
        )  # fmt: skip


def make(path: Path, n_cells: int, stored: int) -> None:
    """Write the file."""
    genes = [f"g{i}" for i in range(N_GENES)]
    write_sections(path, sections(n_cells, stored), n_cells, genes, {"units": "micrometres"})


def columns_for(path: Path, shift: int) -> tuple[CuratedColumns, float]:
    """Columns of a curation with many neighborhoods, and the seconds to make them."""
    atlas, layout = read_atlas(path)
    labels = ((np.arange(atlas.n_cells) // 97 + shift) % (N_NEIGHBORHOODS + 1)).astype(np.int32)
    confidence = (np.arange(atlas.n_cells) % 250).astype(np.uint8)
    neighborhoods = tuple(
        Neighborhood(id=i, name=f"region {i}", color=f"#{i:06x}")
        for i in range(1, N_NEIGHBORHOODS + 1)
    )
    curation = base_to_curation(Base(labels, confidence, neighborhoods), atlas)
    began = time.perf_counter()
    made = curated_columns(atlas, curation, {"layout": layout.as_record(), "seq": shift})
    return made, time.perf_counter() - began


def copy(path: Path, _: CuratedColumns) -> None:
    """The floor: the file once more, on disk."""
    out = path.with_name(f"copy{path.suffix}")
    if path.is_dir():
        shutil.copytree(path, out)
        sync_all(out)
        shutil.rmtree(out)
    else:
        shutil.copyfile(path, out)
        sync_file(out)
        out.unlink()


def ours(path: Path, columns: CuratedColumns) -> None:
    """A save in place that keeps versions."""
    folder = path.with_name(path.name + ".nba")
    save_columns(path, path, columns, seen=see(path), keep=folder, versions=3)


def partial(path: Path, columns: CuratedColumns) -> None:
    """Into the file in place; not safe."""
    if path.is_dir():
        _write(zarr.open_group(str(path), mode="r+", use_consolidated=False), columns)
        sync_all(path)
    else:
        with h5py.File(path, "r+") as root:
            _write(root, columns)
        sync_file(path)


def _write(root: Any, columns: CuratedColumns) -> None:
    for group, values in ((root["obs"], columns.obs), (root["uns"], columns.uns)):
        for key, value in values.items():
            write_elem(group, key, value)


def whole(path: Path, columns: CuratedColumns) -> None:
    """Read all of it and write all of it."""
    adata = ad.read_zarr(path) if path.is_dir() else ad.read_h5ad(path)
    for key, value in columns.obs.items():
        adata.obs[key] = value
    adata.uns.update(columns.uns)
    out = path.with_name(f"whole{path.suffix}")
    if path.is_dir():
        adata.write_zarr(out)
        sync_all(out)
        shutil.rmtree(out)
    else:
        adata.write_h5ad(out)
        sync_file(out)
        out.unlink()


def timed(do: Callable[[Path, CuratedColumns], None], path: Path, made: Any, n: int) -> float:
    """Median seconds of n runs; the columns alternate, so that something changes."""
    seconds = []
    for i in range(n):
        os.sync()
        gc.collect()
        began = time.perf_counter()
        do(path, made[i % 2])
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds))


def measure(kind: str, arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Every way on one file."""
    path = folder / f"tissue.{kind}"
    make(path, arguments.cells, arguments.stored)
    made, preparing = zip(*(columns_for(path, shift) for shift in (0, 1)), strict=True)
    ours(path, made[0])
    before = _size(path)
    seconds = {
        "copy": timed(copy, path, made, 3),
        "ours": timed(ours, path, made, arguments.saves),
    }
    grown = _size(path) / before - 1
    seconds["partial"] = timed(partial, path, made, 2)
    if not arguments.no_whole:
        seconds["whole"] = timed(whole, path, made, 1)
    return {
        "kind": kind, "cells": arguments.cells, "bytes": before, "saves": arguments.saves,
        "grown": grown, "columns_made": min(preparing), "seconds": seconds,
    }  # fmt: skip


def _size(path: Path) -> int:
    return sum(p.stat().st_size for p in (files_under(path) if path.is_dir() else [path]))


def show(result: dict[str, Any]) -> None:
    """A table of one file."""
    seconds = result["seconds"]
    print(f"{result['kind']}: {result['cells']:,} cells, {result['bytes'] / 1e9:.2f} GB; "
          f"{result['saves']} saves grew it by {100 * result['grown']:.2f} %; making the columns "
          f"took {result['columns_made']:.2f} s")  # fmt: skip
    print(f"  {'way':<10}{'seconds':>10}{'of copy':>10}{'of ours':>10}")
    for way, took in seconds.items():
        print(f"  {way:<10}{took:>10.2f}{took / seconds['copy']:>10.2f}"
              f"{took / seconds['ours']:>10.2f}")  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=200_000)
    parser.add_argument("--stored", type=int, default=250, help="values of X for each cell")
    parser.add_argument("--saves", type=int, default=20)
    parser.add_argument("--kind", choices=("h5ad", "zarr", "both"), default="both")
    parser.add_argument("--no-whole", action="store_true", help="leave reading all of it out")
    parser.add_argument("--folder", type=Path, help="where the files are made")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    kinds = ("h5ad", "zarr") if arguments.kind == "both" else (arguments.kind,)
    results = []
    for kind in kinds:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            results.append(measure(kind, arguments, Path(folder)))
            show(results[-1])
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
