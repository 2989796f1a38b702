"""A brain of the size of the 2026 study, without expression, for benchmarks of curation.

Sections are discs of cells; neighborhoods are tiles of them that go through the
whole brain. One neighborhood, the first, has most of the largest section, so
that there is something to split 50,000 cells from.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.folder import folder_of
from napari_brain_atlas.io.layout import Layout
from napari_brain_atlas.io.section_writer import Categories, SectionRows, write_sections
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.palette import assign_colors
from napari_brain_atlas.model.proposal import Base, base_to_bytes

__all__ = ["make_brain", "make_sections", "tiles"]

ANIMALS = 5
LARGEST = 90_000
USUAL = 43_000
ACROSS = 13
"""Tiles of a section in each direction; more than a hundred neighborhoods on each section."""


def make_brain(path: Path, n_cells: int, n_neighborhoods: int, seed: int = 0) -> None:
    """Write the file and a curation folder with the neighborhoods, unless it is there.

    What was decided on it since is forgotten: each run begins with all neighborhoods.
    """
    if not path.exists():
        write_sections(path, _sections(_sizes(n_cells), seed), n_cells, ["gene"], {})
        atlas, layout = read_atlas(path)
        labels = tiles(atlas, n_neighborhoods, seed)
        largest = max(atlas.sections, key=lambda s: s.n_cells)
        labels[largest.start : largest.start + int(0.8 * largest.n_cells)] = 1
        _write_base(path, atlas, layout, labels, n_neighborhoods)
    _forget(path)


def make_sections(path: Path, sizes: list[int], n_neighborhoods: int, seed: int = 0) -> None:
    """The same with sections of given sizes, unless it is there."""
    if not path.exists():
        write_sections(path, _sections(sizes, seed), sum(sizes), ["gene"], {})
        atlas, layout = read_atlas(path)
        _write_base(path, atlas, layout, tiles(atlas, n_neighborhoods, seed), n_neighborhoods)
    _forget(path)


def _forget(path: Path) -> None:
    """Put the curation folder back as it was when the file was made."""
    decisions = path.with_name(f"{path.name}.nba")
    first = path.with_name(f"{path.name}.first")
    if first.exists():
        shutil.rmtree(decisions, ignore_errors=True)
        shutil.copytree(first, decisions)
    else:
        shutil.copytree(decisions, first)


def _write_base(
    path: Path, atlas: Atlas, layout: Layout, labels: NDArray[np.int32], n_neighborhoods: int
) -> None:
    colors = assign_colors(sparse.csr_array((n_neighborhoods, n_neighborhoods)))
    base = Base(
        labels=labels,
        confidence=np.full(len(labels), 200, np.uint8),
        neighborhoods=tuple(
            Neighborhood(id=i, name=f"tile {i}", color=colors[i - 1])
            for i in range(1, n_neighborhoods + 1)
        ),
        layout=layout.as_record(),
    )
    folder_of(path).write_base(base_to_bytes(base, atlas))


def tiles(atlas: Atlas, n_neighborhoods: int, seed: int) -> NDArray[np.int32]:
    """Ids 1 to n for all cells in atlas order: blocks of tissue.

    A block is a tile of some neighboring sections. The seed moves the tiles.
    """
    shift = np.random.default_rng(seed).random(2) * 500
    across = min(ACROSS, int(np.ceil(np.sqrt(n_neighborhoods))))
    deep = n_neighborhoods / across**2
    step = (atlas.xy.max(axis=0) - atlas.xy.min(axis=0)) / across
    places = ((atlas.xy + shift - atlas.xy.min(axis=0)) / step).astype(np.int64) % across
    blocks = np.floor(np.arange(len(atlas.sections)) / len(atlas.sections) * deep).astype(np.int64)
    tile = places[:, 0] * across + places[:, 1]
    tile += np.repeat(blocks, np.diff(atlas.section_starts)) * across**2
    return (tile % n_neighborhoods + 1).astype(np.int32)


def _sizes(n_cells: int) -> list[int]:
    n_usual = max(1, round((n_cells - LARGEST) / USUAL)) if n_cells > LARGEST else 0
    largest = min(LARGEST, n_cells)
    rest = np.diff(np.linspace(0, n_cells - largest, n_usual + 1).astype(int)).tolist()
    return [largest, *rest]


def _sections(sizes: list[int], seed: int) -> Iterator[SectionRows]:
    rng = np.random.default_rng(seed)
    names = tuple(f"s{i:03d}" for i in range(len(sizes)))
    animals = tuple(f"a{i}" for i in range(ANIMALS))
    start = 0
    for i, n in enumerate(sizes):
        angle, radius = rng.random(n) * 2 * np.pi, np.sqrt(rng.random(n)) * 5000
        yield SectionRows(
            cells=np.char.add("cell-", np.arange(start, start + n).astype(str)),
            obs={
                "section": Categories(np.full(n, i, np.int16), names),
                "animal": Categories(np.full(n, i % ANIMALS, np.int8), animals),
            },
            spatial=np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).astype("f4"),
            expression=sparse.csr_matrix((n, 1), dtype=np.float32),
        )
        start += n
