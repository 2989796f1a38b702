"""Isolated speckles and holes: pieces of a neighborhood that are too small to mean anything."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_brain_atlas.compute.tallies import tally

LINKED = 6
"""Nearest cells with which a cell hangs together, where they have the same owner."""
_ROUNDS = 4
Owners = NDArray[np.int32]


def absorb_speckles(
    owner: Owners, nearest: NDArray[np.int32], least: int, first: int = 0
) -> Owners:
    """Give small pieces to what surrounds them.

    A piece is what hangs together on a section: cells of one owner that are among each
    other's `LINKED` nearest. One of fewer than `least` cells goes to the owner of most of
    the cells around it; larger pieces are asked first, and small ones only where there is
    nothing else. So holes are filled by what they lie in, too. What has no cells of others
    around it stays.

    Parameters
    ----------
    owner : (n_cells,) int32
        -1 is nobody's: such cells neither are absorbed nor absorb.
    nearest : (n_cells, k) int32
        Rows of the cells nearest to each on its section, nearest first; less than `first`
        for none.
    least : int
        Cells of the smallest piece that stays.
    first : int
        The row that the first of these cells has.

    Returns
    -------
    (n_cells,) int32
        `owner` itself where nothing is absorbed.
    """
    if least <= 1 or not len(owner):
        return owner
    now = owner
    pieces = np.arange(len(owner), dtype=np.int32)
    linked = pieces.copy()
    for turn in range(_ROUNDS):
        _join(pieces, now, nearest, first, linked)
        rows = _small_pieces(pieces, now, least)
        small = np.zeros(len(owner), np.bool_)
        small[rows] = True
        by_piece = rows[np.argsort(pieces[rows], kind="stable")]
        changed, after = _absorbed(now, nearest, first, pieces, small, by_piece)
        if not changed:
            break
        now = after
        # All others hang together as before; none that is large becomes small.
        pieces[rows] = rows
        if turn == 0:
            linked = _linked_to(small, nearest, first)
    return now


def kept_alive(
    owner: Owners, before: Owners, section_starts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Cells that must stay as they were, so that nobody has vanished from all sections.

    Parameters
    ----------
    owner, before : (n_cells,) int32
    section_starts : (n_sections + 1,) int64
        First cell of each section.

    Returns
    -------
    (n_cells,) bool
        All cells of an owner that has vanished, on the section where it had most.
    """
    n = int(before.max(initial=-1)) + 1
    had, has = tally(before, n), tally(owner, n)
    gone = np.flatnonzero((had > 0) & (has == 0))
    stays = np.zeros(len(owner), bool)
    for label in gone.tolist():
        rows = np.flatnonzero(before == label)
        sections = np.searchsorted(section_starts, rows, side="right")
        stays[rows[sections == np.bincount(sections).argmax()]] = True
    return stays


def cells_in(area: float, cell_area: float) -> int:
    """How many cells an area holds; both in the same unit. 0 where that is not known."""
    return int(np.ceil(area / cell_area)) if area > 0 and np.isfinite(cell_area) else 0


def cell_area(xy: NDArray[np.float32], nearest: NDArray[np.int32], first: int = 0) -> float:
    """Area of the tissue that one cell stands for, on one section.

    From the circle that just holds the cells nearest to a cell, of which the median is
    taken: empty space around the tissue does not count.

    Parameters
    ----------
    xy : (n_cells, 2) float32
    nearest : (n_cells, k) int32
    first : int
        As above.

    Returns
    -------
    float
        In the square of the unit of `xy`; infinite where cells have no neighbors or
        share one place.
    """
    last = (nearest >= first).sum(axis=1) if nearest.shape[1] else np.zeros(len(xy), int)
    rows = np.flatnonzero(last)
    if not len(rows):
        return np.inf
    # Some thousands tell a median well enough.
    rows = rows[:: -(-len(rows) // 5000)]
    away = xy[rows] - xy[nearest[rows, last[rows] - 1] - first]
    area = float(np.median(np.pi * (away**2).sum(axis=1) / last[rows]))
    return area if area > 0 else np.inf


@njit(cache=True, nogil=True)
def _root(parents, i):  # type: ignore[no-untyped-def]
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i


@njit(cache=True, nogil=True)
def _linked_to(small, nearest, first):  # type: ignore[no-untyped-def]
    """The cells of small pieces, and those that have one among their nearest; ascending."""
    rows = np.empty(len(small), np.int32)
    n = 0
    for i in range(len(small)):
        met = small[i]
        for j in range(min(LINKED, nearest.shape[1])):
            other = nearest[i, j] - first
            met |= other >= 0 and small[other]
        if met:
            rows[n] = i
            n += 1
    return rows[:n]


@njit(cache=True, nogil=True)
def _join(pieces, owner, nearest, first, cells):  # type: ignore[no-untyped-def]
    """Join what the links of these cells hold together, and name pieces by their first cell."""
    for i in cells:
        mine = _root(pieces, i)
        for j in range(min(LINKED, nearest.shape[1])):
            other = nearest[i, j] - first
            if other < 0 or owner[other] != owner[i] or pieces[other] == mine:
                continue
            its = _root(pieces, other)
            # The lower one wins, so that names do not depend on the order.
            if its < mine:
                pieces[mine] = its
                mine = its
            else:
                pieces[its] = mine
            pieces[other] = mine
        pieces[i] = mine
    for i in range(len(owner)):
        pieces[i] = _root(pieces, i)


@njit(cache=True, nogil=True)
def _small_pieces(pieces, owner, least):  # type: ignore[no-untyped-def]
    """Owned cells of pieces that are too small, ascending."""
    sizes = np.zeros(len(pieces), np.int32)
    for piece in pieces:
        sizes[piece] += 1
    rows = np.empty(len(pieces), np.int32)
    n = 0
    for i in range(len(pieces)):
        if sizes[pieces[i]] < least and owner[i] >= 0:
            rows[n] = i
            n += 1
    return rows[:n]


@njit(cache=True, nogil=True)
def _absorbed(owner, nearest, first, pieces, small, rows):  # type: ignore[no-untyped-def]
    """Give each small piece to most of what is around, `rows` by piece; whether any moved."""
    changed, after = False, owner.copy()
    votes = np.zeros(owner.max() + 1, np.int64)
    start = 0
    while start < len(rows):
        stop = start + 1
        while stop < len(rows) and pieces[rows[stop]] == pieces[rows[start]]:
            stop += 1
        piece = rows[start:stop]
        best = _around(owner, nearest, first, piece, small, False, votes)
        if best < 0:
            best = _around(owner, nearest, first, piece, small, True, votes)
        if best >= 0:
            changed = True
            for cell in piece:
                after[cell] = best
        start = stop
    return changed, after


@njit(cache=True, nogil=True)
def _around(owner, nearest, first, piece, small, of_small, votes):  # type: ignore[no-untyped-def]
    """Owner of most cells around a piece, the lowest of equal ones; -1 where there are none."""
    best, most = -1, 0
    for cell in piece:
        for row in nearest[cell]:
            other = row - first
            if other < 0 or (small[other] and not of_small):
                continue
            if owner[other] >= 0 and owner[other] != owner[cell]:
                votes[owner[other]] += 1
    for cell in piece:
        for row in nearest[cell]:
            other = row - first
            if other < 0 or owner[other] < 0:
                continue
            count = votes[owner[other]]
            if count > most or (count == most and count > 0 and owner[other] < best):
                best, most = owner[other], count
    for cell in piece:
        for row in nearest[cell]:
            other = row - first
            if other >= 0 and owner[other] >= 0:
                votes[owner[other]] = 0
    return best
