"""The verb discover: a file in, a file with neighborhoods and its curation folder out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute import discovery as finding
from napari_brain_atlas.compute.expression import share_not_numbers
from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io import columns
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.cache import Cache
from napari_brain_atlas.io.configuration import read_configuration, who
from napari_brain_atlas.io.folder import CurationFolder, folder_of
from napari_brain_atlas.io.layout import Layout, ReadOptions
from napari_brain_atlas.io.save import require_target, save_columns, see
from napari_brain_atlas.model.archive import digest_of
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.partition import confidence_to_bytes
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.model.proposal import (
    Base,
    Proposal,
    base_to_bytes,
    base_to_curation,
    proposal_to_bytes,
    unassigned_base,
)
from napari_brain_atlas.workflow.describing import described
from napari_brain_atlas.workflow.document import open_document
from napari_brain_atlas.workflow.embedding import embed
from napari_brain_atlas.workflow.given import given_embedding
from napari_brain_atlas.workflow.starting import PACKAGE_VERSION, record_of


@dataclass(frozen=True, slots=True)
class DiscoveryParameters:
    """How neighborhoods are found.

    Attributes
    ----------
    n_neighborhoods : int or None
        Their number; None for as many as halves of the tissue agree on.
    min_cluster_size : int or None
        Smallest cluster in cells; None for a default by the number of cells.
    smallest_piece : float or None
        Area in µm² of the smallest piece that stays on a section, in areas of a cell where the
        unit is not known; None for that of some cells.
    embedding : str or None
        An obsm array of the file; None for the composition of surroundings.
    seed : int
    workers : int
        Sections that are worked on at once; does not change the outcome.
    dask : str or None
        Address of a Dask cluster that works on the sections; does not change it either.
    """

    n_neighborhoods: int | None = None
    min_cluster_size: int | None = None
    smallest_piece: float | None = None
    embedding: str | None = None
    seed: int = 0
    workers: int = 1
    dask: str | None = None


@dataclass(frozen=True, slots=True)
class Discovered:
    """What was found.

    Attributes
    ----------
    n_neighborhoods : int
    noise_share : float
        Share of the cells that the cut left out and their neighbors placed.
    not_numbers : float
        Share of the expression values, where they were read, that are not numbers and count
        as 0; in up to ten sections.
    target : Path
    proposal : str or None
        Hash of the pending proposal, where the target has decisions already.
    """

    n_neighborhoods: int
    noise_share: float
    not_numbers: float
    target: Path
    proposal: str | None


def discover(
    path: Path,
    out: Path,
    parameters: DiscoveryParameters,
    *,
    author: str | None = None,
    options: ReadOptions | None = None,
    folder: Path | None = None,
    progress: Progress = silent,
) -> Discovered:
    """Find neighborhoods and write them to `out`, with the base of a curation beside it.

    Where `out` has decisions already nothing of it changes: what was found is
    kept as a proposal that can be looked at and taken.

    Raises
    ------
    InputError
        If the file or the target cannot be used; told before anything is computed.
    WriteError
        If the disk refuses; the target is as it was.
    """
    require_target(out, source=path)
    name, versions = who(author), read_configuration().versions
    kept = folder_of(out, folder)
    if kept.has_decisions():
        return _propose(path, out, kept, parameters, author, options, progress)
    seen = see(path)
    atlas, layout = read_atlas(path, options)
    found = _find(path, atlas, Cache(kept.cache), parameters, progress)
    base = _base(atlas, layout, found)
    content = base_to_bytes(base, atlas)
    curation = base_to_curation(base, atlas)
    record = record_of(atlas, layout, digest_of(content), name, None, 0)
    made = columns.curated_columns(atlas, curation, record)
    with kept.starting_anew(content):
        keep = kept.path if path.resolve() == out.resolve() else None
        save_columns(path, out, made, progress, seen=seen, keep=keep, versions=versions)
    return _discovered(found, out, None)


def _propose(
    path: Path,
    out: Path,
    kept: CurationFolder,
    parameters: DiscoveryParameters,
    author: str | None,
    options: ReadOptions | None,
    progress: Progress,
) -> Discovered:
    if not out.exists():
        raise InputError(
            str(out), [f"is gone, but {kept.path} holds its decisions; put the file back"]
        )
    with open_document(out, author=author, options=options, folder=kept.path) as document:
        given, _ = read_atlas(path, document.layout.as_options())
        if given.fingerprint != document.atlas.fingerprint:
            raise InputError(
                str(out), [f"holds decisions on other cells than those of {path.name}; choose "
                           "another --out"]
            )  # fmt: skip
        found = _find(
            path, document.atlas, document.cache, parameters, progress, document.session.curation
        )
        digest = kept.archive.write(proposal_to_bytes(found, document.atlas))
    return _discovered(found, out, digest)


def _discovered(found: Proposal, out: Path, proposal: str | None) -> Discovered:
    told = found.evidence
    n = len(found.neighborhoods)
    return Discovered(n, told["noise_share"], told["not_numbers"], out, proposal)


def _find(
    path: Path,
    atlas: Atlas,
    cache: Cache,
    parameters: DiscoveryParameters,
    progress: Progress,
    curation: Any = None,
) -> Proposal:
    key, k = parameters.embedding, parameters.n_neighborhoods
    if k and k > atlas.n_cells:
        told = f"{k:,} neighborhoods need as many cells, and there are {atlas.n_cells:,}"
        raise InputError(str(path), [f"{told}; ask for fewer"])
    if key is None:
        embedding = _own_embedding(path, atlas, cache, parameters, progress)
    else:
        embedding = given_embedding(atlas, key, path)
    found = finding.find_neighborhoods(
        atlas,
        embedding,
        n_neighborhoods=k,
        min_cluster_size=parameters.min_cluster_size,
        smallest_piece=parameters.smallest_piece,
        seed=parameters.seed,
        progress=progress,
    )
    progress("Describing neighborhoods", 0.0)
    curation = curation or base_to_curation(unassigned_base(atlas, {}), atlas)
    evidence = {
        "encoder": "composition" if key is None else f"obsm/{key}",
        "algorithm": "mixture" if k else "tree over halves",
        "n_neighborhoods": k,
        "min_cluster_size": found.parameters.min_cluster_size if found.parameters else None,
        "smallest_piece": parameters.smallest_piece,
        "seed": parameters.seed,
        "package": PACKAGE_VERSION,
        "noise_share": round(found.cut.noise_share, 4),
        "not_numbers": share_not_numbers(atlas) if key is None else 0.0,
    }
    proposal = Proposal(
        labels=found.resolution.owner,
        confidence=confidence_to_bytes(found.resolution.confidence),
        neighborhoods=(),
        evidence=evidence,
    )
    return described(proposal, atlas, curation)


def _own_embedding(
    path: Path, atlas: Atlas, cache: Cache, parameters: DiscoveryParameters, progress: Progress
) -> NDArray[np.float32]:
    try:
        found = embed(
            atlas,
            cache,
            parameters.seed,
            progress,
            parameters.workers,
            parameters.dask,
            parameters.n_neighborhoods,
        )
    except InputError as error:
        # What learns knows the cells only, the user the file.
        raise InputError(str(path), error.problems) from error
    alike = len(found) > 1 and bool((found == found[0]).all())
    if alike and (parameters.n_neighborhoods or 1) > 1:
        raise InputError(
            str(path), ["what surrounds a cell is the same for all cells, so there are no "
                        f"{parameters.n_neighborhoods:,} neighborhoods in it"]
        )  # fmt: skip
    return found


def _base(atlas: Atlas, layout: Layout, found: Proposal) -> Base:
    return Base(
        labels=(found.labels + 1).astype(np.int32),
        confidence=found.confidence,
        neighborhoods=tuple(
            Neighborhood(id=i, name=n.name, color=n.color)
            for i, n in enumerate(found.neighborhoods, 1)
        ),
        layout=layout.as_record(),
        evidence=found.evidence,
    )
