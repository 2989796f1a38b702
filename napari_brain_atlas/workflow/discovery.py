"""From a tissue to proposed neighborhoods, for the command line and the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute import clustering
from napari_brain_atlas.compute.resolve import resolve
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.cells import encode_cells
from napari_brain_atlas.model.commands import Command, Repartition, Split, SplitPart
from napari_brain_atlas.model.curation import Curation, owners_of
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.partition import confidence_to_bytes
from napari_brain_atlas.model.proposal import (
    Proposal,
    ProposedNeighborhood,
    proposal_to_bytes,
)
from napari_brain_atlas.workflow.coloring import colors_of
from napari_brain_atlas.workflow.document import Document
from napari_brain_atlas.workflow.embedding import (
    Grown,
    HierarchyRequest,
    prepare_hierarchy,
    read_hierarchy,
)

__all__ = [
    "Grown",
    "HierarchyRequest",
    "Scope",
    "default_parameters",
    "hierarchy_request",
    "limited",
    "load_hierarchy",
    "prepare_hierarchy",
    "propose",
    "take",
]

_CONTINUES = 0.5
"""Share of common cells from which a cluster continues a present neighborhood."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is clustered: everything, or the inside of some neighborhoods.

    Attributes
    ----------
    neighborhoods : tuple of int
        Ids; empty for all cells.
    """

    neighborhoods: tuple[int, ...] = ()

    def cells(self, curation: Curation) -> NDArray[np.int64] | None:
        """The cells in scope, ascending, in atlas order; None for all.

        Raises
        ------
        CommandError
            If a neighborhood does not exist.
        """
        if not self.neighborhoods:
            return None
        parts = [curation.cells_of(curation.neighborhood(i).id) for i in self.neighborhoods]
        return np.sort(np.concatenate(parts))

    def title(self, curation: Curation) -> str:
        """The scope in words."""
        if not self.neighborhoods:
            return "all cells"
        names = (curation.neighborhood(i).name for i in self.neighborhoods)
        return "inside " + ", ".join(names)


def hierarchy_request(document: Document, scope: Scope, seed: int = 0) -> HierarchyRequest:
    """What another process needs to grow the hierarchy over a scope."""
    return HierarchyRequest(
        path=document.path,
        options=document.layout.as_options(),
        cache=document.folder.cache,
        cells=scope.cells(document.session.curation),
        seed=seed,
    )


def load_hierarchy(document: Document, key: str) -> Grown:
    """The hierarchy that `prepare_hierarchy` left under a key. Raises WriteError if it is gone."""
    return read_hierarchy(document.cache, key)


def default_parameters(grown: Grown) -> CutParameters:
    """Where the slider starts."""
    return clustering.default_parameters(grown.hierarchy)


def limited(grown: Grown, parameters: CutParameters) -> CutParameters:
    """The same cut, with the largest size that a first cut of this smallest size has."""
    first = clustering.default_parameters(grown.hierarchy, parameters.min_cluster_size)
    return replace(parameters, max_cluster_size=first.max_cluster_size)


def propose(document: Document, grown: Grown, parameters: CutParameters) -> Proposal:
    """Cut the hierarchy, give every cell an owner, and name and colour what comes out.

    A cluster that has most cells in common with a present neighborhood
    continues it, with its name, colour and annotation.
    """
    atlas, curation = document.atlas, document.session.curation
    found = clustering.cut(grown.hierarchy, parameters)
    resolution = resolve(
        atlas, grown.hierarchy, found, cells=grown.cells, neighbors=grown.neighbors
    )
    evidence = {
        "algorithm": "hdbscan",
        **asdict(parameters),
        "n_clusters": found.n_clusters,
        "noise_share": round(found.noise_share, 4),
        "exact": grown.hierarchy.exact,
    }
    return label_proposal(
        atlas, curation, resolution.owner, resolution.confidence, grown.cells, evidence
    )


def label_proposal(
    atlas: Atlas,
    curation: Curation,
    owner: NDArray[np.int32],
    confidence: NDArray[np.float32],
    cells: NDArray[np.int64] | None,
    evidence: Mapping[str, Any],
) -> Proposal:
    """Make a proposal of clusters: what they continue, their names and colours.

    Parameters
    ----------
    owner : (n,) int32
        Cluster of each cell in scope, -1 for none.
    confidence : (n,) float32
    cells : (n,) int64 or None
        The cells in scope, ascending, in atlas order; None for all.
    """
    n = int(owner.max(initial=-1)) + 1
    present = curation.owners_of_cells() if cells is None else owners_of(curation, cells, atlas)
    continued = _continued(owner, present, n)
    fixed = [curation.neighborhood(c).color if c else None for c in continued]
    colors = colors_of(atlas, owner, fixed, cells)
    names = _free_names(curation, n)
    neighborhoods = tuple(
        ProposedNeighborhood(
            name=curation.neighborhood(c).name if c else names[i], color=color, continues=c or None
        )
        for i, (c, color) in enumerate(zip(continued, colors, strict=True))
    )
    return Proposal(
        labels=owner,
        confidence=confidence_to_bytes(confidence),
        neighborhoods=neighborhoods,
        cells=cells,
        evidence=evidence,
    )


def take(document: Document, proposal: Proposal, scope: Scope) -> Command:
    """The command that takes a proposal.

    Inside one neighborhood it is a Split, in which the largest part stays;
    else a Repartition, whose partition goes to the archive.

    Raises
    ------
    WriteError
        If the archive cannot keep it.
    """
    atlas, archive = document.atlas, document.session.archive
    if len(scope.neighborhoods) == 1 and proposal.cells is not None:
        return _split(atlas, archive, proposal, scope.neighborhoods[0])
    digest = archive.write(proposal_to_bytes(proposal, atlas))
    named: Any = {"neighborhoods": list(scope.neighborhoods)} if scope.neighborhoods else "all"
    return Repartition(scope=named, blob=digest, evidence=dict(proposal.evidence))


def _split(atlas: Atlas, archive: Archive, proposal: Proposal, origin: int) -> Split:
    assert proposal.cells is not None
    sizes = np.bincount(proposal.labels[proposal.labels >= 0])
    stays = int(sizes.argmax()) if len(sizes) else 0
    parts = tuple(
        SplitPart(
            cells=encode_cells(proposal.cells[proposal.labels == i], atlas, archive),
            color=None if proposed.continues else proposed.color,
        )
        for i, proposed in enumerate(proposal.neighborhoods)
        if i != stays
    )
    return Split(neighborhood=origin, parts=parts, evidence=dict(proposal.evidence))


def _continued(owner: NDArray[np.int32], present: NDArray[np.int32], n: int) -> list[int]:
    """For each cluster the neighborhood it continues, 0 for none; each at most once."""
    ids, codes = np.unique(present, return_inverse=True)
    known = owner >= 0
    shared = np.zeros((n, len(ids)), np.int64)
    np.add.at(shared, (owner[known], codes[known]), 1)
    union = shared.sum(1)[:, None] + np.bincount(codes, minlength=len(ids))[None, :] - shared
    likeness = np.where(ids[None, :] == UNASSIGNED, 0.0, shared / np.maximum(union, 1))
    # A Jaccard index above one half makes the match unique on both sides.
    best = likeness.argmax(axis=1) if n else np.empty(0, np.int64)
    return [int(ids[j]) if likeness[i, j] > _CONTINUES else 0 for i, j in enumerate(best.tolist())]


def _free_names(curation: Curation, n: int) -> Sequence[str]:
    first = curation.next_id
    return [f"N{i}" for i in range(first, first + n)]
