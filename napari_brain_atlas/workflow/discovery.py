"""From a tissue to proposed neighborhoods, for the command line and the window."""

from __future__ import annotations

from dataclasses import asdict, replace

from napari_brain_atlas.compute import clustering
from napari_brain_atlas.compute.resolve import resolve
from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.archive import Archive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.cells import encode_cells
from napari_brain_atlas.model.commands import Command, Repartition, Split, SplitPart
from napari_brain_atlas.model.commands.lock import require_unlocked
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.model.partition import confidence_to_bytes
from napari_brain_atlas.model.proposal import (
    Proposal,
    proposal_to_bytes,
)
from napari_brain_atlas.workflow.describing import described
from napari_brain_atlas.workflow.document import Document
from napari_brain_atlas.workflow.embedding import (
    Grown,
    HierarchyRequest,
    prepare_hierarchy,
    read_hierarchy,
)
from napari_brain_atlas.workflow.scope import Picked, Scope

__all__ = [
    "Grown",
    "HierarchyRequest",
    "Picked",
    "Scope",
    "default_parameters",
    "hierarchy_request",
    "limited",
    "load_hierarchy",
    "prepare_hierarchy",
    "propose",
    "take",
]


def hierarchy_request(
    document: Document, scope: Scope, seed: int = 0, embedding: str | None = None
) -> HierarchyRequest:
    """What another process needs to grow the hierarchy over a scope.

    Parameters
    ----------
    embedding : str, optional
        An obsm array of the file that is used instead of our own.

    Raises
    ------
    CommandError
        If the scope is the inside of a locked neighborhood, with the remedy.
    """
    curation = document.session.curation
    require_unlocked(curation, scope.neighborhoods, "look for parts")
    return HierarchyRequest(
        path=document.path,
        options=document.layout.as_options(),
        cache=document.folder.cache,
        cells=scope.cells(curation, document.atlas),
        seed=seed,
        embedding=embedding,
    )


def load_hierarchy(document: Document, key: str) -> Grown:
    """The hierarchy that `prepare_hierarchy` left under a key. Raises WriteError if it is gone."""
    return read_hierarchy(document.cache, key)


def default_parameters(grown: Grown) -> CutParameters:
    """Where the slider starts."""
    return clustering.default_parameters(grown.hierarchy)


def limited(grown: Grown, parameters: CutParameters) -> CutParameters:
    """The same cut; without a largest size, with that of a first cut of this smallest size."""
    if parameters.max_cluster_size:
        return parameters
    first = clustering.default_parameters(grown.hierarchy, parameters.min_cluster_size)
    return replace(parameters, max_cluster_size=first.max_cluster_size)


def propose(
    document: Document, grown: Grown, parameters: CutParameters, scope: Scope | None = None,
    embedding: str | None = None,
) -> Proposal:  # fmt: skip
    """Cut the hierarchy, give every cell an owner, and name and colour what comes out.

    A cluster that has most cells in common with a present neighborhood
    continues it, with its name, colour and annotation. Inside one neighborhood
    the largest part is what stays of it.

    Parameters
    ----------
    embedding : str, optional
        The obsm array that the hierarchy was grown from, for the record.
    """
    curation = document.session.curation
    found = clustering.cut(grown.hierarchy, parameters)
    resolution = resolve(
        document.atlas, grown.hierarchy, found, cells=grown.cells, neighbors=grown.neighbors,
        smallest_piece=parameters.smallest_piece,
    )  # fmt: skip
    evidence = {
        "encoder": f"obsm/{embedding}" if embedding else "composition",
        "algorithm": "tree over halves",
        **asdict(parameters),
        "n_clusters": found.n_clusters,
        "noise_share": round(found.noise_share, 4),
        "exact": grown.hierarchy.exact,
    }
    proposal = Proposal(
        labels=resolution.owner,
        confidence=confidence_to_bytes(resolution.confidence),
        neighborhoods=(),
        cells=grown.cells,
        evidence=evidence,
    )
    origin = scope.splits if scope is not None else None
    return described(proposal, document.atlas, curation, origin, grown.neighbors)


def take(document: Document, proposal: Proposal, scope: Scope) -> Command:
    """The command that takes a proposal.

    Inside one neighborhood it is a Split, in which the largest part stays;
    else a Repartition, whose partition goes to the archive.

    Raises
    ------
    CommandError
        If there are no two parts to split.
    WriteError
        If the archive cannot keep it.
    """
    atlas, archive = document.atlas, document.session.archive
    if scope.splits is not None and proposal.cells is not None:
        return _split(atlas, archive, proposal, scope.splits)
    digest = archive.write(proposal_to_bytes(proposal, atlas))
    told = scope.as_evidence(atlas)
    return Repartition(scope=told, blob=digest, evidence=dict(proposal.evidence))


def _split(atlas: Atlas, archive: Archive, proposal: Proposal, origin: int) -> Split:
    assert proposal.cells is not None
    if len(proposal.neighborhoods) < 2:
        raise CommandError(
            "there is nothing to split: no two parts were found; try a smaller size"
        )
    parts = tuple(
        SplitPart(
            cells=encode_cells(proposal.cells[proposal.labels == i], atlas, archive),
            name=part.name,
            color=part.color,
        )
        for i, part in enumerate(proposal.neighborhoods)
        if part.continues is None
    )
    return Split(neighborhood=origin, parts=parts, evidence=dict(proposal.evidence))
