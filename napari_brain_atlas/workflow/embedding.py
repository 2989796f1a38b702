"""Embeddings and hierarchies, computed once and kept in the cache."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.discovery import default_hierarchy
from napari_brain_atlas.compute.encoders import encode_atlas
from napari_brain_atlas.compute.encoders.composition import fit_composition, near_weight_for
from napari_brain_atlas.compute.neighbors import atlas_neighbors
from napari_brain_atlas.compute.resolve import VOTERS
from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.cache import Cache
from napari_brain_atlas.io.layout import ReadOptions
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.hierarchy import Hierarchy
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.workflow.given import digest_of_embedding, given_embedding
from napari_brain_atlas.workflow.mapping import sections_mapped
from napari_brain_atlas.workflow.resuming import WORTH_KEEPING, EncodedSections

_RECIPE = "composition 4, hierarchy 3"
"""Changes whenever the same data would give another embedding or hierarchy."""


_LIVE_CELLS = 4_000_000
"""With more cells their neighbors take more memory than a live cut is worth."""
_HIERARCHY_ARRAYS = tuple(field.name for field in fields(Hierarchy))


@dataclass(frozen=True, slots=True)
class HierarchyRequest:
    """What another process needs to grow a hierarchy. Picklable.

    Attributes
    ----------
    path : Path
    options : ReadOptions
        How the file is read.
    cache : Path
        Folder where the outcome is left.
    cells : (n,) int64 or None
        The cells in scope, ascending, in atlas order; None for all.
    seed : int
    embedding : str or None
        An obsm array of the file that is used instead of our own.
    """

    path: Path
    options: ReadOptions
    cache: Path
    cells: NDArray[np.int64] | None = None
    seed: int = 0
    embedding: str | None = None


@dataclass(frozen=True, slots=True)
class Grown:
    """A hierarchy and the cells it was grown over.

    Attributes
    ----------
    hierarchy : Hierarchy
        Over the cells in scope.
    cells : (n,) int64 or None
        Those cells, ascending, in atlas order; None for all.
    neighbors : (n_cells, k) int32 or None
        The nearest cells of every cell, found once so that cuts are live; None
        inside a scope, and where there are too many cells to hold them.
    """

    hierarchy: Hierarchy
    cells: NDArray[np.int64] | None
    neighbors: NDArray[np.int32] | None = None


def embed(
    atlas: Atlas,
    cache: Cache | None,
    seed: int = 0,
    progress: Progress = silent,
    workers: int = 1,
    dask: str | None = None,
    n_neighborhoods: int | None = None,
) -> NDArray[np.float32]:
    """The composition embedding of every cell, from the cache where it is there.

    In large data every section is kept as soon as it is encoded; interrupted, the work goes
    on where it was.

    Parameters
    ----------
    workers : int
        Sections that are worked on at once, in threads.
    dask : str, optional
        Address of a Dask cluster that works on them instead.
    n_neighborhoods : int, optional
        How many the cells will be parted into; without, the hierarchy decides. Very many
        are told apart by another embedding than a few.

    Returns
    -------
    (n_cells, d) float32
        In atlas order.
    """
    near = near_weight_for(n_neighborhoods)
    key = f"embedding-{_embedding_key(atlas, seed, near)}"
    kept = cache.get(key) if cache else None
    if kept is not None and len(kept.get("embedding", ())) == atlas.n_cells:
        return kept["embedding"]
    with sections_mapped(workers, dask) as over:
        encoder = fit_composition(
            atlas, near_weight=near, seed=seed, map_sections=over, progress=progress
        )
        if cache is None or atlas.n_cells < WORTH_KEEPING:
            return _kept(cache, key, encode_atlas(atlas, encoder, progress, over))
        parts = EncodedSections(cache, key, encoder)
        embedding = encode_atlas(atlas, encoder, progress, parts.kept(over))
    _kept(cache, key, embedding)
    parts.drop()
    return embedding


def grow(
    atlas: Atlas,
    cache: Cache | None,
    cells: NDArray[np.int64] | None = None,
    seed: int = 0,
    progress: Progress = silent,
    given: NDArray[np.float32] | None = None,
) -> Grown:
    """The hierarchy over the cells in scope, from the cache where it is there.

    Parameters
    ----------
    given : (n_cells, d) float32, optional
        An embedding of all cells that is used instead of our own.
    """
    key = hierarchy_key(atlas, cells, seed, given)
    kept = cache.get(key) if cache else None
    if kept is not None:
        return _grown(kept)
    neighbors = None
    if cells is None and atlas.n_cells <= _LIVE_CELLS:
        neighbors = atlas_neighbors(atlas, VOTERS, progress)
    embedding = embed(atlas, cache, seed, progress) if given is None else given
    if cells is not None:
        embedding = embedding[cells]
    hierarchy = default_hierarchy(atlas, embedding, cells=cells, seed=seed, progress=progress)
    if cache:
        arrays = {name: getattr(hierarchy, name) for name in _HIERARCHY_ARRAYS}
        more = {"cells": cells, "neighbors": neighbors}
        cache.put(key, arrays | {name: a for name, a in more.items() if a is not None})
    return Grown(hierarchy, cells, neighbors)


def prepare_hierarchy(request: HierarchyRequest, progress: Progress = silent) -> str:
    """Grow a hierarchy and leave it in the cache; meant for another process.

    Returns
    -------
    str
        The key under which it lies.
    """
    atlas, _ = read_atlas(request.path, request.options)
    key = request.embedding
    given = given_embedding(atlas, key, request.path) if key else None
    grow(atlas, Cache(request.cache), request.cells, request.seed, progress, given)
    return hierarchy_key(atlas, request.cells, request.seed, given)


def read_hierarchy(cache: Cache, key: str) -> Grown:
    """The hierarchy that `prepare_hierarchy` left under a key.

    Raises
    ------
    WriteError
        If it is not there, since the cache could not be written.
    """
    kept = cache.get(key)
    if kept is None:
        raise WriteError(f"{cache.folder}: cannot be written; make room there and try again")
    return _grown(kept)


def hierarchy_key(
    atlas: Atlas,
    cells: NDArray[np.int64] | None,
    seed: int,
    given: NDArray[np.float32] | None = None,
) -> str:
    """The cache's key of a hierarchy."""
    scope = b"all" if cells is None else np.ascontiguousarray(cells, "<i8").tobytes()
    of = b"" if given is None else digest_of_embedding(given).encode()
    digest = hashlib.sha256(_embedding_key(atlas, seed).encode() + of + scope)
    return f"hierarchy-{digest.hexdigest()[:40]}"


def _embedding_key(atlas: Atlas, seed: int, near_weight: float = 1.0) -> str:
    said = (_RECIPE, atlas.fingerprint, atlas.cell_type, seed, near_weight, *atlas.genes)
    return hashlib.sha256("\0".join(map(str, said)).encode()).hexdigest()[:40]


def _kept(cache: Cache | None, key: str, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
    if cache:
        cache.put(key, {"embedding": embedding})
    return embedding


def _grown(kept: dict[str, NDArray[Any]]) -> Grown:
    hierarchy = Hierarchy(**{n: kept[n] for n in _HIERARCHY_ARRAYS})
    return Grown(hierarchy, kept.get("cells"), kept.get("neighbors"))
