"""What a curator said of pairs of neighborhoods holds in every later proposal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation, owners_of
from napari_brain_atlas.model.links import LinkedPair
from napari_brain_atlas.model.proposal import Proposal


def obeying_links(proposal: Proposal, atlas: Atlas, curation: Curation) -> Proposal:
    """The proposal with linked neighborhoods together, or apart; its evidence says how many.

    Of two that belong together the clusters that hold most of each become one.
    Of two that must stay apart no cluster has cells of both: cells that are
    with the other go to where most of their own are, and if that is the same
    cluster, the smaller part becomes one of its own.
    """
    if not curation.links:
        return proposal
    labels, owners = proposal.labels.copy(), _owners(proposal, atlas, curation)
    there = set(np.unique(owners[labels >= 0]).tolist())
    links = sorted(link for link in curation.links if there.issuperset(link.sides))
    if not links:
        return proposal
    for link in links:
        if link.kind == "must":
            one, other = (_home(labels, owners, side) for side in link.sides)
            labels[labels == max(one, other)] = min(one, other)
    # After all are together: what must stay apart is the last word.
    for link in links:
        if link.kind == "cannot":
            _part(labels, owners, link)
    known, ranks = np.unique(labels[labels >= 0], return_inverse=True)
    labels[labels >= 0] = ranks
    return replace(
        proposal,
        labels=labels,
        # Names are given afterwards: those that were there may have changed their cells.
        neighborhoods=(),
        evidence={**proposal.evidence, "links_obeyed": len(links), "n_clusters": len(known)},
    )


def _owners(proposal: Proposal, atlas: Atlas, curation: Curation) -> NDArray[np.int32]:
    if proposal.cells is None:
        return curation.owners_of_cells()
    return owners_of(curation, proposal.cells, atlas)


def _home(labels: NDArray[np.int32], owners: NDArray[np.int32], side: int) -> int:
    """The cluster that holds most cells of a neighborhood."""
    return int(np.bincount(labels[(owners == side) & (labels >= 0)]).argmax())


def _part(labels: NDArray[np.int32], owners: NDArray[np.int32], link: LinkedPair) -> None:
    """Leave no cluster with cells of both sides."""
    n = int(labels.max()) + 1
    # With room for a cluster more.
    first, second = (
        np.bincount(labels[_of(labels, owners, s)], minlength=n + 1) for s in link.sides
    )
    homes = [int(counts.argmax()) for counts in (first, second)]
    if homes[0] == homes[1]:
        home = homes[0]
        homes[int(first[home] >= second[home])] = n
    for side, home, other, mine, theirs in (
        (link.first, homes[0], homes[1], first, second),
        (link.second, homes[1], homes[0], second, first),
    ):
        # Where both are, the smaller part leaves, and who is a guest in the other's home.
        leaves = (mine > 0) & (theirs > 0) & (mine < theirs)
        leaves |= (mine == theirs) & (side == link.second) & (mine > 0)
        leaves[other], leaves[home] = True, False
        gone = _of(labels, owners, side) & leaves[np.maximum(labels, 0)]
        labels[gone] = home


def _of(labels: NDArray[np.int32], owners: NDArray[np.int32], side: int) -> NDArray[np.bool_]:
    mine: NDArray[np.bool_] = (owners == side) & (labels >= 0)
    return mine
