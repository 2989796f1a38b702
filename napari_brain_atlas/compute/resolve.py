"""An owner and a confidence for every cell: noise is never the answer."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_brain_atlas.compute.ballots import majority, poll
from napari_brain_atlas.compute.blurring import nearest_points
from napari_brain_atlas.compute.neighbors import nearest_cells
from napari_brain_atlas.compute.speckles import absorb_speckles, cell_area, cells_in, kept_alive
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.hierarchy import Cut, Hierarchy
from napari_brain_atlas.model.progress import Progress, silent

VOTERS = 15
# A given number of neighborhoods is parted without a look at the section, so that its
# borders are rougher than those of a tree: more neighbors vote, and again on the outcome.
SETTLING_VOTERS = 20
SETTLING_ROUNDS = 2
PIECE_CELLS = 10
"""Cells of the smallest piece that stays, where no area is given; decision 0015."""
NEAREST_CLUSTERED = 15
COMPARED_POINTS = 20_000  # At most so many clustered points noise is compared with.


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
    neighbors: NDArray[np.int32] | None = None,
    smallest_piece: float | None = None,
    progress: Progress = silent,
) -> Resolution:
    """Give noise to the nearest clusters, let the nearest cells vote, and absorb speckles.

    Parameters
    ----------
    hierarchy : Hierarchy
        The tree that the cut was read from.
    cells : (n,) int64, optional
        Cells under the hierarchy, ascending, in atlas order; all of them by default.
    n_voters : int
        Nearest cells of the section that vote, besides the cell itself.
    neighbors : (n_cells, n_voters) int32, optional
        What :func:`atlas_neighbors` found, so that live cuts need not search again;
        only for all cells.
    smallest_piece : float, optional
        As for :func:`vote`.

    Returns
    -------
    Resolution
        In the order of the hierarchy's cells.
    """
    labels, strengths = place_noise(hierarchy, cut)
    owner, confidence = vote(
        atlas,
        labels,
        strengths,
        cells=cells,
        n_voters=n_voters,
        rounds=1,
        neighbors=neighbors,
        smallest_piece=smallest_piece,
        progress=progress,
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
    points = hierarchy.centers
    k = min(NEAREST_CLUSTERED, len(clustered))
    nearest = nearest_points(points[noise], points[clustered], k)
    labels = labels.copy()
    labels[noise], share = majority(labels[clustered][nearest])
    strengths[noise] = 0.5 * share
    return labels[hierarchy.point_of_cell], strengths[hierarchy.point_of_cell]


def vote(
    atlas: Atlas,
    labels: NDArray[np.int32],
    strengths: NDArray[np.float32],
    *,
    cells: NDArray[np.int64] | None = None,
    n_voters: int = SETTLING_VOTERS,
    rounds: int = SETTLING_ROUNDS,
    neighbors: NDArray[np.int32] | None = None,
    smallest_piece: float | None = None,
    progress: Progress = silent,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Let the nearest cells of the section vote on every cell's owner; absorb speckles.

    No owner vanishes by it: one that would keeps its cells on the section where it has most.

    Parameters
    ----------
    labels : (n,) int32
        -1 does not vote.
    strengths : (n,) float32
    cells : (n,) int64, optional
        Which cells these are, ascending, in atlas order; all of them by default. Only
        they vote.
    n_voters : int
        Nearest cells that vote, besides the cell itself.
    rounds : int
        How often; each time on the outcome of the last.
    neighbors : (n_cells, n_voters) int32, optional
        As for :func:`resolve`.
    smallest_piece : float, optional
        Area of the smallest piece that stays, in µm², or where the size of a unit is not
        known in areas of a cell; 0 leaves all. By default that of `PIECE_CELLS` cells.

    Returns
    -------
    owner : (n,) int32
    confidence : (n,) float32
    """
    cells = np.arange(atlas.n_cells) if cells is None else cells
    starts = np.searchsorted(cells, atlas.section_starts)
    owner, agreement = labels.copy(), np.ones(len(labels), np.float32)

    def settle(span: tuple[int, int]) -> int:
        here = slice(*span)
        xy = atlas.xy[cells[here]]
        if neighbors is None:
            nearest, first = nearest_cells(xy, n_voters)[0][:, 1:], 0
        else:
            nearest, first = neighbors[here], span[0]
        polled, share = _poll_rounds(labels[here], nearest, first, rounds)
        least = PIECE_CELLS
        if smallest_piece is not None:
            area = cell_area(xy, nearest, first) if atlas.unit.name != "px" else 1.0
            least = cells_in(smallest_piece, area)
        owner[here], agreement[here] = _absorbed(polled, share, nearest, first, least)
        return span[1]

    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        for done in pool.map(settle, (span for span in pairwise(starts) if span[0] < span[1])):
            progress("Settling borders", done / max(len(cells), 1))
    stays = kept_alive(owner, labels, starts)
    owner[stays] = labels[stays]
    # A cell that the vote moved belongs to its new owner by its surroundings only.
    membership = np.where(owner == labels, strengths, 0.5 * agreement)
    return owner, np.sqrt(membership * agreement).astype(np.float32)


def warm() -> None:
    """Compile what settling borders needs, so that nothing compiles under the user's hand."""
    near = np.arange(12, dtype=np.int32).reshape(6, 2) % 6
    for writeable in ((True, True), (True, False), (False, True), (False, False)):
        labels = np.arange(6, dtype=np.int32) % 2
        labels.flags.writeable, near.flags.writeable = writeable
        owner, share = _poll_rounds(labels, near, 0, 1)
        _absorbed(owner, share, near, 0, 3)
    majority(near)


def _absorbed(
    owner: NDArray[np.int32], share: NDArray[np.float32], nearest: NDArray[np.int32], first: int,
    least: int,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:  # fmt: skip
    """Owners without speckles; what was moved agrees with those around it that it came to."""
    after = absorb_speckles(owner, nearest, least, first)
    if after is not owner:
        _share_again(owner, after, nearest, first, share)
    return after, share


def _poll_rounds(
    labels: NDArray[np.int32], nearest: NDArray[np.int32], first: int, rounds: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    owner, agreement = labels, np.ones(len(labels), np.float32)
    for _ in range(rounds):
        owner, agreement = poll(owner, nearest, first)
    return owner, agreement


def _first_cells(hierarchy: Hierarchy) -> NDArray[np.int64]:
    first = np.empty(len(hierarchy.weights), np.int64)
    # Backwards, so that the first cell of a point is the last that is written.
    first[hierarchy.point_of_cell[::-1]] = np.arange(hierarchy.n_cells - 1, -1, -1)
    return first


@njit(cache=True, nogil=True)
def _share_again(before, after, nearest, first, share):  # type: ignore[no-untyped-def]
    """Put right the shares of cells with another owner than before."""
    for i in range(len(after)):
        if after[i] == before[i]:
            continue
        alike, known = 0, 0
        for row in nearest[i]:
            if row >= first:
                known += 1
                alike += after[row - first] == after[i]
        share[i] = alike / max(known, 1)
