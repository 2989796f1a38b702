"""Compiled steps of growing a spanning tree from a forest.

Points are the slots of :class:`napari_brain_atlas.compute.boxes.Boxes`. ``tree`` is the
number of the tree that each is in, -1 for an empty slot; distances are squared.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_NEVER = np.float32(np.inf)


@njit(cache=True, nogil=True)
def look_around(neighbors, squares, core, nearest, reach, floor, tree, first, stop):  # type: ignore[no-untyped-def]
    """Read each slot's nearest point of another tree from its own neighbors.

    `nearest`, `reach` and `floor` are written for the slots `first` to `stop`: that point
    or -1, its mutual reachability, and what no point of another tree is nearer than.
    """
    last = neighbors.shape[1] - 1
    for slot in range(first, stop):
        own = tree[slot]
        if own < 0:
            continue
        known = nearest[slot]
        if known >= 0 and tree[known] != own and reach[slot] <= floor[slot]:
            continue
        shortest, who = _NEVER, -1
        for k in range(last + 1):
            other = neighbors[slot, k]
            if tree[other] != own:
                way = max(squares[slot, k], core[slot], core[other])
                if way < shortest:
                    shortest, who = way, other
        nearest[slot], reach[slot] = who, shortest
        floor[slot] = max(floor[slot], min(shortest, squares[slot, last]))


@njit(cache=True, nogil=True)
def shorten(slots, ways, tree, best, giver):  # type: ignore[no-untyped-def]
    """Lower each tree's shortest way out, and say which slot gives it; the first of equals."""
    for i in range(len(slots)):
        own = tree[slots[i]]
        if ways[i] < best[own]:
            best[own] = ways[i]
            giver[own] = slots[i]


@njit(cache=True, nogil=True)
def summarize(core, tree, box_core, box_tree):  # type: ignore[no-untyped-def]
    """Write each box's smallest core distance, and the tree it lies in as a whole, else -1."""
    n_boxes = len(box_core)
    n_leaves = (n_boxes + 1) // 2
    per_leaf = len(core) // n_leaves
    for box in range(n_boxes - 1, -1, -1):
        if box < n_leaves - 1:
            a, b = 2 * box + 1, 2 * box + 2
            one = box_tree[a] if box_tree[a] == box_tree[b] else -1
            least = min(box_core[a], box_core[b])
        else:
            start = (box - n_leaves + 1) * per_leaf
            one, least = tree[start], core[start]
            for slot in range(start + 1, start + per_leaf):
                if tree[slot] < 0:
                    break
                least = min(least, core[slot])
                if tree[slot] != one:
                    one = -1
        box_core[box], box_tree[box] = least, one


@njit(cache=True, nogil=True)
def unite(root, giver, nearest, tree):  # type: ignore[no-untyped-def]
    """Join every tree to the one that its giver is nearest to.

    Equal ways may close a ring, whose last edge is left out: another tree of the ring
    has an edge of the same length in it.

    Returns
    -------
    (n_trees,) bool
        Trees whose edge was used. `root` then names the joined trees.
    """
    used = np.zeros(len(giver), np.bool_)
    for own in range(len(giver)):
        a, b = _root(root, own), _root(root, tree[nearest[giver[own]]])
        if a != b:
            root[max(a, b)] = min(a, b)
            used[own] = True
    for own in range(len(giver)):
        root[own] = _root(root, own)
    return used


@njit(cache=True, nogil=True)
def merges(edges, lengths):  # type: ignore[no-untyped-def]
    """Single-linkage tree of edges in ascending length, (n - 1, 4) float64."""
    n = len(edges) + 1
    root = np.arange(2 * n - 1)
    size = np.ones(2 * n - 1)
    linkage = np.empty((n - 1, 4))
    for row in range(n - 1):
        a, b = _root(root, edges[row, 0]), _root(root, edges[row, 1])
        node = n + row
        root[a] = root[b] = node
        size[node] = size[a] + size[b]
        linkage[row, 0], linkage[row, 1] = a, b
        linkage[row, 2], linkage[row, 3] = lengths[row], size[node]
    return linkage


@njit(cache=True, nogil=True)
def _root(root, i):  # type: ignore[no-untyped-def]
    while root[i] != i:
        root[i] = root[root[i]]
        i = root[i]
    return i
