"""What a proposal's clusters continue, what they are called, and their colours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.tallies import cross_tally, tally
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation, owners_of
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.proposal import Proposal, ProposedNeighborhood
from napari_brain_atlas.workflow.coloring import colors_of
from napari_brain_atlas.workflow.obeying import obeying_links
from napari_brain_atlas.workflow.sparing import sparing_locked

_CONTINUES = 0.5
"""Share of common cells from which a cluster continues a present neighborhood."""


def described(
    proposal: Proposal,
    atlas: Atlas,
    curation: Curation,
    origin: int | None = None,
    neighbors: NDArray[np.int32] | None = None,
) -> Proposal:
    """The proposal with its neighborhoods named and coloured, as locks and links demand.

    Parameters
    ----------
    proposal : Proposal
        With labels and cells.
    origin : int, optional
        The neighborhood inside which it lies, if it is one: the largest part
        stays, the others are named after it.
    neighbors : (n_cells, k) int32, optional
        The nearest cells of every cell, where they are known already.
    """
    proposal = obeying_links(sparing_locked(proposal, atlas, curation), atlas, curation)
    n = int(proposal.labels.max(initial=-1)) + 1
    if origin is None:
        continued = _continued(proposal, atlas, curation, n)
        names = _names(curation, n)
    else:
        sizes = np.bincount(proposal.labels[proposal.labels >= 0], minlength=n)
        continued = [origin if i == sizes.argmax() else 0 for i in range(n)]
        names = _names_after(curation.neighborhood(origin).name, curation, n)
    fixed = [curation.neighborhood(c).color if c else None for c in continued]
    colors = _colors(proposal, atlas, curation, fixed, neighbors)
    fresh = iter(names)
    neighborhoods = tuple(
        ProposedNeighborhood(
            name=curation.neighborhood(c).name if c else next(fresh),
            color=color,
            continues=c or None,
        )
        for c, color in zip(continued, colors, strict=True)
    )
    return replace(proposal, neighborhoods=neighborhoods)


def _continued(proposal: Proposal, atlas: Atlas, curation: Curation, n: int) -> list[int]:
    """For each cluster the neighborhood it continues, 0 for none; each at most once."""
    cells = proposal.cells
    present = curation.owners_of_cells() if cells is None else owners_of(curation, cells, atlas)
    ids, n_ids = curation.ids, int(curation.ids[-1]) + 1
    shared = cross_tally(proposal.labels, present, (n, n_ids))[:, ids]
    union = shared.sum(1)[:, None] + tally(present, n_ids)[ids] - shared
    likeness = np.where(ids[None, :] == UNASSIGNED, 0.0, shared / np.maximum(union, 1))
    # A Jaccard index above one half makes the match unique on both sides.
    best = likeness.argmax(axis=1) if n else np.empty(0, np.int64)
    return [int(ids[j]) if likeness[i, j] > _CONTINUES else 0 for i, j in enumerate(best.tolist())]


def _names(curation: Curation, n: int) -> list[str]:
    """``N17`` and so on; a name may be ahead of its id, where a proposal was taken in part."""
    taken = {known.name for known in curation.neighborhoods.values()}
    free = (f"N{i}" for i in range(curation.next_id, curation.next_id + len(taken) + n))
    return [candidate for candidate in free if candidate not in taken][:n]


def _names_after(name: str, curation: Curation, n: int) -> list[str]:
    taken = {known.name for known in curation.neighborhoods.values()}
    free = (f"{name}.{i}" for i in range(1, len(taken) + n + 1))
    return [candidate for candidate in free if candidate not in taken][:n]


def _colors(
    proposal: Proposal,
    atlas: Atlas,
    curation: Curation,
    fixed: list[str | None],
    neighbors: NDArray[np.int32] | None,
) -> tuple[str, ...]:
    """Colours of the clusters, told from each other and from what lies around the scope."""
    if proposal.cells is None:
        return colors_of(atlas, proposal.labels, fixed, neighbors)
    n = len(fixed)
    ids = curation.ids
    labels = (np.searchsorted(ids, curation.owners_of_cells()) + n).astype(np.int32)
    labels[proposal.cells] = proposal.labels
    around = [curation.neighborhood(int(i)).color for i in ids]
    return colors_of(atlas, labels, [*fixed, *around], neighbors)[:n]
