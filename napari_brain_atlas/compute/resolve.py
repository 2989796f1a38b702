"""An owner and a confidence for every cell: noise is never the answer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_brain_atlas.compute.blurring import ROWS, nearest_points
from napari_brain_atlas.compute.neighbors import nearest_cells
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.hierarchy import Cut, Hierarchy
from napari_brain_atlas.model.progress import Progress, silent

VOTERS = 15
NEAREST_CLUSTERED = 15
# Noise is compared with at most this many clustered points.
COMPARED_POINTS = 20_000


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who owns each cell, and how sure that is.

    Attributes
    ----------
    owner : (n_cells,) int32
        Cluster of the cell, 0 to n_clusters - 1; where the cut has no cluster all cells
        are one, without confidence.
    confidence : (n_cells,) float32
        0 to 1: the geometric mean of the membership in the embedding and of the share
        of the nearest cells on the section with the same owner.
    resolved : (n_cells,) bool
        Whether the cell was noise.
    """

    owner: NDArray[np.int32]
    confidence: NDArray[np.float32]
    resolved: NDArray[np.bool_]


def resolve(
    atlas: Atlas,
    hierarchy: Hierarchy,
    cut: Cut,
    *,
    cells: NDArray[np.int64] | None = None,
    n_voters: int = VOTERS,
    progress: Progress = silent,
) -> Resolution:
    """Give noise to the nearest clusters, then let the nearest cells vote.

    Parameters
    ----------
    hierarchy : Hierarchy
        The tree that the cut was read from.
    cells : (n,) int64, optional
        Cells under the hierarchy, ascending, in atlas order; all of them by default.
    n_voters : int
        Nearest cells of the section that vote, besides the cell itself.

    Returns
    -------
    Resolution
        In the order of the hierarchy's cells.
    """
    labels, strengths = place_noise(hierarchy, cut)
    owner, confidence = vote(
        atlas, labels, strengths, cells=cells, n_voters=n_voters, progress=progress
    )
    return Resolution(owner, confidence, cut.labels < 0)


def place_noise(hierarchy: Hierarchy, cut: Cut) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Give noise to the cluster that most of the nearest clustered points belong to.

    Returns
    -------
    labels : (n_cells,) int32
    strengths : (n_cells,) float32
        For noise: half of the share of those points, as it is a guess.
    """
    if not cut.n_clusters:
        return np.zeros_like(cut.labels), cut.strengths
    if (cut.labels >= 0).all():
        return cut.labels, cut.strengths
    first_cell = _first_cells(hierarchy)
    labels, strengths = cut.labels[first_cell], cut.strengths[first_cell].copy()
    noise = np.flatnonzero(labels < 0)
    clustered = np.flatnonzero(labels >= 0)
    clustered = clustered[:: -(-len(clustered) // COMPARED_POINTS)]
    nearest = _nearest_in(hierarchy.centers, noise, clustered)
    labels = labels.copy()
    labels[noise], share = _majority(cut.labels[first_cell][nearest])
    strengths[noise] = 0.5 * share
    return labels[hierarchy.point_of_cell], strengths[hierarchy.point_of_cell]


def vote(
    atlas: Atlas,
    labels: NDArray[np.int32],
    strengths: NDArray[np.float32],
    *,
    cells: NDArray[np.int64] | None = None,
    n_voters: int = VOTERS,
    progress: Progress = silent,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Let the nearest cells of the section vote on every cell's owner, once.

    Parameters
    ----------
    labels : (n,) int32
        -1 does not vote.
    strengths : (n,) float32
    cells : (n,) int64, optional
        Which cells these are, ascending, in atlas order; all of them by default. Only
        they vote.

    Returns
    -------
    owner : (n,) int32
    confidence : (n,) float32
    """
    cells = np.arange(atlas.n_cells) if cells is None else cells
    bounds = np.searchsorted(cells, atlas.section_starts)
    owner, agreement = labels.copy(), np.ones(len(labels), np.float32)
    for start, stop in pairwise(bounds):
        progress("Settling borders", start / max(len(cells), 1))
        if start == stop:
            continue
        nearest, _ = nearest_cells(atlas.xy[cells[start:stop]], n_voters)
        owner[start:stop], agreement[start:stop] = _majority(labels[start:stop][nearest])
    # A cell that the vote moved belongs to its new owner by its surroundings only.
    membership = np.where(owner == labels, strengths, 0.5 * agreement)
    return owner, np.sqrt(membership * agreement).astype(np.float32)


def _first_cells(hierarchy: Hierarchy) -> NDArray[np.int64]:
    if hierarchy.exact:
        return np.arange(hierarchy.n_cells)
    return np.unique(hierarchy.point_of_cell, return_index=True)[1]


def _nearest_in(
    points: NDArray[np.float32], queries: NDArray[np.int64], among: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Positions in `points` of those nearest to each query, nearest first."""
    k = min(NEAREST_CLUSTERED, len(among))
    found = among[nearest_points(points[queries], points[among], k)]
    for start in range(0, len(queries), ROWS):
        rows = slice(start, start + ROWS)
        gaps = points[found[rows]] - points[queries[rows], None]
        order = np.argsort(np.einsum("ijk,ijk->ij", gaps, gaps), axis=1, kind="stable")
        found[rows] = np.take_along_axis(found[rows], order, axis=1)
    return found


def _majority(ballots: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Most frequent label per row, among equals the first listed, and its share."""
    winner, share = _count_ballots(np.ascontiguousarray(ballots))
    return np.asarray(winner, np.int32), np.asarray(share, np.float32)


@njit(cache=True)
def _count_ballots(ballots):  # type: ignore[no-untyped-def]
    n, k = ballots.shape
    winner = np.full(n, -1, np.int32)
    share = np.zeros(n, np.float32)
    for i in range(n):
        best = 0
        for j in range(k):
            label = ballots[i, j]
            if label < 0:
                continue
            count = 0
            for m in range(k):
                if ballots[i, m] == label:
                    count += 1
            if count > best:
                best = count
                winner[i] = label
        share[i] = best / k
    return winner, share
