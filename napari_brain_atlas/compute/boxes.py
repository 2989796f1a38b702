"""Points in nested boxes: who is near whom, by compiled code.

A k-d tree (Bentley 1975) split at medians, each box drawn tightly around its points.
Leaves hold their points dimension by dimension, so that the distances to all points of a
leaf are computed together. A surrounding changes gradually from cell to cell, so an
embedding fills few of its dimensions and most boxes are never opened.

Distances are squared, in single precision, and taken between the coordinates themselves:
they are right to a few units of the last digit, however small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

SLOTS = 8
# Sums may be taken in any order; infinity keeps its meaning.
_SUMS = {"contract", "reassoc", "nsz"}
_NEVER = np.float32(np.inf)


@dataclass(frozen=True, slots=True)
class Boxes:
    """Points in nested boxes; box i holds boxes 2 i + 1 and 2 i + 2.

    Attributes
    ----------
    coordinates : (n_leaves, d, SLOTS) float32
        Of the points of each leaf; infinity where a slot is empty.
    point : (n_leaves * SLOTS,) int64
        Point in each slot, -1 where it is empty.
    low, high : (2 * n_leaves - 1, d) float32
        Corners of the boxes; leaves come last.
    """

    coordinates: NDArray[np.float32]
    point: NDArray[np.int64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]


def boxes_of(points: NDArray[np.float32]) -> Boxes:
    """Sort points into boxes.

    Parameters
    ----------
    points : (n, d) float32
        At least one.
    """
    n, d = points.shape
    n_leaves = 1
    while n > SLOTS * n_leaves:
        n_leaves *= 2
    n_boxes = 2 * n_leaves - 1
    low, high = np.empty((n_boxes, d), np.float32), np.empty((n_boxes, d), np.float32)
    order = np.arange(n)
    starts, stops = np.zeros(n_boxes, np.int64), np.full(n_boxes, n, np.int64)
    _split(points, order, starts, stops, low, high)
    point = np.full((n_leaves, SLOTS), -1, np.int64)
    coordinates = np.full((n_leaves, d, SLOTS), np.inf, np.float32)
    _fill(points, order, starts, stops, point, coordinates)
    return Boxes(coordinates, point.ravel(), low, high)


@njit(cache=True, nogil=True)
def _split(points, order, starts, stops, low, high):  # type: ignore[no-untyped-def]
    n_boxes, d = low.shape
    for box in range(n_boxes):
        start, stop = starts[box], stops[box]
        widest, width = 0, np.float32(-1)
        for k in range(d):
            least = points[order[start], k]
            most = least
            for i in range(start + 1, stop):
                value = points[order[i], k]
                least = min(least, value)
                most = max(most, value)
            low[box, k] = least
            high[box, k] = most
            if most - least > width:
                widest, width = k, most - least
        if 2 * box + 1 >= n_boxes:
            continue
        middle = (start + stop) // 2
        if width > 0:
            inside = order[start:stop]
            along = np.empty(stop - start, np.float32)
            for i in range(stop - start):
                along[i] = points[inside[i], widest]
            order[start:stop] = inside[np.argsort(along)]
        starts[2 * box + 1], stops[2 * box + 1] = start, middle
        starts[2 * box + 2], stops[2 * box + 2] = middle, stop


@njit(cache=True, nogil=True)
def _fill(points, order, starts, stops, point, coordinates):  # type: ignore[no-untyped-def]
    n_leaves, d, _ = coordinates.shape
    for leaf in range(n_leaves):
        start, stop = starts[n_leaves - 1 + leaf], stops[n_leaves - 1 + leaf]
        for i in range(start, stop):
            point[leaf, i - start] = order[i]
            for k in range(d):
                coordinates[leaf, k, i - start] = points[order[i], k]


@njit(cache=True, nogil=True, fastmath=_SUMS, inline="always")
def _to_box(here, low, high, box):  # type: ignore[no-untyped-def]
    total = np.float32(0)
    for k in range(len(here)):
        gap = max(low[box, k] - here[k], here[k] - high[box, k], np.float32(0))
        total += gap * gap
    return total


@njit(cache=True, nogil=True, fastmath=_SUMS, inline="always")
def _to_leaf(here, coordinates, leaf, far):  # type: ignore[no-untyped-def]
    for j in range(SLOTS):
        far[j] = np.float32(0)
    for k in range(len(here)):
        x = here[k]
        for j in range(SLOTS):
            gap = coordinates[leaf, k, j] - x
            far[j] += gap * gap


@njit(cache=True, nogil=True, fastmath=_SUMS)
def nearest_slots(coordinates, point, low, high, first, stop, nearest, squares):  # type: ignore[no-untyped-def]
    """Find the nearest other points of the points in slots `first` to `stop`.

    Written to `nearest`, (n_slots, k) int32, slots, and `squares`, (n_slots, k) float32,
    nearest first.
    """
    n_leaves, d, _ = coordinates.shape
    k_nearest = nearest.shape[1]
    here = np.empty(d, np.float32)
    far = np.empty(SLOTS, np.float32)
    stack = np.empty(128, np.int64)
    bounds = np.empty(128, np.float32)
    for slot in range(first, stop):
        if point[slot] < 0:
            continue
        for k in range(d):
            here[k] = coordinates[slot // SLOTS, k, slot % SLOTS]
        best, who = squares[slot], nearest[slot]
        for k in range(k_nearest):
            best[k] = _NEVER
            who[k] = -1
        worst = _NEVER
        depth = 1
        stack[0], bounds[0] = 0, np.float32(0)
        while depth:
            depth -= 1
            box = stack[depth]
            if bounds[depth] >= worst:
                continue
            while box < n_leaves - 1:
                near, other = 2 * box + 1, 2 * box + 2
                a = _to_box(here, low, high, near)
                b = _to_box(here, low, high, other)
                if b < a:
                    near, other, a, b = other, near, b, a
                if b < worst:
                    stack[depth], bounds[depth] = other, b
                    depth += 1
                if a >= worst:
                    box = -1
                    break
                box = near
            if box < 0:
                continue
            leaf = box - (n_leaves - 1)
            _to_leaf(here, coordinates, leaf, far)
            for j in range(SLOTS):
                if far[j] < worst and leaf * SLOTS + j != slot:
                    place = k_nearest - 1
                    while place > 0 and best[place - 1] > far[j]:
                        best[place] = best[place - 1]
                        who[place] = who[place - 1]
                        place -= 1
                    best[place] = far[j]
                    who[place] = leaf * SLOTS + j
                    worst = best[k_nearest - 1]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def nearest_foreign(  # type: ignore[no-untyped-def]
    coordinates, low, high, core, tree, box_tree, box_core, asked, bounds, found, squares
):
    """Find the nearest point of another tree, by mutual reachability below a bound.

    Parameters
    ----------
    core : (n_slots,) float32
        Squared core distances.
    tree : (n_slots,) int32
        The tree that each point is in, -1 for an empty slot.
    box_tree : (n_boxes,) int32
        The tree that a box lies in as a whole, else -1.
    box_core : (n_boxes,) float32
        Smallest squared core distance in a box.
    asked : (m,) int64
        Slots.
    bounds : (m,) float32
        Squared; only nearer points are looked for.
    found : (m,) int32
        Written: the slot, -1 where there is none.
    squares : (m,) float32
        Written: squared mutual reachability, the bound where there is none.
    """
    n_leaves, d, _ = coordinates.shape
    here = np.empty(d, np.float32)
    far = np.empty(SLOTS, np.float32)
    stack = np.empty(128, np.int64)
    to_stack = np.empty(128, np.float32)
    for row in range(len(asked)):
        slot = asked[row]
        own, own_core = tree[slot], core[slot]
        worst = bounds[row]
        who = -1
        for k in range(d):
            here[k] = coordinates[slot // SLOTS, k, slot % SLOTS]
        depth = 1
        stack[0], to_stack[0] = 0, own_core
        while depth:
            depth -= 1
            box = stack[depth]
            if to_stack[depth] >= worst or box_tree[box] == own:
                continue
            while box < n_leaves - 1:
                near, other = 2 * box + 1, 2 * box + 2
                a = b = _NEVER
                if box_tree[near] != own and box_core[near] < worst:
                    a = max(_to_box(here, low, high, near), own_core)
                if box_tree[other] != own and box_core[other] < worst:
                    b = max(_to_box(here, low, high, other), own_core)
                if b < a:
                    near, other, a, b = other, near, b, a
                if b < worst:
                    stack[depth], to_stack[depth] = other, b
                    depth += 1
                if a >= worst:
                    box = -1
                    break
                box = near
            if box < 0:
                continue
            leaf = box - (n_leaves - 1)
            _to_leaf(here, coordinates, leaf, far)
            for j in range(SLOTS):
                at = leaf * SLOTS + j
                if far[j] < worst and tree[at] != own:
                    reach = max(far[j], core[at], own_core)
                    if reach < worst:
                        worst, who = reach, at
        found[row] = who
        squares[row] = worst
